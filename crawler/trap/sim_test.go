package trap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// web is a made-up site: what it answers for a URL.
type web func(u weburl.URL) answer

type answer struct {
	status   int // 0 is 200
	title    string
	text     string
	links    []string
	location string // of a redirect
}

// outcome is what became of a crawl of a web.
type outcome struct {
	fetched []string
	read    int      // of these
	parked  []string // patterns
	trapped []string // URLs, with the rule
}

// crawl fetches a web breadth first, as the engine does. Admission and the
// fetch itself are asked about, redirects are followed ten times in a row.
func crawl(t *testing.T, g *Guard, w web, limit int, seeds ...string) outcome {
	t.Helper()
	type job struct {
		url, via weburl.URL
		hops     int
	}
	var (
		queue []job
		out   outcome
		seen  = make(map[weburl.URL]bool)
	)
	offer := func(ref string, j job) {
		u, err := weburl.Parse(ref)
		if !j.via.IsZero() {
			u, err = j.via.Resolve(ref)
		}
		if err != nil {
			t.Fatal(err)
		}
		if seen[u] || j.hops > 10 {
			return
		}
		seen[u] = true
		if v := g.Admit(u, j.via); v.Trapped {
			out.trapped = append(out.trapped, u.String()+" "+v.Detail)
			return
		}
		j.url = u
		queue = append(queue, j)
	}
	for _, s := range seeds {
		offer(s, job{})
	}
	for len(queue) > 0 && len(out.fetched) < limit {
		j := queue[0]
		queue = queue[1:]
		if v := g.Judge(j.url, j.via); v.Trapped {
			out.trapped = append(out.trapped, j.url.String()+" "+v.Detail)
			continue
		}
		a := w(j.url)
		out.fetched = append(out.fetched, j.url.String())
		if status := max(a.status, 200); g.Attends(j.url, status, TitleHash(a.title)) {
			out.read++
			if pattern, why := g.Learn(j.url, j.via, Observation{Status: status, Simhash: TextHash(a.page()), Title: TitleHash(a.title)}); pattern != "" {
				out.parked = append(out.parked, pattern)
				t.Logf("after %d fetches: parked %s: %s", len(out.fetched), pattern, why)
			}
		}
		if a.location != "" {
			offer(a.location, job{via: j.url, hops: j.hops + 1})
		}
		for _, l := range a.links {
			offer(l, job{via: j.url})
		}
	}
	return out
}

// page is an answer's HTML: a page that says where its links lead, as most
// endless spaces do.
func (a answer) page() []byte {
	if a.text == "" {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html><title>%s</title>\n", a.title)
	for _, l := range a.links {
		fmt.Fprintf(&b, "<p><a href=%q>%s</a>\n", l, l)
	}
	b.WriteString("<p>" + a.text)
	return []byte(b.String())
}

const maze = "There is more where this came from, and it is all the same."

// words are n words that depend on the seed alone.
func words(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "w%d ", r.IntN(5000))
	}
	return b.String()
}

func session() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }

// spaces have no end, and no page that says anything but maze.
func spaces() map[string]web {
	same := func(links func(u weburl.URL) []string) web {
		return func(u weburl.URL) answer { return answer{text: maze, links: links(u)} }
	}
	month := func(u weburl.URL) time.Time {
		m, err := time.Parse("?year=2006&month=1", "?"+u.Query())
		if err != nil {
			m, err = time.Parse("?year=2006&month=1&day=2", "?"+u.Query())
		}
		if err != nil {
			return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		return m.AddDate(0, 0, 1-m.Day())
	}
	calendar := func(step int) web {
		return same(func(u weburl.URL) (links []string) {
			m := month(u)
			for d := m; d.Month() == m.Month(); d = d.AddDate(0, 0, step) {
				links = append(links, d.Format("?year=2006&month=1&day=2"))
			}
			return append(links, m.AddDate(0, -1, 0).Format("?year=2006&month=1"), m.AddDate(0, 1, 0).Format("?year=2006&month=1"))
		})
	}
	apart := func(months, days string, step int) web {
		return same(func(u weburl.URL) (links []string) {
			if d, err := time.Parse(days, u.RequestURI()); err == nil {
				return []string{d.AddDate(0, 0, 1).Format(days), d.AddDate(0, 0, -1).Format(days), d.Format(months)}
			}
			m, err := time.Parse(months, u.RequestURI())
			if err != nil {
				return []string{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Format(months)}
			}
			for d := m; d.Month() == m.Month(); d = d.AddDate(0, 0, step) {
				links = append(links, d.Format(days))
			}
			return append(links, m.AddDate(0, 1, 0).Format(months), m.AddDate(0, -1, 0).Format(months))
		})
	}
	number := func(u weburl.URL) (n int) {
		_, _ = fmt.Sscanf(u.Path()[strings.LastIndexByte(u.Path(), '/')+1:], "%d", &n)
		return n
	}
	facets := func(names ...string) web {
		return same(func(u weburl.URL) (links []string) {
			chosen := strings.FieldsFunc(u.Query(), func(c rune) bool { return c == '&' })
			for _, f := range names {
				if !slices.Contains(chosen, f+"=1") {
					links = append(links, "?"+strings.Join(append(slices.Clone(chosen), f+"=1"), "&"))
				}
			}
			return links
		})
	}
	return map[string]web{
		"calendar by the week":                        calendar(7),
		"calendar by the day":                         calendar(1),
		"calendar in the path, months and days apart": apart("/month/2006-01", "/day/2006-01-02", 7),
		"months and each day in the path":             apart("/month/2006-01", "/day/2006-01-02", 1),
		"months in the query, days in the path":       apart("/?m=2006-01", "/2006/01/02/", 1),
		"months and days on paths of their own":       apart("/?m=2006-01", "/day?d=2006-01-02", 2),
		"counter":                                     same(func(u weburl.URL) []string { return []string{fmt.Sprint(number(u) + 1), fmt.Sprint(number(u) + 2)} }),
		"one next":                                    same(func(u weburl.URL) []string { return []string{fmt.Sprint("/page/", number(u)+1)} }),
		"session in the path": same(func(weburl.URL) []string {
			id := session()
			return []string{"/s/" + id + "/home", "/s/" + id + "/list", "/s/" + id + "/help"}
		}),
		"session in the query": same(func(weburl.URL) []string {
			id := session()
			return []string{"/home?sid=" + id, "/list?sid=" + id, "/help?sid=" + id}
		}),
		"session in a parameter of the path": same(func(weburl.URL) []string {
			id := session()
			return []string{"/home;jsessionid=" + id, "/list;jsessionid=" + id, "/help;jsessionid=" + id}
		}),
		"session on many links": same(func(weburl.URL) (links []string) {
			id := session()
			for i := range 40 {
				links = append(links, fmt.Sprintf("/page-%s?sid=%s", strings.Repeat("x", i), id))
			}
			return links
		}),
		"session over real pages": func(u weburl.URL) answer {
			id := session()
			a := answer{text: words(uint64(len(u.Path())), 80)}
			for i := range 40 {
				a.links = append(a.links, "/"+strings.Repeat("x", i+1)+"?sid="+id)
			}
			return a
		},
		"growing path":     same(func(weburl.URL) []string { return []string{"a/"} }),
		"growing by words": same(func(weburl.URL) []string { return []string{"archive/more/"} }),
		"self-nesting":     same(func(weburl.URL) []string { return []string{"news/index.html", "shop/index.html"} }),
		"soft 404 deeper": same(func(u weburl.URL) []string {
			dir := strings.TrimSuffix(u.Path(), "/") + "/"
			return []string{dir + session()[:4], dir + "try-" + session()[:4]}
		}),
		"soft 404 by words": same(func(weburl.URL) []string {
			return []string{"/" + letters(8), "/" + letters(8)}
		}),
		"facets":        facets("color", "size", "brand", "price", "stock", "stars", "sale", "year"),
		"twelve facets": facets(strings.Split("abcdefghijkl", "")...),
		"fresh redirects": func(u weburl.URL) answer {
			if u.Path() == "/" {
				return answer{text: maze, links: []string{"/go/"}}
			}
			return answer{status: 302, location: "/go/" + session()}
		},
		"pages between fresh redirects": func(u weburl.URL) answer {
			if strings.HasPrefix(u.Path(), "/go/") {
				return answer{status: 302, location: "/page/" + session()}
			}
			return answer{text: maze, links: []string{"/go/" + session(), "/go/" + session()}}
		},
		"echoed query": same(func(u weburl.URL) []string {
			q := u.Query()
			return []string{"?" + strings.TrimPrefix(q+"&q=a", "&"), "?" + strings.TrimPrefix(q+"&sort=up", "&")}
		}),
		"echoed address": same(func(u weburl.URL) []string {
			return []string{"/login?to=" + strings.NewReplacer("%", "%25", "&", "%26", "?", "%3F").Replace(u.RequestURI())}
		}),
		"growing value": same(func(u weburl.URL) []string { return []string{"/find?q=x" + strings.TrimPrefix(u.Query(), "q=")} }),
	}
}

func letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(rand.IntN(26))
	}
	return string(b)
}

// Each endless space ends within 500 fetches, and the real pages beside it are
// all fetched.
func TestEndlessSpacesEnd(t *testing.T) {
	const reals = 5
	for name, space := range spaces() {
		t.Run(name, func(t *testing.T) {
			site := func(u weburl.URL) answer {
				var n uint64
				if _, err := fmt.Sscanf(u.Path(), "/real/%d", &n); err == nil {
					return answer{text: words(n, 100)}
				}
				a := space(u)
				if u.RequestURI() == "/" {
					for i := range reals {
						a.links = append(a.links, fmt.Sprintf("/real/%d", i+1))
					}
				}
				return a
			}
			out := crawl(t, New(Options{Mode: On}), site, 2000, "https://example.org/")
			real := 0
			for _, u := range out.fetched {
				if strings.Contains(u, "/real/") {
					real++
				}
			}
			t.Logf("%d fetches, %d trapped", len(out.fetched), len(out.trapped))
			if len(out.fetched) > 500 || real != reals {
				t.Errorf("%d fetches and %d of %d real pages; parked: %q", len(out.fetched), real, reals, out.parked)
			}
		})
	}
}
