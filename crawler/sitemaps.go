package crawler

import (
	"errors"
	"fmt"
	"sync"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/parse/sitemap"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// sitemapCount bounds the sitemaps of a seed's host, wherever they are: indexes
// may name 50,000 files each, and those of a host that means harm are without
// end.
type sitemapCount struct {
	mu   sync.Mutex
	of   map[string]int
	full []string // hosts nobody has been told of
}

// admit counts one more sitemap of a host.
func (s *sitemapCount) admit(host string, most int) *frontier.Skip {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = make(map[string]int)
	}
	s.of[host]++
	if most <= 0 || s.of[host] <= most {
		return nil
	}
	if s.of[host] == most+1 {
		s.full = append(s.full, host)
	}
	return &frontier.Skip{Rule: "sitemaps", Detail: fmt.Sprintf("more than %d of this host", most)}
}

// indexes tells whether an index may name a sitemap: on its own site, or in the
// crawl's scope. A robots.txt may name those of any host, as its owner speaks for
// it; an index that could would send crawls to 50,000 hosts at a time.
func (c *crawl) indexes(index, u weburl.URL) bool {
	return u.Host() == index.Host() || scope.Akin(index, u) || c.Scope.Decide(u).In
}

// entryJob is what a sitemap's entry asks for: a page, or one more sitemap.
func (c *crawl) entryJob(of *frontier.Job, u weburl.URL, index bool) frontier.Job {
	if index {
		return frontier.Job{URL: u, Via: of.URL, Seed: of.Seed, Kind: frontier.Sitemap, Redirects: of.Redirects + 1}
	}
	return frontier.Job{URL: c.Follow.Query.Apply(u), Via: of.URL, Seed: of.Seed, Depth: 1}
}

// missSitemap tells of a sitemap that the user named and that cannot be had.
// Others are a guess, or a site's own concern.
func (c *crawl) missSitemap(job *frontier.Job, why ...any) {
	if c.Sitemaps.Mode == SitemapGiven {
		c.Events.warning("sitemap cannot be had", append([]any{"url", job.URL.String()}, why...)...)
	}
}

// warnOfSitemap tells what was not read of a sitemap, and why. Many sites answer
// with a page for what they do not have: that is no news of a sitemap that was
// only guessed to be there.
func (c *crawl) warnOfSitemap(job *frontier.Job, foreign, entries int, err error) {
	if foreign > 0 {
		c.Events.warning("sitemaps of other sites not read", "index", job.URL.String(), "sitemaps", foreign)
	}
	guessed := job.Via.IsZero() && job.URL != job.Seed
	if err != nil && !(guessed && errors.Is(err, sitemap.ErrNotSitemap)) {
		c.Events.warning("sitemap not read to its end", "url", job.URL.String(), "entries", entries, "err", err)
	}
}

// tell warns of the hosts whose sitemaps are not all read. It is no part of
// admit, which is called with the queue's lock held.
func (s *sitemapCount) tell(e *Events) {
	s.mu.Lock()
	hosts := s.full
	s.full = nil
	s.mu.Unlock()
	for _, host := range hosts {
		e.warning("too many sitemaps: the rest of them is not read (--max-sitemaps)", "host", host)
	}
}
