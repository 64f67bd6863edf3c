package wire

import (
	"testing"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/fetch/zoo"
)

// Each case of the hostile web is a test, of the parts that any crawl is made of.
func TestZoo(t *testing.T) {
	t.Parallel()
	cases := zoo.Cases()
	wrong, err := CheckZoo(t.Context(), "127.0.0.1:0", cases, &config.New("trawl/test").Settings)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if err := wrong[c.Name]; err != nil {
				t.Errorf("%s: %v", c.Does, err)
			}
		})
	}
}

// A case that is not as it should be is found out.
func TestZooFails(t *testing.T) {
	t.Parallel()
	var cases []zoo.Case
	for _, c := range zoo.Cases() {
		switch c.Name {
		case "redirect-308":
			cases = append(cases, c)
		case "redirect-relative":
			c.Want = []zoo.Want{{Outcome: []string{"skipped"}}}
			cases = append(cases, c)
		}
	}
	wrong, err := CheckZoo(t.Context(), "127.0.0.1:0", cases, &config.New("trawl/test").Settings)
	if err != nil || len(wrong) != 1 || wrong["redirect-relative"] == nil {
		t.Errorf("wrong are %v, %v; want redirect-relative", wrong, err)
	}
}
