package trap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// listed is a site of so many pages, all of them on its index, and the last of
// them may lead somewhere else.
func listed(pages int, last ...string) web {
	return func(u weburl.URL) (a answer) {
		n := number(u)
		a.text = words(n, 60)
		switch {
		case u.RequestURI() == "/":
			for i := range pages {
				a.links = append(a.links, fmt.Sprintf("/real/%d", i+1))
			}
		case int(n) == pages:
			a.links = last
		default:
			a.links = []string{fmt.Sprintf("/real/%d", n+1)}
		}
		return a
	}
}

// Once a site has shown all of its URLs, its pages are read no more.
func TestWhatDoesNotGrowIsNotRead(t *testing.T) {
	out := crawl(t, New(Options{Mode: On}), listed(6000), 10_000, "https://example.org/")
	if len(out.fetched) != 6001 || len(out.trapped) > 0 {
		t.Errorf("%d pages, %d trapped", len(out.fetched), len(out.trapped))
	}
	// The index counts in the first stretch: there is hardly any growth from the third on.
	if most := 3 * growthStretch; out.read > most || out.read < growthStretch {
		t.Errorf("%d pages were read, want at most %d", out.read, most)
	}
}

// An endless space is found behind a large site, too: it grows.
func TestEndlessSpacesEndBehindALargeSite(t *testing.T) {
	const reals = 6000
	for name, space := range spaces() {
		t.Run(name, func(t *testing.T) {
			site := listed(reals, "/?begin=1")
			both := func(u weburl.URL) answer {
				if u.RequestURI() == "/" || strings.HasPrefix(u.Path(), "/real/") {
					return site(u)
				}
				return space(u)
			}
			out := crawl(t, New(Options{Mode: On}), both, 2*reals, "https://example.org/")
			t.Logf("%d fetches, %d read", len(out.fetched), out.read)
			// What it is asked for while nobody reads is half a percent of the site.
			if more := len(out.fetched) - reals; more > 550 {
				t.Errorf("%d fetches beyond the site; parked: %q", more, out.parked)
			}
		})
	}
}

// Where something is parked all is read: whether a URL in it is fetched depends
// on the page that it was found on.
func TestAllIsReadWhereSomethingIsParked(t *testing.T) {
	g := New(Options{Mode: On, Parked: []string{"https://example.org/maze/**"}})
	out := crawl(t, g, listed(3000), 10_000, "https://example.org/")
	if out.read != len(out.fetched) {
		t.Errorf("%d of %d pages read", out.read, len(out.fetched))
	}
	g.Unpark("https://example.org/maze/**")
	if g.Attends(weburl.FromCanonical("https://example.org/real/1"), 200) {
		t.Error("what is no longer parked is still read for")
	}
}
