package crawler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// errBroken marks the failure of something the crawl cannot go on without.
var errBroken = errors.New("crawl broken off")

// start opens the frontier, brings the sink to where the frontier stands, and
// adds the seeds.
func start(ctx context.Context, o Options, abort context.CancelCauseFunc) (*crawl, error) {
	if o.Timing.SyncEvery <= 0 {
		o.Timing.SyncEvery = time.Second
	}
	c := &crawl{Options: o, tally: newTally(), abort: abort, plan: o.Extract.Sum()}
	c.fetcher = c.guarded(o.Fetcher)
	c.tally.data = NewHarvested(o.Extract)
	if err := c.startTraps(ctx); err != nil {
		return nil, err
	}
	committed, err := c.takeUp(ctx)
	if err != nil {
		return nil, err
	}
	queue, mark, err := frontier.Open(ctx, o.Store, frontier.Options{
		Politeness:      o.Politeness,
		MaxPages:        o.Limits.Pages,
		MaxPagesPerHost: o.Limits.PagesPerHost,
		Introduce:       c.Robots.Mode != RobotsIgnore,
		Levels:          c.Follow.Depth > 0,
		Prioritized:     o.Extract.Prioritizes(),
		Admit:           c.admit,
		Drained:         c.revisit,
	})
	if err != nil {
		return nil, err
	}
	c.queue = queue
	if err := c.recallFinds(ctx); err != nil {
		return nil, err
	}
	if err := c.rewind(ctx, mark, committed); err != nil {
		return nil, err
	}
	if err := c.writeSkipped(ctx, c.addSeeds()); err != nil {
		return nil, err
	}
	// From here on a crash can be resumed: the seeds and the output's first
	// mark are safe before anything is fetched.
	if err := c.keepAllFinds(ctx); err != nil {
		return nil, err
	}
	if err := c.commit(ctx); err != nil {
		return nil, err
	}
	c.Events.started(queue.Stats)
	return c, nil
}

// rewind brings the sink to where the frontier stands. One that cannot be, a
// pipe, has records too many only if not all that it got was committed.
func (c *crawl) rewind(ctx context.Context, mark output.Mark, committed bool) error {
	switch err := c.Sink.Rewind(ctx, mark); {
	case errors.Is(err, output.ErrNoRewind):
		if !committed {
			c.Events.warning("records written after the last commit come a second time: " + err.Error())
		}
	case err != nil && mark == "":
		return err // nothing stands yet
	case err != nil:
		return fmt.Errorf("bring the output to where the crawl stands: %w", err)
	}
	return nil
}

func (c *crawl) addSeeds() (skipped []frontier.Row) {
	seeds := make([]frontier.Candidate, 0, len(c.Seeds))
	for _, u := range c.Seeds {
		u = c.Follow.Query.Apply(u)
		seeds = append(seeds, frontier.Seed(u))
		c.homes.add(u.Host(), u)
	}
	if c.Again.Notes != nil {
		c.queue.Keep(c.runsNote())
	}
	skipped = c.queue.Add(seeds)
	c.tally.seeded(int64(len(seeds)), skipped)
	c.queue.Add(c.firstSitemaps())
	return skipped
}

// firstSitemaps are those that are known before any robots.txt is.
func (c *crawl) firstSitemaps() (found []frontier.Candidate) {
	switch {
	case c.Sitemaps.Mode == SitemapGiven:
		for _, u := range c.Sitemaps.URLs {
			found = append(found, sitemapJob(u, u))
		}
	case c.wantsSitemaps() && c.Robots.Mode == RobotsIgnore:
		for _, u := range c.homes.seeds {
			found = append(found, sitemapsOf(u, u, nil)...)
		}
	}
	return found
}

// wantsSitemaps tells whether a site's own sitemaps are looked for. Their
// entries have depth 1: with a limit of 0 there is no use for them. Nor is there
// when a recipe or --follow names the links to take: a shop's sitemap has every
// product, and its listing's pages are all that was asked for.
func (c *crawl) wantsSitemaps() bool {
	switch c.Sitemaps.Mode {
	case SitemapAuto:
		return c.Follow.Depth != 0 && !c.Extract.Follows()
	case SitemapOnly:
		return c.Follow.Depth != 0
	default:
		return false
	}
}

// sitemapsOf are the sitemaps of a site that has this URL: those named there,
// else the one that sites have by custom.
func sitemapsOf(site, seed weburl.URL, named []weburl.URL) (found []frontier.Candidate) {
	for _, u := range named {
		s := sitemapJob(u, seed)
		s.Job.Via = site
		found = append(found, s)
	}
	if len(found) == 0 {
		if u, err := site.Resolve("/sitemap.xml"); err == nil {
			found = append(found, sitemapJob(u, seed))
		}
	}
	return found
}

func sitemapJob(u, seed weburl.URL) frontier.Candidate {
	return frontier.Candidate{Job: frontier.Job{URL: u, Seed: seed, Kind: frontier.Sitemap}}
}

// watch has the crawl end at its time limit and when ctx does; the function
// it returns takes that back.
func (c *crawl) watch(ctx context.Context) (unwatch func()) {
	var timers []*time.Timer
	if c.Limits.Duration > 0 {
		timers = append(timers, time.AfterFunc(c.Limits.Duration, func() { c.queue.Stop("max-duration") }))
	}
	released := context.AfterFunc(ctx, func() {
		if cause := context.Cause(ctx); errors.Is(cause, output.ErrReaderGone) {
			c.stop(cause) // nobody reads what is in flight
			return
		}
		c.queue.Stop(interrupted)
		time.AfterFunc(c.Timing.Grace, func() { c.abort(context.Cause(ctx)) })
	})
	return func() {
		released()
		for _, t := range timers {
			t.Stop()
		}
	}
}

// ended takes in why the frontier hands out nothing more.
func (c *crawl) ended(err error) {
	switch {
	case errors.Is(err, frontier.ErrDrained), errors.Is(err, frontier.ErrStopped), errors.Is(err, context.Canceled):
	default:
		c.stop(err)
	}
}

// stop breaks the crawl off: what is in flight is not worth waiting for.
func (c *crawl) stop(err error) {
	reason := broken
	if errors.Is(err, output.ErrReaderGone) {
		reason = readerGone
	}
	c.queue.Stop(reason)
	c.abort(fmt.Errorf("%w: %w", errBroken, err))
}
