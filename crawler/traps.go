package crawler

import (
	"context"
	"fmt"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/trap"
)

// ParkedNote is the key of the note that lists the patterns of URLs which are
// parked: a JSON array of strings.
const ParkedNote = "parked"

// ruleTrap is the skip rule of URLs in a space that has no end.
const ruleTrap = "trap"

// startTraps makes the guard, with what earlier runs parked. To unpark, the
// URLs that were skipped for it become pending again.
func (c *crawl) startTraps(ctx context.Context) error {
	o := trap.Options{Mode: c.Traps.Mode}
	if o.Mode == "" {
		o.Mode = trap.Off
	}
	if c.Again.Notes != nil && !c.Traps.Unpark {
		if err := c.recall(ctx, ParkedNote, &o.Parked); err != nil {
			return err
		}
	}
	c.traps = trap.New(o)
	return nil
}

// trapped is the guard's word on a page's URL before it becomes a job.
func (c *crawl) trapped(job *frontier.Job) *frontier.Skip {
	if job.Kind != frontier.Page {
		return nil
	}
	v := c.traps.Admit(job.URL, job.Via)
	if !v.Trapped {
		return nil
	}
	return &frontier.Skip{Rule: ruleTrap, Detail: v.Detail}
}

// parkedSince tells whether a URL that has waited was parked meanwhile.
func (c *crawl) parkedSince(job *frontier.Job) *frontier.Skip {
	if job.Kind != frontier.Page {
		return nil
	}
	v := c.traps.Judge(job.URL, job.Via)
	if !v.Trapped {
		return nil
	}
	return &frontier.Skip{Rule: ruleTrap, Detail: v.Detail}
}

// learnTraps takes in what a response has, before its links are offered.
func (c *crawl) learnTraps(job *frontier.Job, seen trap.Observation) {
	pattern, why := c.traps.Learn(job.URL, job.Via, seen)
	if pattern == "" {
		return
	}
	c.parked.Store(true)
	verb := "parked"
	if c.Traps.Mode == trap.Report {
		verb = "found"
	}
	c.Events.warning(fmt.Sprintf("an endless space of URLs was %s", verb), "pattern", pattern, "why", why)
}

// guards tells whether the guard learns from the response to a job.
func (c *crawl) guards(job *frontier.Job) bool {
	return job.Kind == frontier.Page && c.Traps.Mode != "" && c.Traps.Mode != trap.Off
}

// keepParked has the next commit hold what is parked.
func (c *crawl) keepParked() {
	if c.Again.Notes != nil && c.parked.Swap(false) {
		c.queue.Keep(note(ParkedNote, c.traps.Parked()))
	}
}
