package frontier_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
)

// linked are the counts of a queue that are not of just one link, by URL.
func linked(q *frontier.Queue, urls ...string) map[string]int {
	named := make(map[uint64]string)
	for _, u := range urls {
		named[frontiertest.URL(u).Fingerprint()] = u
	}
	counts := make(map[string]int)
	for part := range frontier.FindsParts {
		f, _ := q.Finds(part)
		for fp, n := range f.All() {
			counts[named[fp]] = n
		}
	}
	return counts
}

func wantLinked(t *testing.T, got map[string]int, want ...any) {
	t.Helper()
	all := make(map[string]int)
	for i := 0; i < len(want); i += 2 {
		all[want[i].(string)] = want[i+1].(int)
	}
	if fmt.Sprint(got) != fmt.Sprint(all) {
		t.Errorf("pages that link to each are %v, want %v", got, all)
	}
}

// visit takes the next job and has its page link to these.
func visit(t *testing.T, q *frontier.Queue, last *recrawl.Visit, to ...string) {
	t.Helper()
	l, err := q.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.Ended(frontier.Exchange{Health: frontier.Healthy})
	l.Job.Last = last
	q.Done(l, &frontier.Done{Outcome: frontier.Fetched, Links: links(to...)})
}

func TestLinksAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		urls := []string{"http://h/", "http://h/1", "http://h/2", "http://h/3", "http://h/map", "http://out/"}
		q := open(t, frontier.Options{Admit: func(c *frontier.Candidate) *frontier.Skip {
			if c.Job.URL.Host() == "out" {
				return &frontier.Skip{Rule: "scope", Final: true}
			}
			return nil
		}})
		q.Add(seeds("http://h/", "http://h/map"))
		visit(t, q, nil, "http://h/1", "http://h/2", "http://out/")
		visit(t, q, &recrawl.Visit{Status: 200}, "http://h/1", "http://h/3") // /map was visited before
		visit(t, q, &recrawl.Visit{Fails: 3}, "http://h/", "http://h/2", "http://out/")
		wantLinked(t, linked(q, urls...), "http://h/2", 2, "http://h/map", 0, "http://out/", 2)
		if again := linked(q, urls...); len(again) != 0 {
			t.Errorf("%v has changed, and nothing was found", again)
		}
	})
}

// What was passed over takes its links along when it is let in after all.
func TestLinksOfWhatWasPassedOverAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		let := false
		q := open(t, frontier.Options{Admit: func(c *frontier.Candidate) *frontier.Skip {
			if c.Job.URL.Path() == "/x" && !let {
				return &frontier.Skip{Rule: "depth"}
			}
			return nil
		}})
		q.Add(seeds("http://h/", "http://h/a", "http://h/b", "http://h/c"))
		visit(t, q, nil, "http://h/x")
		visit(t, q, nil, "http://h/x")
		all := []string{"http://h/", "http://h/a", "http://h/b", "http://h/c", "http://h/x"}
		wantLinked(t, linked(q, all...), "http://h/", 0, "http://h/a", 0, "http://h/b", 0, "http://h/c", 0, "http://h/x", 2)
		let = true
		visit(t, q, nil, "http://h/x")
		visit(t, q, nil, "http://h/x")
		if got := linked(q, all...)["http://h/x"]; got != 4 {
			t.Errorf("%d pages link to /x, want 4", got)
		}
	})
}

// A queue that is opened anew goes on counting, of what it knows and of what
// was passed over; what nobody told it of has one link.
func TestCountsAreTakenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		options := frontier.Options{Admit: func(c *frontier.Candidate) *frontier.Skip {
			if c.Job.URL.Path() == "/x" {
				return &frontier.Skip{Rule: "depth"}
			}
			return nil
		}}
		q, _, err := frontier.Open(t.Context(), store, options)
		if err != nil {
			t.Fatal(err)
		}
		q.Add(seeds("http://h/", "http://h/a", "http://h/b"))
		visit(t, q, nil, "http://h/x", "http://h/1", "http://h/2")
		visit(t, q, nil, "http://h/x", "http://h/1")
		var kept []frontier.Finds
		for part := range frontier.FindsParts {
			f, _ := q.Finds(part)
			kept = append(kept, f)
		}
		if err := q.Commit(context.WithoutCancel(t.Context()), ""); err != nil {
			t.Fatal(err)
		}
		q, _, err = frontier.Open(t.Context(), store, options)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range kept {
			q.Recount(f)
		}
		all := []string{"http://h/", "http://h/a", "http://h/b", "http://h/1", "http://h/2", "http://h/x"}
		wantLinked(t, linked(q, all...)) // nothing has changed
		visit(t, q, nil, all...)
		got := linked(q, all...)
		for url, want := range map[string]int{"http://h/1": 3, "http://h/2": 2, "http://h/x": 3} {
			if got[url] != want {
				t.Errorf("%d pages link to %s, want %d: %v", got[url], url, want, got)
			}
		}
	})
}

func TestCountsEndSomewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: 1e6}})
		var all []frontier.Candidate
		for i := range 300 {
			all = append(all, seeds(fmt.Sprintf("http://h/%d", i))...)
		}
		q.Add(all)
		for range all {
			visit(t, q, nil, "http://h/0", "http://h/once")
		}
		if got := linked(q, "http://h/0")["http://h/0"]; got != frontier.MaxLinks {
			t.Errorf("300 pages link to it, and the count is %d, want %d", got, frontier.MaxLinks)
		}
	})
}
