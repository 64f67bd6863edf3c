package trap

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/parse/weburl"
	"github.com/trawl-crawler/trawl/testdata/heaptest"
)

func mustParse(t *testing.T, text string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestPatterns(t *testing.T) {
	const token = "8f3a09c1d2e4b5a6"
	tests := []struct {
		uri  string
		want []string
	}{
		{"/", []string{"/**/", "/***"}},
		{"/guide/intro.html", []string{"/guide/**.html", "/**.html", "/***"}},
		{"/bug/12345", []string{"/bug/#", "/bug/**", "/**", "/***"}},
		{"/2026/01-15/x", []string{"/#/#-#/x", "/#/#-#/**", "/#/**", "/**", "/***"}},
		{"/list?sort=up&page=2&page=3", []string{"/list?page&sort", "/list?*", "/**?*", "/***"}},
		{"/s/" + token + "/home", []string{"/s/*/home", "/s/*/**", "/s/**", "/**", "/***"}},
		{"/a/b/c/123e4567-e89b-12d3-a456-426614174000/d/", []string{"/a/b/c/*/d/", "/a/b/c/*/**/", "/a/b/**/", "/a/**/", "/**/", "/***"}},
		{"/home?lang=en&sid=" + token, []string{"/home?lang&sid", "/home?*", "/**?sid=*", "/**?*", "/***"}},
		{"/home.do;jsessionid=0A1B2C3D4E5F", []string{"/home.do;jsessionid=*", "/**?jsessionid=*", "/**.do", "/***"}},
		{"/utf8/x86-64/face2face/v1.2/%E4%BD%A0", []string{"/utf#/x#-#/face#face/v#.#/%E4%BD%A0", "/utf#/x#-#/**", "/utf#/**", "/**", "/***"}},
	}
	for _, tt := range tests {
		var s shape
		s.of(mustParse(t, "https://h.test"+tt.uri))
		var got []string
		for i := range s.groups {
			got = append(got, strings.TrimPrefix(s.pattern(&s.groups[i]), "https://h.test"))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.uri, diff)
		}
	}
}

// chain is an endless list: each page leads to the next.
func chain(u weburl.URL) answer {
	return answer{text: maze, links: []string{fmt.Sprintf("/page/%d", number(u)+1)}}
}

func TestModes(t *testing.T) {
	for _, mode := range Modes() {
		out := crawl(t, New(Options{Mode: mode}), chain, 600, "https://example.org/page/1")
		stopped, parked := len(out.fetched) < 600, len(out.parked) > 0
		if stopped != (mode == On) || parked != (mode != Off) {
			t.Errorf("%s: %d fetches, parked %q", mode, len(out.fetched), out.parked)
		}
	}
}

// A site may be parked for a space that takes turns between kinds of URLs. What
// its sitemap names is none of that.
func TestASitemapLeadsOutOfASpace(t *testing.T) {
	const site = "https://example.org/"
	g := New(Options{Mode: On})
	crawl(t, g, spaces()["months in the query, days in the path"], 600, site)
	if diff := cmp.Diff([]string{site + "***"}, g.Parked()); diff != "" {
		t.Fatal(diff)
	}
	for _, real := range []string{"about", "item?id=5", "2026/report/7.html"} {
		if v := g.Admit(mustParse(t, site+real), mustParse(t, site+"sitemap.xml")); v.Trapped {
			t.Errorf("%s is trapped: %s", real, v.Detail)
		}
	}
}

// What a site has beside a space for which it was parked is fetched, however late
// it is found: pages of a kind that gives new text.
func TestPagesBesideAParkedSpaceAreFetched(t *testing.T) {
	const pages = 100
	for space, parked := range map[string]string{"months and each day in the path": "/**", "months in the query, days in the path": "/***"} {
		site := func(u weburl.URL) answer {
			var n uint64
			if _, err := fmt.Sscanf(u.Path(), "/real-%c/%d", new(rune), &n); err == nil {
				return answer{text: words(n, 100), links: []string{fmt.Sprintf("/real-%c/%d", 'a'+n%pages/10, n%pages+1)}}
			}
			a := spaces()[space](u)
			if u.RequestURI() == "/" {
				a.links = append(a.links, "/real-a/1")
			}
			return a
		}
		out := crawl(t, New(Options{Mode: On}), site, 2000, "https://example.org/")
		real := 0
		for _, u := range out.fetched {
			if strings.Contains(u, "/real-") {
				real++
			}
		}
		if real != pages || len(out.fetched) > pages+500 || !slices.Equal(out.parked, []string{"https://example.org" + parked}) {
			t.Errorf("%s: %d of %d pages among %d fetches; parked: %q", space, real, pages, len(out.fetched), out.parked)
		}
	}
}

// What was under way when a space was parked parks nothing more.
func TestWhatIsUnderWayParksNoMore(t *testing.T) {
	const month = "https://example.org/month/2026-"
	space := spaces()["months and each day in the path"]
	g := New(Options{Mode: On})
	crawl(t, g, space, 2000, "https://example.org/")
	for _, m := range []string{"07", "08", "09"} {
		u := mustParse(t, month+m)
		if pattern, why := g.Learn(u, mustParse(t, month+"04"), Observation{Status: 200, Simhash: TextHash(space(u).page())}); pattern != "" {
			t.Errorf("parked %s, too: %s", pattern, why)
		}
	}
}

// What is parked stays parked in the next run; until a person unparks it.
func TestParkedOutlivesARun(t *testing.T) {
	const pattern, seed = "https://example.org/page/#", "https://example.org/page/1"
	first := New(Options{Mode: On})
	crawl(t, first, chain, 600, seed)
	if diff := cmp.Diff([]string{pattern}, first.Parked()); diff != "" {
		t.Fatal(diff)
	}
	next := New(Options{Mode: On, Parked: first.Parked()})
	out := crawl(t, next, chain, 600, seed)
	if want := []string{"https://example.org/page/2 parked " + pattern}; !cmp.Equal(out.trapped, want) || len(out.fetched) != 1 {
		t.Errorf("%d fetches, trapped %q", len(out.fetched), out.trapped)
	}
	if !next.Unpark(pattern) || next.Unpark(pattern) || len(next.Parked()) > 0 {
		t.Error("not unparked")
	}
	if out := crawl(t, next, chain, 100, seed); len(out.trapped) > 0 {
		t.Errorf("trapped though unparked: %q", out.trapped)
	}
}

// A seed is fetched, whatever it looks like.
func TestSeedsAreNeverTrapped(t *testing.T) {
	const seed = "https://example.org/x/news/news/news/news/news"
	g := New(Options{Mode: On, Parked: []string{"https://example.org/**"}})
	out := crawl(t, g, func(weburl.URL) answer { return answer{text: maze} }, 10, seed)
	if len(out.fetched) != 1 {
		t.Errorf("trapped: %q", out.trapped)
	}
}

// Of a URL that was never found a next run can say that it is parked, with no
// page that leads to it.
func TestWhatIsParkedOfAURLNeverFound(t *testing.T) {
	for _, pattern := range []string{"https://example.org/**", "https://example.org/page/#"} {
		g := New(Options{Mode: On, Parked: []string{pattern}})
		u := mustParse(t, "https://example.org/page/9")
		if v := g.Judge(u, u); v.Detail != "parked "+pattern {
			t.Errorf("%s: %+v", pattern, v)
		}
	}
}

// What a real page leads to is fetched although it lies in what is parked.
func TestRealPagesInWhatIsParked(t *testing.T) {
	g := New(Options{Mode: On, Parked: []string{"https://example.org/**"}})
	seed, page := mustParse(t, "https://example.org/"), mustParse(t, "https://example.org/about")
	g.Learn(seed, weburl.URL{}, Observation{Status: 200, Simhash: 0x1234567890abcdef})
	if v := g.Admit(page, seed); v.Trapped {
		t.Errorf("found on a page with new text: %q", v.Detail)
	}
	g.Learn(page, seed, Observation{Status: 200, Simhash: 0x1234567890abcdef})
	if v := g.Admit(mustParse(t, "https://example.org/more"), page); !v.Trapped {
		t.Error("found on a duplicate, and not trapped")
	}
}

// A crawl of many hosts forgets those it heard of least recently.
func TestMemoryIsBounded(t *testing.T) {
	g := New(Options{Mode: On})
	g.hosts.limit = 2000
	var via weburl.URL
	for i := range 20_000 {
		u := mustParse(t, fmt.Sprintf("https://h%d.test/%s/%d?q=%d", i/50, letters(4), i, i))
		g.Learn(u, via, Observation{Status: 200, Simhash: uint64(i) * 0x9e3779b97f4a7c15})
	}
	total := 0
	for i := range g.hosts.nodes {
		if h := g.hosts.nodes[i].value; h != nil {
			total += h.entries()
		}
	}
	if total != g.hosts.entries || total > 2000 || g.hosts.len() < 2 {
		t.Errorf("%d entries in %d hosts, counted %d", total, g.hosts.len(), g.hosts.entries)
	}
	for i := range 3000 {
		u := mustParse(t, fmt.Sprintf("https://one.test/%s/%s/%d?%s=%d", letters(4), letters(4), i, letters(4), i))
		g.Learn(u, u, Observation{Status: 200, Simhash: uint64(i) * 0x9e3779b97f4a7c15})
		g.Admit(u, via)
	}
	one := g.hosts.find(mustParse(t, "https://one.test/"))
	for i := range maxTexts + 10 {
		one.texts.add(uint64(i) * 0xbf58476d1ce4e5b9)
	}
	if one.groups.len() > maxGroups || one.gens.len() > maxPages || one.sets.len() > maxSets || one.texts.len() > maxTexts {
		t.Errorf("of one host %d groups, %d generations, %d sets, %d texts", one.groups.len(), one.gens.len(), one.sets.len(), one.texts.len())
	}
	if one.groups.len() < maxGroups || one.gens.len() < maxPages || one.texts.len() < maxTexts {
		t.Errorf("%d groups, %d generations, %d texts are not all there may be", one.groups.len(), one.gens.len(), one.texts.len())
	}
	for range maxParked + 10 {
		g.park(keyOf(letters(12)), "x")
	}
	if len(g.parked) > maxParked || len(g.order) > maxParked {
		t.Errorf("%d parked", len(g.parked))
	}
}

// Of a host its origin is kept, and not the URL that it was met by.
func TestAHostKeepsNoURL(t *testing.T) {
	const met, size = 64, 1 << 20
	g := New(Options{Mode: On})
	kept := heaptest.Grown(g, func() {
		for i := range met {
			u := weburl.FromCanonical(fmt.Sprintf("http://h%d/%s", i, strings.Repeat("a", size)))
			g.Learn(u, weburl.URL{}, Observation{Status: 302})
		}
	})
	if g.hosts.len() != met || kept > met*size/2 {
		t.Errorf("%d hosts of URLs of %d KiB keep %d KiB", g.hosts.len(), size>>10, kept>>10)
	}
}

func TestConcurrentUse(t *testing.T) {
	g := New(Options{Mode: On})
	via := mustParse(t, "https://h.test/")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 200 {
				u := weburl.FromCanonical(fmt.Sprintf("https://h%d.test/%d?a=1&b=2", n%3, i*1000+n))
				g.Admit(u, via)
				g.Judge(u, via)
				g.Learn(u, via, Observation{Status: 200, Simhash: uint64(n)})
				g.Parked()
			}
		})
	}
	wg.Wait()
}

func TestHash(t *testing.T) {
	if TextHash([]byte(`<a href="/x">only a link</a>`)) != 0 || BytesHash(nil) != 0 {
		t.Error("no text is not 0")
	}
	if TextHash([]byte(`<p>Text of a page`)) == 0 || BytesHash([]byte{0}) == BytesHash([]byte{1}) {
		t.Error("text is 0, or different bytes are alike")
	}
}

func BenchmarkAdmit(b *testing.B) {
	g := New(Options{Mode: On})
	via := weburl.FromCanonical("https://example.org/")
	urls := make([]weburl.URL, 256)
	for i := range urls {
		urls[i] = weburl.FromCanonical(fmt.Sprintf("https://example.org/docs/api/page-%d.html?lang=en", i))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.Admit(urls[i%256], via)
	}
}

func BenchmarkLearn(b *testing.B) {
	g := New(Options{Mode: On})
	via := weburl.FromCanonical("https://example.org/")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		u := weburl.FromCanonical(fmt.Sprintf("https://example.org/docs/api/page-%d.html", i))
		g.Learn(u, via, Observation{Status: 200, Simhash: uint64(i) * 0x9e3779b97f4a7c15})
	}
}
