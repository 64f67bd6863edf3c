package trap

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// listed is a site of so many pages, all of them on its index, and the last of
// them may lead somewhere else. Each has a title and a text of its own.
func listed(pages int, last ...string) web {
	return func(u weburl.URL) (a answer) {
		n := number(u)
		a.title, a.text = fmt.Sprint("Page ", n), words(n, 60)
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
			if more := len(out.fetched) - reals; more > 500 {
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
	if g.Attends(weburl.FromCanonical("https://example.org/real/1"), 200, 0) {
		t.Error("what is no longer parked is still read for")
	}
}

// A space that has a site's own pages again ends as well, though most of these
// were not read: it is known by their titles.
func TestCopiesOfWhatWasNotRead(t *testing.T) {
	const reals = 6000
	site := listed(reals, "/real/1?sid="+session())
	both := func(u weburl.URL) answer {
		if u.Query() == "" {
			return site(u)
		}
		a := site(weburl.FromCanonical("https://example.org" + u.Path()))
		a.links = nil
		for id := session(); len(a.links) < 10; {
			a.links = append(a.links, fmt.Sprintf("/real/%d?sid=%s", rand.IntN(reals)+1, id))
		}
		return a
	}
	out := crawl(t, New(Options{Mode: On}), both, 3*reals, "https://example.org/")
	if more := len(out.fetched) - reals; more > 500 {
		t.Errorf("%d fetches beyond the site; parked: %q", more, out.parked)
	}
}

// Pages that have their title from the site are not taken for copies.
func TestOneTitleForAll(t *testing.T) {
	const reals, news = 3000, 1000
	site := listed(reals, "/news/1")
	both := func(u weburl.URL) (a answer) {
		a = site(u)
		if n := number(u); strings.HasPrefix(u.Path(), "/news/") {
			a.text, a.links = words(reals+n, 60), []string{fmt.Sprintf("/news/%d", min(n+1, news))}
		}
		if n := number(u); n == reals-1 || strings.HasPrefix(u.Path(), "/news/") {
			a.title = "News" // of one page that was not read, too
		}
		return a
	}
	out := crawl(t, New(Options{Mode: On}), both, 3*reals, "https://example.org/")
	if len(out.fetched) != 1+reals+news || len(out.trapped) > 0 {
		t.Errorf("%d pages, %d trapped; parked: %q", len(out.fetched), len(out.trapped), out.parked)
	}
}

// What a page links to that was not read is as hopeful as what one links to that
// has new text, also when much around it is parked since.
func TestRealPagesFoundOnUnreadOnes(t *testing.T) {
	g := New(Options{Mode: On})
	at := func(path string) weburl.URL { return weburl.FromCanonical("https://example.org" + path) }
	g.Learn(at("/"), weburl.URL{}, Observation{Status: 200, Simhash: 1})
	for range 2 * growthStretch {
		g.Attends(at("/"), 200, 0)
	}
	if g.Attends(at("/docs/index.html"), 200, 0) {
		t.Fatal("a page of a site that does not grow is read")
	}
	const pattern = "https://example.org/docs/**.html"
	g.park(keyOf(pattern), pattern)
	if v := g.Judge(at("/docs/news.html"), at("/docs/index.html")); v.Trapped {
		t.Errorf("a link of a page that was not read is trapped: %s", v.Detail)
	}
	if v := g.Judge(at("/docs/more.html"), at("/docs/other.html")); !v.Trapped {
		t.Error("a link of a page that nothing is known of is not trapped")
	}
}

// A space that was added to a site is found when all else is fetched again, which
// is no growth: here it has one page of thirty.
func TestASpaceBesideWhatIsKnown(t *testing.T) {
	const levels, posts = 300, 60
	type job struct{ url, via weburl.URL }
	at := func(format string, n ...any) weburl.URL {
		return weburl.FromCanonical("https://example.org" + fmt.Sprintf(format, n...))
	}
	g, due, ofSpace := New(Options{Mode: On}), []job{}, 0
	for level := range levels { // breadth first: a level's posts, and what the calendar's last pages led to
		for post := range posts {
			due = append(due, job{at("/post/%d", level*posts+post), at("/list/%d", level)})
		}
		var found []job
		for _, j := range due {
			if g.Judge(j.url, j.via).Trapped {
				continue
			}
			a := answer{text: words(j.url.Fingerprint(), 60)}
			var week int
			if _, err := fmt.Sscanf(j.url.Path(), "/week/%d", &week); err == nil {
				a = answer{text: maze, links: []string{fmt.Sprintf("/week/%d", week+1), fmt.Sprintf("/week/%d/print", week+1)}}
				ofSpace++
			} else if level == 40 && len(found) == 0 {
				a.links = []string{"/week/1"}
			}
			if g.Attends(j.url, 200, 0) {
				g.Learn(j.url, j.via, Observation{Status: 200, Simhash: TextHash(a.page())})
			}
			if strings.HasSuffix(j.url.Path(), "/print") {
				continue
			}
			for _, l := range a.links {
				if u := at("%s", l); !g.Admit(u, j.url).Trapped {
					found = append(found, job{u, j.url})
				}
			}
		}
		due = found
	}
	if ofSpace > 500 {
		t.Errorf("%d fetches of the space; parked: %q", ofSpace, g.Parked())
	}
	t.Logf("%d fetches of the space; parked: %q", ofSpace, g.Parked())
}

func TestAPatternThatIsListedTwice(t *testing.T) {
	const pattern = "https://example.org/maze/**"
	g := New(Options{Mode: On, Parked: []string{pattern, pattern}})
	if got := g.Parked(); len(got) != 1 {
		t.Errorf("parked: %q", got)
	}
	if !g.Unpark(pattern) || g.Unpark(pattern) || g.Unpark("") || len(g.wary) > 0 {
		t.Errorf("parked: %q; wary: %v", g.Parked(), g.wary)
	}
}

func TestOriginOf(t *testing.T) {
	for _, s := range []string{
		"http://[::1]:8080/a/b?x=1&y=2", "https://example.org/", "https://example.org/a//b?u=http://x/y", "https://example.org:444/://x?a=://b",
	} {
		var u shape
		u.of(weburl.FromCanonical(s))
		for i := range u.groups {
			if pattern := u.pattern(&u.groups[i]); originOf(pattern) != u.url.Origin() {
				t.Errorf("%q is of %q, want %q", pattern, originOf(pattern), u.url.Origin())
			}
		}
	}
}
