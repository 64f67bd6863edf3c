package crawler

import (
	"fmt"
	"sync"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/scope"
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
