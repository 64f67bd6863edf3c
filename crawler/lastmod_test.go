package crawler

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// What sitemaps say of pages that are new, and visited anyway, takes no memory.
func TestLastmodsAreOfKnownPages(t *testing.T) {
	t.Parallel()
	known, site := weburl.FromCanonical("http://h.test/known"), weburl.FromCanonical("http://h.test/map.xml")
	queue, _, err := frontier.Open(t.Context(), memory.New(), frontier.Options{})
	if err != nil {
		t.Fatal(err)
	}
	queue.Add([]frontier.Candidate{frontier.Seed(known)})
	c := &crawl{queue: queue, lastmods: lastmods{on: true, since: time.Unix(0, 0)}}
	c.Scope = scope.New(scope.Host, nil, nil, site)
	var body strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&body, "<url><loc>/new%d</loc><lastmod>2000-01-01</lastmod></url>", i)
	}
	body.WriteString("<url><loc>/known</loc><lastmod>2000-01-01</lastmod></url>")
	lease := &frontier.Lease{Job: sitemapJob(site, site).Job}
	r := &result{lease: lease, page: &fetch.Page{URL: site, Status: 200, Body: []byte("<urlset>" + body.String() + "</urlset>")}}
	c.digestSitemap(r)
	if _, ok := c.lastmods.of[known.Fingerprint()]; len(r.done.More) != 1001 || len(c.lastmods.of) != 1 || !ok {
		t.Errorf("of %d pages %d are noted (the known one: %v), want that one alone", len(r.done.More), len(c.lastmods.of), ok)
	}
}
