package zoo

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// enough is how many requests show that a space of URLs has no end.
const enough = 500

// spaces are sites whose every page leads to more. Each has five pages of
// different words, which are to be fetched whatever happens to the rest.
func spaces() []Case {
	space := func(name, does string, rule []string, pages handler) Case {
		want := realPages()
		if rule != nil {
			want = append(want, skipped("*", rule...))
		}
		return Case{Name: name, Does: does + ", within 500 requests", Want: want, MaxFetches: enough, up: own(with(pages), nil)}
	}
	trap := []string{"trap"}
	return []Case{
		space("calendar", "parks a calendar whose months go on for ever", trap, calendar),
		space("counter", "parks a list whose pages go on for ever", trap, counter),
		space("session-path", "parks paths that carry a session id, new with every page", trap, sessionPath),
		space("session-query", "parks queries that carry a session id, new with every page", trap, sessionQuery),
		space("growing-path", "parks a path that repeats itself: a/a/a/…", trap, growingPath),
		space("self-nesting", "parks relative links that nest in themselves", trap, selfNesting),
		space("soft-404-deeper", "parks missing pages that answer 200 and link deeper", trap, softDeeper),
		space("facets", "parks the n! orders of the same facets", trap, facets),
		space("redirect-fresh", "ends redirects to a fresh URL each time", nil, redirectFresh),
		space("echo-query", "parks links that carry the page's own query on", trap, echoQuery),
	}
}

// realPages wants the five pages that each space has beside it.
func realPages() []Want {
	var want []Want
	for i, words := range topics {
		want = append(want, fetched(fmt.Sprintf("real/%d", i+1), words[:strings.IndexByte(words, ' ')]))
	}
	return want
}

var topics = [...]string{
	"Rivers carry sand from the hills to the sea and lay it down where the water slows.",
	"Looms weave one thread over and another under, and the pattern is in the lifting.",
	"Lamps of whale oil lit the streets until gas came, with its pipes and meters.",
	"Bakers rise at two, for dough does not wait and customers do not either.",
	"Clocks on towers had one hand only, as an hour was close enough for most.",
}

// with puts the five pages beside a space.
func with(space handler) handler {
	return func(s *site, w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(s.path(r), "real/%d", &n); err == nil && n >= 1 && n <= len(topics) {
			words := topics[n-1]
			sendHTML(w, document(words[:strings.IndexByte(words, ' ')])+"<p>"+words)
			return
		}
		space(s, w, r)
	}
}

// maze is a page of a space: the same words each time, other links. The seed
// links to the five pages too.
func maze(s *site, w http.ResponseWriter, r *http.Request, links ...string) {
	if s.path(r) == "" && r.URL.RawQuery == "" {
		for i := range topics {
			links = append(links, s.expand(fmt.Sprintf("real/%d", i+1)))
		}
	}
	sendHTML(w, document(s.name, links...)+"<p>There is more where this came from, and it is all the same.")
}

func calendar(s *site, w http.ResponseWriter, r *http.Request) {
	month, err := time.Parse("2006-1", r.FormValue("year")+"-"+r.FormValue("month"))
	if err != nil {
		month = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	link := func(m time.Time) string { return m.Format("?year=2006&month=1") }
	var days []string
	for d := month; d.Month() == month.Month(); d = d.AddDate(0, 0, 7) {
		days = append(days, d.Format("?year=2006&month=1&day=2"))
	}
	maze(s, w, r, append(days, link(month.AddDate(0, -1, 0)), link(month.AddDate(0, 1, 0)))...)
}

func counter(s *site, w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(s.path(r)) // the seed is page 0
	maze(s, w, r, s.expand(strconv.Itoa(n+1)), s.expand(strconv.Itoa(n+2)))
}

func session() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }

func sessionPath(s *site, w http.ResponseWriter, r *http.Request) {
	id := session()
	maze(s, w, r, s.expand("s/"+id+"/home"), s.expand("s/"+id+"/list"), s.expand("s/"+id+"/help"))
}

func sessionQuery(s *site, w http.ResponseWriter, r *http.Request) {
	id := session()
	maze(s, w, r, s.expand("home?sid="+id), s.expand("list?sid="+id), s.expand("help?sid="+id))
}

func growingPath(s *site, w http.ResponseWriter, r *http.Request) { maze(s, w, r, "a/") }

func selfNesting(s *site, w http.ResponseWriter, r *http.Request) {
	maze(s, w, r, "news/index.html", "shop/index.html")
}

func softDeeper(s *site, w http.ResponseWriter, r *http.Request) {
	deeper := strings.TrimSuffix(s.expand(s.path(r)), "/") + "/"
	maze(s, w, r, deeper+session()[:4], deeper+"try-"+session()[:4])
}

// facets links to the page with one more facet, in whatever order.
func facets(s *site, w http.ResponseWriter, r *http.Request) {
	chosen := strings.FieldsFunc(r.URL.RawQuery, func(c rune) bool { return c == '&' })
	var links []string
	for _, f := range []string{"color", "size", "brand", "price", "stock", "stars", "sale", "year"} {
		if facet := f + "=1"; !slices.Contains(chosen, facet) {
			links = append(links, "?"+strings.Join(append(chosen[:len(chosen):len(chosen)], facet), "&"))
		}
	}
	maze(s, w, r, links...)
}

func redirectFresh(s *site, w http.ResponseWriter, r *http.Request) {
	if s.path(r) == "" {
		maze(s, w, r, s.expand("go/"))
		return
	}
	w.Header().Set("Location", s.expand("go/"+session()))
	w.WriteHeader(http.StatusFound)
}

func echoQuery(s *site, w http.ResponseWriter, r *http.Request) {
	q := r.URL.RawQuery
	maze(s, w, r, "?"+strings.TrimPrefix(q+"&q=a", "&"), "?"+strings.TrimPrefix(q+"&sort=up", "&"))
}
