package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/crawler"
)

// A rate is exceeded by more than so many of a hundred, not by just as many.
func TestFailOnRate(t *testing.T) {
	t.Parallel()
	for percent := range int64(101) {
		on := config.FailOn{Kind: "rate", Share: float64(percent) / 100}
		for _, more := range []int64{0, 1} {
			s := crawler.Summary{Broken: percent + more, Statuses: map[string]int64{"404": percent + more, "200": 100 - percent - more}}
			v, want := judge(t.Context(), &s, on), 0
			if more > 0 {
				want = exitExceeded
			}
			if v.code != want || want != 0 && !strings.HasPrefix(v.why, fmt.Sprintf("--fail-on rate:%d%%: ", percent)) {
				t.Errorf("%d of 100 at %d%%: %d, %q; want %d", s.Broken, percent, v.code, v.why, want)
			}
		}
	}
}
