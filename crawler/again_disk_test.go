package crawler_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
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
	if sum.Known != 9 || sum.Session.Number != 2 || sum.Changed() != 4 || sum.Changes["unchanged"] != 5 {
		t.Errorf("%+v; want 9 known, session 2, 4 changed and 5 unchanged", sum)
	}
	if _, sum := onDisk(t, dir, after, "http://h.test/", nil); sum.Known != 9 || sum.Changed() != 0 {
		t.Errorf("third run: %+v; want 9 known, none changed", sum)
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
