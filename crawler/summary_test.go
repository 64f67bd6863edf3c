package crawler

import (
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// A URL that is in no state is told of, with how many there are.
func TestWhatIsUnaccountedForIsTold(t *testing.T) {
	n := frontier.Counts{Known: 10, Queued: 1, Leased: 1, Fetched: 3, Failed: 2, Skipped: 3}
	if err := accounted(n); err != nil {
		t.Errorf("%+v: %v", n, err)
	}
	for off, known := range map[string]int64{"2 URLs are unaccounted for": 12, "-1 URLs are unaccounted for": 9} {
		n.Known = known
		if err := accounted(n); err == nil || !strings.HasPrefix(err.Error(), off) {
			t.Errorf("%+v: %v, want %s", n, err, off)
		}
	}
}
