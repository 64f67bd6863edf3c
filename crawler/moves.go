package crawler

import (
	"context"
	"sync"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// WidenedNote is the key of the note that lists the URLs which seeds were moved
// to, and around which the scope is drawn as well: a JSON array of strings.
const WidenedNote = "widened"

// homes are the hosts whose own sites are crawled: those of the seeds, and
// where seeds have moved to.
type homes struct {
	mu    sync.Mutex
	seeds map[string]weburl.URL // the first of each host
	moves []string              // where seeds have moved to
	fresh bool                  // … and not all of it is durable
}

// add takes the host of a seed in, or one that a seed has moved to.
func (h *homes) add(host string, seed weburl.URL) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seeds == nil {
		h.seeds = make(map[string]weburl.URL)
	}
	if _, ok := h.seeds[host]; !ok {
		h.seeds[host] = seed
	}
}

func (h *homes) seed(host string) (weburl.URL, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seed, ok := h.seeds[host]
	return seed, ok
}

// widen takes a URL that a seed has moved to into the scope, in this run and
// in those to come.
func (c *crawl) widen(u, seed weburl.URL) {
	c.homes.add(u.Host(), seed)
	if !c.Scope.Widen(u) || c.Again.Notes == nil {
		return
	}
	c.homes.mu.Lock()
	defer c.homes.mu.Unlock()
	c.homes.moves, c.homes.fresh = append(c.homes.moves, u.String()), true
}

// keepMoves has the next commit hold what widen has learned. The redirects are
// part of that commit or of a later one.
func (c *crawl) keepMoves() {
	c.homes.mu.Lock()
	defer c.homes.mu.Unlock()
	if c.homes.fresh {
		c.queue.Keep(note(WidenedNote, c.homes.moves))
		c.homes.fresh = false
	}
}

func (c *crawl) recallMoves(ctx context.Context) error {
	if err := c.recall(ctx, WidenedNote, &c.homes.moves); err != nil {
		return err
	}
	for _, text := range c.homes.moves {
		u := weburl.FromCanonical(text)
		c.Scope.Widen(u)
		c.homes.add(u.Host(), u)
	}
	return nil
}

// homeSitemaps are the sitemaps of a host by its robots.txt, if it is one whose
// own site is crawled: with --scope any, every host that a link leads to would
// be crawled whole otherwise.
func (c *crawl) homeSitemaps(robots weburl.URL, named []weburl.URL) []frontier.Candidate {
	seed, ok := c.homes.seed(robots.Host())
	if !ok || !c.wantsSitemaps() {
		return nil
	}
	return sitemapsOf(robots, seed, named)
}
