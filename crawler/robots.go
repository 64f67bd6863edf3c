package crawler

import (
	"context"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// guarded is the fetcher with robots.txt before it. Copies of robots.txt are
// kept with the frontier, when it outlives the process.
func (c *crawl) guarded(client fetch.Fetcher) fetch.Fetcher {
	if c.Robots.Mode == RobotsIgnore {
		return client
	}
	o := gate.Options{
		Agent:   c.Robots.Agent,
		Mode:    c.Robots.Mode.gate(),
		Timeout: c.Robots.Timeout,
		Learned: c.learned,
		Asked:   func(at weburl.URL, pause time.Duration) { c.queue.Asked(at.Host(), pause) },
		// The host that it leads to is asked at a turn of its own, too.
		Redirected: func(robots, to weburl.URL) { c.queue.Beside(robots.Host(), to.Host()) },
	}
	if c.Again.Notes != nil {
		o.Recall = c.recallRobots
	}
	return gate.New(client, o)
}

// RobotsNote is the key of the note that is an origin's robots.txt: a gate.Kept.
func RobotsNote(origin string) string { return "robots " + origin }

// recallRobots is the copy of an origin's robots.txt that was kept. One that
// cannot be read is asked for anew.
func (c *crawl) recallRobots(ctx context.Context, origin string) (kept gate.Kept, ok bool) {
	data, err := c.Again.Notes.Note(ctx, RobotsNote(origin))
	if err == nil && data != nil {
		err = kept.UnmarshalBinary(data)
	}
	if err != nil {
		c.Events.warning("kept robots.txt not read", "origin", origin, "err", err)
	}
	return kept, err == nil && data != nil
}

// learned takes in what a robots.txt says beside its rules.
func (c *crawl) learned(copy gate.Copy) {
	c.Events.robots(copy)
	// Of its own host a refusal is told by the request that fails for it, if one does.
	if copy.Err != nil && pushback(copy.Status) && (copy.Serves || copy.Err.URL.Host() != copy.URL.Host()) {
		c.queue.Refused(copy.Err.URL.Host(), copy.Err.RetryAfter)
	}
	c.queue.Beside(copy.URL.Host(), "")
	if copy.Err != nil {
		return
	}
	if c.Robots.Mode == RobotsObey {
		c.queue.SetDelay(copy.URL, copy.Delay)
	}
	c.keepRobots(&copy)
	c.queue.Add(c.homeSitemaps(copy.URL, copy.Sitemaps))
}

func (c *crawl) keepRobots(copy *gate.Copy) {
	if c.Again.Notes == nil || copy.Recalled {
		return
	}
	data, err := copy.Kept.MarshalBinary()
	if err != nil {
		c.Events.warning("robots.txt not kept", "url", copy.URL.String(), "err", err)
		return
	}
	c.queue.Keep(frontier.Note{Key: RobotsNote(copy.URL.Origin()), Value: data})
}
