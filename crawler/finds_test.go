package crawler_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
)

// linksOf are how many pages link to each URL that a store knows, by path.
func linksOf(t *testing.T, store *memory.Store) map[string]int {
	t.Helper()
	counts := make(map[uint64]int)
	for part := range uint64(frontier.FindsParts) {
		content, err := store.Note(t.Context(), crawler.FindsNote(part))
		if err != nil {
			t.Fatal(err)
		}
		maps.Insert(counts, frontier.Finds(content).All())
	}
	links := make(map[string]int)
	for row, err := range store.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n, ok := counts[row.Job.Fingerprint()]
		if !ok {
			n = 1
		}
		links[row.Job.URL.Path()] = n
	}
	return links
}

const linkedWeb = `
-- / --
<a href=/a>a</a><a href=/a>again</a><a href=/b>b</a><a href=/old>o</a>
-- /a --
<a href=/>home</a><a href=/b>b</a><a href=/gone>g</a>
-- /b --
<a href=/a?by=b>a</a><a href=/a>a</a><a href=/b>me</a><a href=/once>o</a>
-- /old --
HTTP 301
Location: /new

-- /new --
<a href=/b>b</a>
-- /once --
<a href=/gone>g</a>
-- /sitemap.xml --
HTTP
Content-Type: application/xml

<urlset><url><loc>http://h.test/orphan</loc></url><url><loc>http://h.test/b</loc></url></urlset>
-- /orphan --
<a href=/>home</a>
`

// Stopped and taken up, or in one go, and visited once more: the counts are
// those of the pages.
func TestLinksAreCountedAcrossRuns(t *testing.T) {
	want := map[string]int{"/": 2, "/a": 2, "/b": 4, "/old": 1, "/new": 0, "/gone": 2, "/once": 1, "/orphan": 0, "/sitemap.xml": 0}
	for _, pages := range []int{1, 2, 3, 0} {
		synctest.Test(t, func(t *testing.T) {
			store := memory.New().Remember()
			adapt := func(o *crawler.Options) {
				o.Limits.Pages, o.Follow.Query, o.Sitemaps.Mode = pages, crawler.NewQueryFilter(nil), crawler.SitemapAuto
			}
			for sum := (crawler.Summary{}); sum.Finish != "complete"; {
				_, sum = rerun(t, store, linkedWeb, recrawl.Policy{}, adapt)
			}
			if got := linksOf(t, store); !maps.Equal(got, want) {
				t.Errorf("by %d pages a run: links to each are\n%v, want\n%v", pages, got, want)
			}
			rerun(t, store, linkedWeb, recrawl.Policy{}, func(o *crawler.Options) { adapt(o); o.Limits.Pages = 0 })
			if got := linksOf(t, store); !maps.Equal(got, want) {
				t.Errorf("by %d pages a run: after another visit links to each are\n%v, want\n%v", pages, got, want)
			}
		})
	}
}

// notedStore tells when the counts are kept.
type notedStore struct {
	*memory.Store
	kept map[string][]time.Time
}

func (s *notedStore) Commit(ctx context.Context, b *frontier.Batch) error {
	for _, n := range b.Notes {
		if strings.HasPrefix(n.Key, "finds/") {
			s.kept[n.Key] = append(s.kept[n.Key], time.Now())
		}
	}
	return s.Store.Commit(ctx, b)
}

func TestCountsAreKeptOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var web strings.Builder
		for i := range 400 {
			fmt.Fprintf(&web, "-- /%d --\n<a href=/%d>next</a><a href=/0>home</a><a href=/%d>back</a>\n", i, i+1, max(0, i-1))
		}
		store := &notedStore{Store: memory.New().Remember(), kept: make(map[string][]time.Time)}
		o := options(parseWeb(t, web.String()), &sink{}, "http://h.test/0")
		o.Store, o.Again = store, crawler.Again{Rows: store, Notes: store}
		o.Politeness.Rate = rate.Every(time.Second)
		began := time.Now()
		if _, err := crawler.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if at := store.kept[crawler.FindsNote(o.Seeds[0].Fingerprint())]; len(at) == 0 || at[0] != began {
			t.Errorf("that the seed has no link yet was kept at %v, want at the start, %v", at, began)
		}
		minutes := int(time.Since(began).Minutes())
		for part := range uint64(frontier.FindsParts) {
			at := store.kept[crawler.FindsNote(part)]
			if len(at) < minutes-1 || len(at) > minutes+2 {
				t.Errorf("part %d was kept %d times in %d minutes: %v", part, len(at), minutes, at)
			}
		}
	})
}

func TestNoCountIsKeptOfACrawlThatIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &notedStore{Store: memory.New(), kept: make(map[string][]time.Time)}
		o := options(parseWeb(t, linkedWeb), &sink{}, "http://h.test/")
		o.Store = store
		if _, err := crawler.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if len(store.kept) != 0 {
			t.Errorf("notes %v of a crawl without --state", store.kept)
		}
	})
}
