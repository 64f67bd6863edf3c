package crawler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// onDisk crawls a web over a state directory that is opened for this run alone.
func onDisk(t *testing.T, dir, text, seed string, adapt func(*crawler.Options)) ([]string, crawler.Summary) {
	t.Helper()
	store, err := disk.Open(dir, disk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &changeSink{}
	o := options(parseWeb(t, text), &s.sink, seed)
	o.Sink, o.Store = s, store
	o.Again = crawler.Again{Rows: store, Notes: store, Policy: recrawl.Policy{}}
	if adapt != nil {
		adapt(&o)
	}
	sum, err := crawler.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.changes)
	return s.changes, sum
}

// What is visited again keeps its place in the store: there is one row of it,
// however many runs there are.
func TestRerunsOverADisk(t *testing.T) {
	dir := t.TempDir()
	onDisk(t, dir, before, "http://h.test/", nil)
	changes, sum := onDisk(t, dir, after, "http://h.test/", nil)
	wantLines(t, changes, "gone http://h.test/deleted", "modified http://h.test/edited", "moved http://h.test/moves",
		"new http://h.test/added", "unchanged http://h.test/", "unchanged http://h.test/deep",
		"unchanged http://h.test/deeper", "unchanged http://h.test/same", "unchanged http://h.test/stamped")
	if sum.Known != 9 || sum.Session.Number != 2 || !sum.News || sum.Changes["unchanged"] != 5 {
		t.Errorf("%+v; want 9 known, session 2, news and 5 unchanged", sum)
	}
	if _, sum := onDisk(t, dir, after, "http://h.test/", nil); sum.Known != 9 || sum.News {
		t.Errorf("third run: %+v; want 9 known, no news", sum)
	}
}

// A robots.txt that keeps a page out for a while makes it no other page: once it
// is let in again, it is compared with what it was.
func TestWhatIsLetInAgainIsNotNew(t *testing.T) {
	const site = "-- /robots.txt --\nUser-agent: *\nDisallow: /a\n-- / --\n<a href=/a>a</a>\n-- /a --\n"
	dir := t.TempDir()
	for _, run := range []struct {
		text string
		mode crawler.RobotsMode
		want string
	}{
		{"one", crawler.RobotsIgnore, "new"},
		{"one", crawler.RobotsObey, ""},
		{"one", crawler.RobotsObey, ""},
		{"one", crawler.RobotsIgnore, "unchanged"},
		{"one", crawler.RobotsObey, ""},
		{"two", crawler.RobotsIgnore, "modified"},
	} {
		changes, sum := onDisk(t, dir, site+run.text, "http://h.test/", func(o *crawler.Options) { o.Robots.Mode = run.mode })
		if let := slices.Contains(changes, run.want+" http://h.test/a"); let != (run.want != "") || sum.Known != 2 {
			t.Errorf("%q, mode %d: %v of %d known; want /a %q, of 2", run.text, run.mode, changes, sum.Known, run.want)
		}
	}
}

// A page that leads to where the crawl does not go is a page all the same: it
// is visited in each run, and the target has a row of its own.
func TestARedirectOutOfScopeIsVisitedAgain(t *testing.T) {
	const web = `
-- / --
<a href=/out>o</a>
-- /out --
HTTP 302
Location: http://else.test/

`
	dir := t.TempDir()
	for _, change := range []string{"new", "unchanged", "unchanged"} {
		changes, sum := onDisk(t, dir, web, "http://h.test/", nil)
		wantLines(t, changes, change+" http://h.test/", change+" http://h.test/out")
		if sum.Known != 3 || sum.Fetched != 2 || sum.Skipped != 1 {
			t.Errorf("%+v; want 3 known, 2 fetched, 1 skipped", sum)
		}
	}
}

// A seed that moves takes the scope along to where another seed's page has led
// before it, which was out of scope then.
func TestAMovedSeedIsFoundBeforeItMoves(t *testing.T) {
	const web = `
-- a.test/ --
<a href=http://www.b.test/>b</a><a href=http://else.test/>e</a>
-- b.test/ --
HTTP 301
Location: http://www.b.test/

-- www.b.test/ --
<a href=/x>x</a>
-- www.b.test/x --
x
`
	changes, sum := onDisk(t, t.TempDir(), web, "http://a.test/", func(o *crawler.Options) {
		o.Seeds = append(o.Seeds, weburl.FromCanonical("http://b.test/"))
		o.Scope = scope.New(scope.Host, nil, nil, o.Seeds...)
		o.Concurrency = 1 // a.test first
	})
	wantLines(t, changes, "new http://a.test/", "new http://b.test/", "new http://www.b.test/", "new http://www.b.test/x")
	if sum.Known != 5 || sum.Skipped != 1 {
		t.Errorf("%+v; want 5 known, 1 skipped", sum)
	}
}

// What another --traps or recipe lets in has one row, of which the skip is no
// longer part.
func TestRulesThatChangeBetweenRuns(t *testing.T) {
	const web = `
-- / --
<a href=/x/x/x/x/x/x/x/x>x</a><a href=/cart>c</a>
-- /x/x/x/x/x/x/x/x --
x
-- /cart --
c
`
	shop := compile(t, "name: shop\nitems:\n  page:\n    fields:\n      title: title\nskip: [/cart]\n")
	skipping, dir := &extract.Plan{Recipes: []*recipe.Recipe{shop}}, t.TempDir()
	_, sum := onDisk(t, dir, web, "http://h.test/", func(o *crawler.Options) { o.Traps.Mode, o.Extract = trap.On, skipping })
	if sum.Known != 3 || sum.Skips["trap"] != 1 || sum.Skips["recipe"] != 1 {
		t.Errorf("%+v; want one page and two that are skipped", sum)
	}
	for _, change := range []string{"new", "unchanged", "unchanged"} {
		changes, sum := onDisk(t, dir, web, "http://h.test/", nil)
		want := []string{"unchanged http://h.test/", change + " http://h.test/cart", change + " http://h.test/x/x/x/x/x/x/x/x"}
		slices.Sort(want)
		wantLines(t, changes, want...)
		if sum.Known != 3 || sum.Fetched != 3 {
			t.Errorf("%+v; want 3 known, 3 fetched", sum)
		}
	}
}

// A URL that was parked while it waited has one row, also when a run that goes on
// finds it again and would let it in; the next run does.
func TestWhatWasParkedHasOneRow(t *testing.T) {
	const days = 300
	var web, each strings.Builder
	web.WriteString("\n-- / --\n<a href=/day/1>c</a><a href=/late/0>l</a>\n")
	for i := range days {
		fmt.Fprintf(&web, "-- /day/%d --\n<p>nothing on this day</p><a href=/day/%d>a</a><a href=/day/%d>b</a>\n", i, 2*i, 2*i+1)
		fmt.Fprintf(&each, "<a href=/day/%d>x</a>", i)
	}
	for i := range 20 {
		fmt.Fprintf(&web, "-- /late/%d --\n<p>%s</p><a href=/late/%d>n</a>\n", i, strings.Repeat(fmt.Sprint("late", i, " "), 20), i+1)
	}
	web.WriteString("-- /late/20 --\n" + each.String())
	dir := t.TempDir()
	run := func(mode trap.Mode, pages int) crawler.Summary {
		_, sum := onDisk(t, dir, web.String(), "http://h.test/", func(o *crawler.Options) {
			o.Concurrency, o.Limits.Pages, o.Traps.Mode = 1, pages, mode
		})
		return sum
	}
	if sum := run(trap.On, 245); sum.Skips["trap"] < 100 || sum.Finish != "max-pages" {
		t.Fatalf("%+v; want a calendar parked before the run is stopped", sum)
	}
	run(trap.Off, 0)
	const all = 1 + 21 + 2*days // days that are not there are linked to as well
	if sum := run(trap.Off, 0); sum.Known != all || sum.Fetched != all || sum.Visited() != all {
		t.Errorf("%d fetched of %d, in %d visits; want %d", sum.Fetched, sum.Known, sum.Visited(), all)
	}
}

// Where a space was parked that takes the site's own URLs in, the pages that were
// had are visited in the next run, too, also if the server does not send them again.
func TestPagesBesideAParkedSpaceAreVisitedAgain(t *testing.T) {
	var web strings.Builder
	page := func(path, text string, links ...string) {
		fmt.Fprintf(&web, "\n-- %s --\nHTTP\nEtag: \"1\"\n\n<p>%s</p>", path, text)
		for _, l := range links {
			fmt.Fprintf(&web, "<a href=%s>x</a>", l)
		}
	}
	page("/", "a site", "/alpha", "/z")
	pages := []string{"/", "/alpha", "/beta", "/gamma", "/delta"}
	for i, path := range pages[1:] {
		page(path, strings.Repeat(path+" ", 20), append(pages, "/")[i+2])
	}
	for level, names := 0, []string{"/z"}; level < 9; level++ { // plain names, which no pattern but /** has
		var next []string
		for _, name := range names {
			page(name, "nothing but more of it", name+"a", name+"b")
			next = append(next, name+"a", name+"b")
		}
		names = next
	}
	dir := t.TempDir()
	for run, change := range []string{"new", "unchanged"} {
		changes, sum := onDisk(t, dir, web.String(), "http://h.test/", func(o *crawler.Options) { o.Concurrency, o.Traps.Mode = 1, trap.On })
		for _, path := range pages {
			if want := change + " http://h.test" + path; !slices.Contains(changes, want) {
				t.Errorf("run %d has no %q", run, want)
			}
		}
		if run == 0 && sum.Skips["trap"] == 0 || sum.Fetched > 500 {
			t.Errorf("%d fetched: the space was not parked", sum.Fetched)
		}
	}
}

// A seed that has moved takes the scope along, also for the runs that find it
// done: its site would be out of scope for them.
func TestAMovedSeedIsRemembered(t *testing.T) {
	const moved = `
-- h.test/ --
HTTP 301
Location: http://www.h.test/

-- www.h.test/ --
<a href=/a>a</a>
-- www.h.test/a --
<a href=/b>b</a>
-- www.h.test/b --
b
`
	dir := t.TempDir()
	var all []string
	for range 4 { // one page a run
		one := func(o *crawler.Options) { o.Limits.Pages = 1 }
		changes, _ := onDisk(t, dir, moved, "http://h.test/", one)
		all = append(all, changes...)
	}
	want := []string{"new http://h.test/", "new http://www.h.test/", "new http://www.h.test/a", "new http://www.h.test/b"}
	if fmt.Sprint(all) != fmt.Sprint(want) {
		t.Errorf("visited %v, want %v", all, want)
	}
}
