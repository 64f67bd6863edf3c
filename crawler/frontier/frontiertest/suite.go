// Package frontiertest is the one suite that every frontier.Store must pass.
package frontiertest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Run runs the suite. Open returns a function that opens the same store again
// each time it is called: what was committed before must be there, what was
// not must not.
func Run(t *testing.T, open func(t *testing.T) (reopen func() frontier.Store)) {
	for name, check := range map[string]func(*testing.T, func() frontier.Store){
		"a new store is empty":                        isEmpty,
		"a page is in key order and after its cursor": pagesInOrder,
		"hosts do not see each other":                 hostsApart,
		"a row ends its job":                          rowEndsJob,
		"a row needs no job":                          rowWithoutJob,
		"put replaces the job with the same key":      putReplaces,
		"put takes back a skip":                       putTakesBackSkip,
		"a sitemap may be a page too":                 sitemapsApart,
		"a batch keeps the mark unless it has one":    markStays,
		"everything survives":                         survives,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

// Job is a job of a host ("h1") with a key and a URL made from it.
func Job(host string, depth uint32, seq uint64) frontier.Job {
	u := URL(fmt.Sprintf("http://%s/%d/%d", host, depth, seq))
	return frontier.Job{URL: u, Depth: int(depth), Key: frontier.Key{Depth: depth, Seq: seq}, Seed: URL("http://seed/")}
}

// URL parses a URL that is known to be one.
func URL(raw string) weburl.URL {
	u, err := weburl.Parse(raw)
	if err != nil {
		panic(err)
	}
	return u
}

func isEmpty(t *testing.T, open func() frontier.Store) {
	s := open()
	want(t, s, outline{})
	wantPage(t, s, "h1", frontier.Key{}, 10)
}

func pagesInOrder(t *testing.T, open func() frontier.Store) {
	s := open()
	commit(t, s, frontier.Batch{Put: []frontier.Job{Job("h1", 2, 5), Job("h1", 1, 9), Job("h1", 1, 300), Job("h1", 0, 1)}})
	wantPage(t, s, "h1", frontier.Key{}, 3, Job("h1", 0, 1), Job("h1", 1, 9), Job("h1", 1, 300))
	wantPage(t, s, "h1", frontier.Key{Depth: 1, Seq: 9}, 3, Job("h1", 1, 300), Job("h1", 2, 5))
	wantPage(t, s, "h1", frontier.Key{Depth: 1, Seq: 10}, 1, Job("h1", 1, 300))
	wantPage(t, s, "h1", frontier.Key{Depth: 2, Seq: 5}, 3)
}

func hostsApart(t *testing.T, open func() frontier.Store) {
	s := open()
	commit(t, s, frontier.Batch{Put: []frontier.Job{Job("h1", 0, 1), Job("h10", 0, 2), Job("h1:8080", 0, 3)}})
	wantPage(t, s, "h1", frontier.Key{}, 9, Job("h1", 0, 1))
	wantPage(t, s, "h10", frontier.Key{}, 9, Job("h10", 0, 2))
	wantPage(t, s, "h1:8080", frontier.Key{}, 9, Job("h1:8080", 0, 3))
	wantPage(t, s, "h", frontier.Key{}, 9)
}

func rowEndsJob(t *testing.T, open func() frontier.Store) {
	s := open()
	commit(t, s, frontier.Batch{Put: []frontier.Job{Job("h1", 0, 1), Job("h1", 0, 2), Job("h1", 0, 3)}})
	commit(t, s, frontier.Batch{Rows: []frontier.Row{
		{Job: Job("h1", 0, 2), Outcome: frontier.Fetched, Status: 200},
		{Job: Job("h1", 0, 3), Outcome: frontier.Failed, Error: "dns"},
	}})
	wantPage(t, s, "h1", frontier.Key{}, 9, Job("h1", 0, 1))
	want(t, open(), outline{
		LastSeq: 3, Backlog: map[string]int{"h1": 1},
		Known: map[string]int{"pending": 1, "fetched": 1, "failed": 1},
	})
}

func rowWithoutJob(t *testing.T, open func() frontier.Store) {
	s := open()
	never := frontier.Job{URL: URL("http://elsewhere/")}
	commit(t, s, frontier.Batch{Rows: []frontier.Row{{Job: never, Outcome: frontier.Skipped, Skip: frontier.Skip{Rule: "scope", Final: true}}}})
	want(t, open(), outline{Known: map[string]int{"skipped final": 1}})
}

func putReplaces(t *testing.T, open func() frontier.Store) {
	s, again := open(), Job("h1", 0, 1)
	commit(t, s, frontier.Batch{Put: []frontier.Job{Job("h1", 0, 1)}})
	again.Attempts = 2
	commit(t, s, frontier.Batch{Put: []frontier.Job{again}})
	wantPage(t, s, "h1", frontier.Key{}, 9, again)
	want(t, open(), outline{LastSeq: 1, Backlog: map[string]int{"h1": 1}, Known: map[string]int{"pending": 1}})
}

func putTakesBackSkip(t *testing.T, open func() frontier.Store) {
	s, j := open(), Job("h1", 1, 7)
	deep := j
	deep.Key = frontier.Key{}
	commit(t, s, frontier.Batch{Rows: []frontier.Row{{Job: deep, Outcome: frontier.Skipped, Skip: frontier.Skip{Rule: "depth"}}}})
	want(t, open(), outline{Known: map[string]int{"skipped": 1}})
	s = open()
	commit(t, s, frontier.Batch{Put: []frontier.Job{j}})
	want(t, open(), outline{LastSeq: 7, Backlog: map[string]int{"h1": 1}, Known: map[string]int{"pending": 1}})
}

// sitemapsApart has a sitemap beside a page that waits, and beside one that is
// passed over.
func sitemapsApart(t *testing.T, open func() frontier.Store) {
	s := open()
	sitemap := func(page frontier.Job, seq uint64) frontier.Job {
		page.Kind, page.Key = frontier.Sitemap, frontier.Key{Seq: seq}
		return page
	}
	page, far := Job("h1", 1, 7), frontier.Job{URL: URL("http://h1/far")}
	commit(t, s, frontier.Batch{
		Put:  []frontier.Job{page, sitemap(page, 8), sitemap(far, 9)},
		Rows: []frontier.Row{{Job: far, Outcome: frontier.Skipped, Skip: frontier.Skip{Rule: "depth"}}},
	})
	s = open()
	wantPage(t, s, "h1", frontier.Key{}, 9, sitemap(page, 8), sitemap(far, 9), page)
	want(t, s, outline{LastSeq: 9, Backlog: map[string]int{"h1": 3}, Known: map[string]int{"pending": 3, "skipped": 1}})
	commit(t, s, frontier.Batch{Rows: []frontier.Row{{Job: sitemap(page, 8), Outcome: frontier.Fetched, Status: 200}}})
	want(t, open(), outline{LastSeq: 9, Backlog: map[string]int{"h1": 2}, Known: map[string]int{"pending": 2, "fetched": 1, "skipped": 1}})
}

func markStays(t *testing.T, open func() frontier.Store) {
	s := open()
	commit(t, s, frontier.Batch{Mark: "12:ab"})
	commit(t, s, frontier.Batch{Put: []frontier.Job{Job("h1", 0, 1)}})
	want(t, open(), outline{Mark: "12:ab", LastSeq: 1, Backlog: map[string]int{"h1": 1}, Known: map[string]int{"pending": 1}})
}

func survives(t *testing.T, open func() frontier.Store) {
	s := open()
	full := Job("h1", 3, 42)
	full.Via, full.Raw, full.Redirects, full.Attempts, full.Kind = URL("http://h1/via"), "../x?é", 2, 1, frontier.Asset
	commit(t, s, frontier.Batch{Put: []frontier.Job{full, Job("h2", 0, 43)}, Mark: "m"})
	s = open()
	wantPage(t, s, "h1", frontier.Key{}, 9, full)
	want(t, s, outline{
		Mark: "m", LastSeq: 43, Backlog: map[string]int{"h1": 1, "h2": 1},
		Known: map[string]int{"pending": 2},
	})
}

func commit(t *testing.T, s frontier.Store, b frontier.Batch) {
	t.Helper()
	if err := s.Commit(t.Context(), &b); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

func wantPage(t *testing.T, s frontier.Store, host string, after frontier.Key, n int, jobs ...frontier.Job) {
	t.Helper()
	got, err := s.Page(t.Context(), host, after, n)
	if err != nil {
		t.Fatalf("Page(%q): %v", host, err)
	}
	if !slices.Equal(got, jobs) {
		t.Errorf("Page(%q, after %v, %d):\n got %v\nwant %v", host, after, n, got, jobs)
	}
	clear(got[:cap(got)]) // the slice is the caller's
}

// outline is a State that can be compared: known URLs counted by outcome.
type outline struct {
	Mark    output.Mark
	LastSeq uint64
	Backlog map[string]int
	Known   map[string]int
}

func want(t *testing.T, s frontier.Store, w outline) {
	t.Helper()
	state, err := s.State(t.Context())
	if err != nil {
		t.Fatalf("State: %v", err)
	}
	got := outline{Mark: state.Mark, LastSeq: state.LastSeq, Known: map[string]int{}}
	for k, err := range state.Known {
		if err != nil {
			t.Fatalf("State.Known: %v", err)
		}
		name := k.Outcome.String()
		if k.Final {
			name += " final"
		}
		got.Known[name]++
	}
	if got.Backlog, err = state.Backlog(t.Context()); err != nil {
		t.Fatalf("State.Backlog: %v", err)
	}
	for _, m := range []*map[string]int{&w.Backlog, &w.Known} {
		if *m == nil {
			*m = map[string]int{}
		}
	}
	if d := cmp.Diff(w, got); d != "" {
		t.Errorf("State (-want +got):\n%s", d)
	}
}
