package crawler_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/sitemap"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// sized notes how many bytes a sitemap may have.
type sized struct {
	*web
	maxBody atomic.Int64
}

func (s *sized) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	if strings.HasSuffix(req.URL.Path(), ".xml") {
		s.maxBody.Store(req.MaxBody)
	}
	return s.web.Fetch(ctx, req)
}

// No more is downloaded of a sitemap than is read of it.
func TestSitemapsAreAskedForInPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &sized{web: parseWeb(t, "-- h.test/ --\n-- h.test/sitemap.xml --\n<urlset></urlset>\n")}
		o := options(w.web, &sink{}, "http://h.test/")
		o.Fetcher, o.Sitemaps.Mode = w, crawler.SitemapAuto
		if _, err := crawler.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if n := w.maxBody.Load(); n != sitemap.MaxSize {
			t.Errorf("asked for %d bytes, want %d", n, sitemap.MaxSize)
		}
	})
}

// A sitemap that has not changed since the last run is not one that cannot be had.
func TestASitemapThatHasNotChangedIsThere(t *testing.T) {
	const site = "-- / --\n-- /map.xml --\nHTTP\nEtag: \"1\"\n\n<urlset><url><loc>http://h.test/a</loc></url></urlset>\n-- /a --\n"
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		for _, change := range []string{"new", "unchanged"} {
			changes, _ := rerun(t, store, site, recrawl.Policy{}, func(o *crawler.Options) {
				o.Sitemaps = crawler.Sitemaps{Mode: crawler.SitemapGiven, URLs: []weburl.URL{weburl.FromCanonical("http://h.test/map.xml")}}
				o.Events.Warning = func(message string, args ...any) { t.Errorf("%s %v", message, args) }
			})
			wantLines(t, changes, change+" http://h.test/", change+" http://h.test/a")
		}
	})
}

// A page is one, whatever was taken for a sitemap before it was found: where the
// guess leads, what an index or robots.txt names, the file itself. It is so in a
// run that goes on, and in the next.
func TestASitemapMayBeAPageToo(t *testing.T) {
	const site = `
-- /robots.txt --
Sitemap: http://h.test/sitemap.xml
Sitemap: http://h.test/map
Sitemap: http://h.test/index.xml
-- / --
<a href=/home>h</a><a href=/map>m</a><a href=/sitemap.xml>s</a><a href=/listed>l</a>
-- /sitemap.xml --
HTTP 302
Location: /home

-- /home --
<a href=/deep>d</a>
-- /map --
<a href=/far>f</a>
-- /index.xml --
HTTP
Content-Type: application/xml

<sitemapindex><sitemap><loc>http://h.test/listed</loc></sitemap></sitemapindex>
-- /listed --
<a href=/deeper>d</a>
-- /deep --
-- /deeper --
-- /far --
`
	all := []string{"/", "/deep", "/deeper", "/far", "/home", "/listed", "/map", "/sitemap.xml"}
	synctest.Test(t, func(t *testing.T) {
		store := memory.New().Remember()
		for _, run := range []struct {
			change string
			pages  int
		}{{"new", 1}, {"new", 0}, {"unchanged", 0}} {
			got, sum := rerun(t, store, site, recrawl.Policy{}, func(o *crawler.Options) {
				o.Sitemaps.Mode, o.Limits.Pages = crawler.SitemapAuto, run.pages
			})
			want := []string{"new http://h.test/"}
			if run.pages == 0 {
				want = nil
				for _, path := range all {
					want = append(want, run.change+" http://h.test"+path)
				}
				if run.change == "new" {
					want = want[1:]
				}
			}
			wantLines(t, got, want...)
			if run.pages == 0 && (sum.Known != 8 || sum.Fetched != 8) {
				t.Errorf("%+v; want 8 pages known, and fetched", sum)
			}
		}
	})
}
