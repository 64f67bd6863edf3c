package crawler_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/recipe"
)

// rerun crawls a web over a store that remembers, and returns what the records
// say has changed: "modified http://h.test/a".
func rerun(t *testing.T, store *memory.Store, text string, policy recrawl.Policy, adapt func(*crawler.Options)) (changes []string, sum crawler.Summary) {
	t.Helper()
	return rerunWhile(t, t.Context(), store, text, policy, adapt)
}

// rerunWhile is rerun until ctx ends.
func rerunWhile(t *testing.T, ctx context.Context, store *memory.Store, text string, policy recrawl.Policy, adapt func(*crawler.Options)) (changes []string, sum crawler.Summary) {
	t.Helper()
	s := &changeSink{}
	o := options(parseWeb(t, text), &s.sink, "http://h.test/")
	o.Sink, o.Store = s, store
	o.Again = crawler.Again{Rows: store, Notes: store, Policy: policy}
	if adapt != nil {
		adapt(&o)
	}
	sum, err := crawler.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.changes)
	return s.changes, sum
}

type changeSink struct {
	sink
	changes []string
}

func (s *changeSink) Write(_ context.Context, r *output.Record) error {
	if r.Outcome != output.Skipped {
		s.changes = append(s.changes, fmt.Sprintf("%s %s", r.Change, r.URL))
	}
	return nil
}

const before = `
-- / --
<a href=/same>s</a><a href=/edited>e</a><a href=/deleted>d</a><a href=/moves>m</a><a href=/deep>deep</a><a href=/stamped>t</a>
-- /same --
HTTP
Etag: "1"

same
-- /stamped --
<p>The same words, made at 12:04:31.</p>
-- /edited --
one
-- /deleted --
here
-- /moves --
here
-- /deep --
<a href=/deeper>d</a>
-- /deeper --
deeper
`

const after = `
-- / --
<a href=/same>s</a><a href=/edited>e</a><a href=/deleted>d</a><a href=/moves>m</a><a href=/deep>deep</a><a href=/stamped>t</a>
-- /stamped --
<p>The same words, made at 17:20:01.</p>
-- /same --
HTTP
Etag: "1"

other bytes, but the server answers 304
-- /edited --
two <a href=/added>a</a>
-- /moves --
HTTP 301
Location: /added

-- /deep --
<a href=/deeper>d</a>
-- /deeper --
deeper
-- /added --
new
`

func TestARerunSaysWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		first, _ := rerun(t, store, before, recrawl.Policy{}, nil)
		wantLines(t, first, "new http://h.test/", "new http://h.test/deep", "new http://h.test/deeper",
			"new http://h.test/deleted", "new http://h.test/edited", "new http://h.test/moves", "new http://h.test/same", "new http://h.test/stamped")
		second, sum := rerun(t, store, after, recrawl.Policy{}, nil)
		wantLines(t, second, "gone http://h.test/deleted", "modified http://h.test/edited", "moved http://h.test/moves",
			"new http://h.test/added", "unchanged http://h.test/", "unchanged http://h.test/deep",
			"unchanged http://h.test/deeper", "unchanged http://h.test/same", "unchanged http://h.test/stamped")
		if sum.Known != 9 || sum.Fetched != 9 || sum.Finish != "complete" {
			t.Errorf("%+v; want 9 known, 9 fetched, complete", sum)
		}
	})
}

func TestChangedOnlyWritesNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		rerun(t, store, before, recrawl.Policy{}, nil)
		got, _ := rerun(t, store, after, recrawl.Policy{}, func(o *crawler.Options) { o.Again.ChangedOnly = true })
		wantLines(t, got, "gone http://h.test/deleted", "modified http://h.test/edited", "moved http://h.test/moves", "new http://h.test/added")
	})
}

// Who takes other things than the last time wants the pages whole, also those
// that have not changed.
func TestOtherPlansWantPagesWhole(t *testing.T) {
	const site = "-- / --\nHTTP\nEtag: \"1\"\n\n<p class=card>it costs <b>10</b></p>\n"
	taking := func(field string) func(*crawler.Options) {
		plan := compile(t, "name: shop\nitems: {product: {each: .card, fields: {"+field+": b}}}")
		return func(o *crawler.Options) {
			o.Extract, o.Emit = &extract.Plan{Recipes: []*recipe.Recipe{plan}}, output.EmitItems
		}
	}
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		for _, run := range []struct {
			field string
			want  []string
		}{
			{"price", []string{"new http://h.test/"}},
			{"cost", []string{"unchanged http://h.test/"}},
			{"cost", nil}, // 304
		} {
			got, _ := rerun(t, store, site, recrawl.Policy{}, taking(run.field))
			wantLines(t, got, run.want...)
		}
	})
}

// What robots.txt keeps out of one run is no news in a later one because its
// host is down, but once it answers.
func TestWhatWasKeptOutIsNoNewsOfAFailure(t *testing.T) {
	page := "-- / --\n"
	for n := range 20 { // enough for the host to be given up
		page += fmt.Sprintf("<a href=/%d>n</a>", n)
	}
	page += "<a href=/private>p</a>\n-- /private --\nHTTP 404\n"
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		for _, run := range []struct {
			robots string
			down   bool
			want   string
		}{
			{"User-agent: *\nDisallow: /private", false, ""},
			{"", true, "unchanged"},
			{"", true, "unchanged"},
			{"", false, "new"},
		} {
			site := page + "-- /robots.txt --\n" + run.robots + "\n"
			got, _ := rerun(t, store, site, recrawl.Policy{Grace: 1}, func(o *crawler.Options) {
				w := parseWeb(t, site)
				w.down = map[string]bool{"h.test": run.down}
				o.Fetcher = w
			})
			change := ""
			for _, line := range got {
				if words, ok := strings.CutSuffix(line, " http://h.test/private"); ok {
					change = words
				}
			}
			if change != run.want {
				t.Errorf("the page is %q; want %q", change, run.want)
			}
			<-time.After(25 * time.Hour) // so long a copy of robots.txt counts
		}
	})
}

func TestWhatIsNotDueIsNotVisited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		daily := recrawl.Policy{Mode: recrawl.Fixed, Every: 24 * time.Hour}
		rerun(t, store, before, daily, nil)
		if got, _ := rerun(t, store, after, daily, nil); len(got) != 0 {
			t.Errorf("visited at once again: %v", got)
		}
		<-time.After(25 * time.Hour)
		if got, _ := rerun(t, store, after, daily, nil); len(got) != 9 {
			t.Errorf("visited after a day: %v, want 9 pages", got)
		}
	})
}

// A sitemap is read in each run, and makes those pages due that it says have
// changed since they were visited; a date alone is any time of that day. Of what is
// said of a page twice, as by a feed that has when it was published, the latest date
// counts, but none that is yet to come, as that of an event.
func TestASitemapMakesPagesDue(t *testing.T) {
	const site = `
-- /robots.txt --
Sitemap: http://h.test/map.xml
-- / --
<a href=/old>o</a><a href=/new>n</a><a href=/today>t</a><a href=/unlisted>u</a>
-- /old --
-- /new --
-- /today --
-- /unlisted --
-- /map.xml --
HTTP
Content-Type: application/xml
Etag: "the same"

<urlset><url><loc>http://h.test/old</loc><lastmod>1999-12-31</lastmod></url>
<url><loc>http://h.test/old</loc><lastmod>2000-03-01T20:00:00Z</lastmod></url>
<url><loc>http://h.test/new</loc><lastmod>2000-01-01T01:00:00Z</lastmod></url>
<url><loc>http://h.test/today</loc><lastmod>2000-01-01</lastmod></url>
<url><loc>http://h.test/today</loc><lastmod>2000-01-01T01:30:00Z</lastmod></url>
<url><loc>http://h.test/found</loc><lastmod>1990-01-01</lastmod></url></urlset>
-- /found --
`
	maps := func(o *crawler.Options) { o.Sitemaps.Mode = crawler.SitemapAuto }
	for name, policy := range map[string]recrawl.Policy{
		"adaptive": {Mode: recrawl.Adaptive, Min: 48 * time.Hour, Max: 1000 * time.Hour},
		"fixed":    {Mode: recrawl.Fixed, Every: 48 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := memory.New().Remember()
				rerun(t, store, strings.ReplaceAll(site, "/found</loc>", "/unlisted</loc>"), policy, maps)
				<-time.After(2 * time.Hour)
				got, _ := rerun(t, store, site, policy, func(o *crawler.Options) { maps(o); o.Follow.Depth = 0 })
				wantLines(t, got) // all of them are deeper
				got, sum := rerun(t, store, site, policy, maps)
				wantLines(t, got, "new http://h.test/found", "unchanged http://h.test/new", "unchanged http://h.test/today")
				if sum.Known != 6 || sum.Fetched != 6 || sum.Finish != "complete" {
					t.Errorf("%+v; want 6 known, 6 fetched, complete", sum)
				}
				<-time.After(24 * time.Hour) // it may have changed later that day
				got, _ = rerun(t, store, site, policy, maps)
				wantLines(t, got, "unchanged http://h.test/today")
				<-time.After(time.Hour)
				got, _ = rerun(t, store, site, policy, maps)
				wantLines(t, got)
			})
		})
	}
}

// So it does in a run that was stopped when it had read the sitemap.
func TestASitemapMakesPagesDueAfterAnInterruption(t *testing.T) {
	const site = `
-- /robots.txt --
Sitemap: http://h.test/map.xml
-- / --
<a href=/changed>c</a><a href=/unlisted>u</a>
-- /changed --
-- /unlisted --
-- /map.xml --
HTTP
Content-Type: application/xml

<urlset><url><loc>http://h.test/a</loc></url><url><loc>http://h.test/b</loc></url>
<url><loc>http://h.test/changed</loc><lastmod>2000-01-01T01:00:00Z</lastmod></url></urlset>
`
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		maps := func(o *crawler.Options) { o.Sitemaps.Mode = crawler.SitemapAuto }
		weekly := recrawl.Policy{Mode: recrawl.Fixed, Every: 7 * 24 * time.Hour}
		rerun(t, store, strings.ReplaceAll(site, "/map.xml --", "/old.xml --"), weekly, maps)
		<-time.After(2 * time.Hour)
		got, sum := rerun(t, store, site, weekly, func(o *crawler.Options) { maps(o); o.Limits.Pages = 1 })
		wantLines(t, got, "new http://h.test/a")
		if sum.Finish != "max-pages" {
			t.Errorf("the run was not stopped: %s", sum.Finish)
		}
		got, sum = rerun(t, store, site, weekly, maps)
		wantLines(t, got, "new http://h.test/b", "unchanged http://h.test/changed")
		if sum.Known != 5 || sum.Fetched != 5 || sum.Finish != "complete" {
			t.Errorf("%+v; want 5 known, 5 fetched, complete", sum)
		}
	})
}

// A run that a limit stopped goes on where it was: nothing is visited twice,
// and only a complete one is followed by a new round.
func TestAStoppedRunIsTakenUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		three := func(o *crawler.Options) { o.Limits.Pages = 3 }
		var all []string
		for range 3 {
			got, _ := rerun(t, store, before, recrawl.Policy{}, three)
			all = append(all, got...)
		}
		slices.Sort(all)
		wantLines(t, all, "new http://h.test/", "new http://h.test/deep", "new http://h.test/deeper",
			"new http://h.test/deleted", "new http://h.test/edited", "new http://h.test/moves", "new http://h.test/same", "new http://h.test/stamped")
		again, _ := rerun(t, store, before, recrawl.Policy{}, nil)
		if len(again) != 8 || !strings.HasPrefix(again[0], "unchanged") {
			t.Errorf("after the complete run: %v, want all 8 unchanged", again)
		}
	})
}

// A limit that is reached with the last page, or somebody who stops the crawl
// then, leaves nothing to take up.
func TestARunThatHasNothingLeftIsComplete(t *testing.T) {
	const site = "-- / --\n<a href=/slow>s</a>\n-- /slow --\nHTTP\nDelay: 20s\n\nlast"
	for name, limits := range map[string]crawler.Limits{
		"pages": {Pages: 2}, "bytes": {Bytes: 23}, "duration": {Duration: 10 * time.Second}, "signal": {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, finish := memory.New().Remember(), "complete"
				rerun(t, store, site, recrawl.Policy{}, nil)
				ctx := t.Context()
				if name == "signal" {
					var stop context.CancelFunc
					ctx, stop = context.WithTimeout(ctx, 10*time.Second)
					defer stop()
					finish = "interrupted"
				}
				_, sum := rerunWhile(t, ctx, store, site, recrawl.Policy{}, func(o *crawler.Options) { o.Limits = limits })
				if sum.Finish != finish || !sum.Session.Complete || sum.Left != 0 {
					t.Errorf("finish %s, session %+v, %d left; want %s, complete, 0", sum.Finish, sum.Session, sum.Left, finish)
				}
				if next, _ := rerun(t, store, site, recrawl.Policy{}, nil); len(next) != 2 {
					t.Errorf("the next run visits %q, want both pages", next)
				}
			})
		})
	}
}

// What such a run left waiting is kept out by a lower depth, at once, until the
// depth is raised again.
func TestADepthThatWasLoweredKeepsOutWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		rerun(t, store, before, recrawl.Policy{}, func(o *crawler.Options) { o.Limits.Pages = 1 })
		began := time.Now()
		got, sum := rerun(t, store, before, recrawl.Policy{}, func(o *crawler.Options) {
			o.Follow.Depth, o.Politeness.Rate = 0, rate.Every(time.Hour)
		})
		if len(got) != 0 || sum.Skipped != 6 || sum.Finish != "complete" || time.Since(began) > time.Hour {
			t.Errorf("visited %v in %v, %d skipped, %s; want none, 6 and complete, without waiting for turns",
				got, time.Since(began), sum.Skipped, sum.Finish)
		}
		got, _ = rerun(t, store, before, recrawl.Policy{}, nil)
		if len(got) != 8 {
			t.Errorf("visited %v, want all 8", got)
		}
	})
}

func TestRobotsTxtIsKeptAcrossRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		asked := 0
		for range 3 {
			w := parseWeb(t, before)
			rerun(t, store, before, recrawl.Policy{}, func(o *crawler.Options) { o.Fetcher = w })
			for _, url := range w.log {
				if strings.HasSuffix(url, "/robots.txt") {
					asked++
				}
			}
		}
		if asked != 1 {
			t.Errorf("robots.txt was asked for %d times in three runs within a day, want once", asked)
		}
	})
}

func TestADepthThatWasRaisedLetsMoreIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		rerun(t, store, before, recrawl.Policy{}, func(o *crawler.Options) { o.Follow.Depth = 1 })
		got, _ := rerun(t, store, before, recrawl.Policy{}, nil)
		if !slices.Contains(got, "new http://h.test/deeper") {
			t.Errorf("visited %v, want /deeper among them", got)
		}
	})
}

// What is let in then has its place in the order of priorities.
func TestWhatIsLetInLaterHasNoPriority(t *testing.T) {
	const site = "-- / --\n<a href=/a>a</a>\n-- /a --\n<a href=/b>b</a>\n-- /b --\n"
	plan := &extract.Plan{Recipes: []*recipe.Recipe{compile(t, "name: r\nfollow: [{css: a, priority: 5}]")}}
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		var order []string
		for _, depth := range []int{1, 2} {
			w := parseWeb(t, site)
			rerun(t, store, site, recrawl.Policy{}, func(o *crawler.Options) {
				o.Fetcher, o.Concurrency, o.Follow.Depth, o.Extract, o.Robots.Mode = w, 1, depth, plan, crawler.RobotsIgnore
			})
			order = w.log
		}
		wantLines(t, order, "http://h.test/a", "http://h.test/", "http://h.test/b")
	})
}

func TestADepthThatWasLoweredLeavesTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		rerun(t, store, before, recrawl.Policy{}, nil)
		got, sum := rerun(t, store, before, recrawl.Policy{}, func(o *crawler.Options) { o.Follow.Depth = 1 })
		if len(got) != 7 || slices.Contains(got, "unchanged http://h.test/deeper") || sum.Known != 8 {
			t.Errorf("visited %v of %d known; want the seed and what it links to, of 8", got, sum.Known)
		}
		got, _ = rerun(t, store, before, recrawl.Policy{}, nil)
		if !slices.Contains(got, "unchanged http://h.test/deeper") {
			t.Errorf("visited %v, want /deeper again, which is the same as when it was last seen", got)
		}
	})
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
