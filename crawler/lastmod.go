package crawler

import (
	"context"
	"sync"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// lastmods is what sitemaps say of pages that are not due: when they changed.
// Those that did since their last visit are visited once all else is done,
// since finding them takes a walk through all that is known.
//
// Only of pages that are known is it kept, as the others are visited anyway: the
// thousand sitemaps that a host may have name 50 million pages, which would be
// gigabytes. As it is, it takes about as much memory as the set of known URLs.
type lastmods struct {
	mu    sync.Mutex
	on    bool
	since time.Time        // the oldest visit of them, zero when there are none; what is older is no news
	of    map[uint64]int64 // in Unix seconds, by fingerprint
}

// heedsLastmods tells whether a sitemap may make a page due: it can when not
// all of them are, in any run but the first.
func (c *crawl) heedsLastmods() bool {
	return c.Again.Notes != nil && c.Again.Policy.Mode != recrawl.All && c.run().Number > 1
}

// tolerance is how far a server's clock may be ahead, or its zone.
const tolerance = 24 * time.Hour

// heed takes in what a sitemap says of a page.
func (c *crawl) heed(u weburl.URL, at time.Time) {
	if fp := u.Fingerprint(); c.lastmods.on && !at.IsZero() && c.queue.Knows(fp) {
		c.lastmods.add(fp, at)
	}
}

// add takes in when a page changed. What is yet to come is no such time: feeds of
// events have theirs, which would make a page due in each run until then.
func (l *lastmods) add(fp uint64, at time.Time) {
	if at.After(time.Now().Add(tolerance)) {
		return
	}
	if at.Equal(at.Truncate(24 * time.Hour)) {
		at = at.Add(24*time.Hour - 1) // a date alone: any time of that day
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() || !at.After(l.since) {
		return
	}
	if l.of == nil {
		l.of = make(map[uint64]int64)
	}
	second := at.Add(time.Second - 1).Unix()        // a page is rather visited in vain than missed
	if last, ok := l.of[fp]; !ok || second > last { // a feed, too, may have said when it was published
		l.of[fp] = second
	}
}

// some tells whether there may be pages to visit that have changed.
func (l *lastmods) some() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.of) > 0
}

func (l *lastmods) take() map[uint64]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.of
	l.of = nil
	return of
}

// notDue notes the visit of a page that this run leaves out.
func (l *lastmods) notDue(v *recrawl.Visit) {
	if l.since.IsZero() || v.At.Before(l.since) {
		l.since = v.At
	}
}

// revisit makes pages pending that have changed since, by their sitemaps, and
// tells whether there are any.
func (c *crawl) revisit(ctx context.Context) (more bool, _ error) {
	changed := c.lastmods.take()
	if len(changed) == 0 {
		return false, nil
	}
	return c.queue.Revisit(ctx, c.Again.Rows.Rows(ctx), func(row *frontier.Row) (frontier.Job, bool) {
		at, known := changed[row.Job.URL.Fingerprint()]
		visited := row.Outcome == frontier.Fetched || row.Outcome == frontier.Failed
		if !known || !visited || row.Job.Kind == frontier.Sitemap || !c.Follow.Reaches(&row.Job) || !row.Visit.At.Before(c.run().Started) {
			return frontier.Job{}, false
		}
		return afresh(row), c.Again.Policy.Due(&row.Visit, c.run().Started, time.Unix(at, 0))
	})
}
