package crawler_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/sitemap"
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
