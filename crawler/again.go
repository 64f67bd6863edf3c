package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/output"
)

// A Session is one run over a store, as its note tells it. A run that was stopped
// is taken up again by the next start; after one that was complete, the next
// start visits what is due.
type Session struct {
	Number   int       `json:"number"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"`
	Renewing bool      `json:"renewing,omitempty"` // not all that is due is pending yet
	LastKey  uint64    `json:"last_key,omitempty"` // the last that a job had before the run
	Complete bool      `json:"complete,omitempty"`
	Untold   bool      `json:"untold,omitempty"` // a process that was broken off has found news
}

// RunsNote is the key of the note that lists the runs of a store, oldest
// first: a JSON array of Session.
const RunsNote = "runs"

// maxRuns are remembered.
const maxRuns = 1000

// takeUp finds out where an earlier run left off. After a complete one it makes
// pending what is due again; what was interrupted in that is done to its end.
// The earlier run has committed all that it wrote if it got to its last commit,
// which notes its end.
func (c *crawl) takeUp(ctx context.Context) (committed bool, err error) {
	if c.Again.Notes == nil {
		return false, nil
	}
	if err := errors.Join(c.recall(ctx, RunsNote, &c.runs), c.recallMoves(ctx)); err != nil {
		return false, err
	}
	committed = len(c.runs) > 0 && !c.run().Ended.IsZero()
	defer func() { c.lastmods.on = c.heedsLastmods() }()
	switch last := len(c.runs) - 1; {
	case last < 0:
		c.runs = []Session{{Number: 1, Started: time.Now().UTC()}}
		return committed, nil
	case c.runs[last].Complete:
		c.runs = append(c.runs, Session{Number: c.runs[last].Number + 1, Started: time.Now().UTC(), Renewing: true})
		c.runs = c.runs[max(0, len(c.runs)-maxRuns):]
	case !c.runs[last].Renewing:
		c.runs[last].Ended, c.news = time.Time{}, c.runs[last].Untold
		if c.Traps.Unpark || c.heedsLastmods() {
			return committed, c.renew(ctx, c.dueStill)
		}
		return committed, nil
	}
	return committed, c.renew(ctx, c.due)
}

// recall reads a note; one that was never written leaves to as it is.
func (c *crawl) recall(ctx context.Context, key string, to any) error {
	text, err := c.Again.Notes.Note(ctx, key)
	if err == nil && text != nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		return fmt.Errorf("read the crawl's note %q: %w", key, err)
	}
	return nil
}

func note(key string, content any) frontier.Note {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err) // times, numbers and texts always have a JSON form
	}
	return frontier.Note{Key: key, Value: text}
}

func (c *crawl) run() *Session { return &c.runs[len(c.runs)-1] }

// renewed jobs are committed so many at a time.
const renewBatch = 1000

// renew makes every URL pending that is due in this run, which due says. A batch at a time is
// durable; which rows are still to be looked at can be told by their time.
func (c *crawl) renew(ctx context.Context, due func(*frontier.Row) (frontier.Job, bool)) error {
	state, err := c.Store.State(ctx)
	if err != nil {
		return fmt.Errorf("take up the crawl: %w", err)
	}
	seq := state.LastSeq
	if c.run().Renewing && c.run().LastKey == 0 {
		c.run().LastKey = seq
	}
	batch := frontier.Batch{Notes: []frontier.Note{c.runsNote()}}
	for row, err := range c.Again.Rows.Rows(ctx) {
		if err != nil {
			return fmt.Errorf("take up the crawl: %w", err)
		}
		job, due := due(&row)
		if !due {
			continue
		}
		if job.Key.Seq == 0 { // it never was a job; the others keep their key
			seq++
			found := frontier.Candidate{Job: job}
			job.Key = frontier.Key{Depth: found.Level(c.Extract.Prioritizes()), Seq: seq}
		}
		batch.Put = append(batch.Put, job)
		if len(batch.Put) >= renewBatch {
			if err := c.Store.Commit(ctx, &batch); err != nil {
				return fmt.Errorf("take up the crawl: %w", err)
			}
			batch = frontier.Batch{}
		}
	}
	c.run().Renewing = false
	batch.Notes = []frontier.Note{c.runsNote()}
	if err := c.Store.Commit(ctx, &batch); err != nil {
		return fmt.Errorf("take up the crawl: %w", err)
	}
	return nil
}

// due tells whether a URL is to be visited in this run, and as what job.
func (c *crawl) due(row *frontier.Row) (frontier.Job, bool) {
	job := afresh(row)
	switch {
	case row.Outcome == frontier.Pending:
		return job, false
	case row.Outcome != frontier.Skipped && !c.Follow.Reaches(&job):
		return job, false // of a run with a greater depth
	case row.Outcome != frontier.Skipped:
		if job.Kind == frontier.Sitemap || c.Again.Policy.Due(&row.Visit, c.run().Started, time.Time{}) {
			return job, true // a sitemap says in each run which pages have changed
		}
		c.lastmods.notDue(&row.Visit)
		return job, false
	case row.Skip.Rule == "robots":
		return job, true // robots.txt may have changed its mind
	case row.Skip.Rule == ruleTrap:
		return c.unparked(row)
	}
	// The rules may have been changed since: a depth, an include.
	final := row.Skip.Final && row.Skip.Rule != ruleDepth // of what waited, it was for that run
	found := frontier.Candidate{Job: job, NoFollow: row.Skip.Rule == "nofollow"}
	return job, !final && c.admit(&found) == nil
}

// afresh is the job of a URL that has ended, to be tried as if for the first time
// and compared with its last visit: that of a run before, if it was skipped since.
func afresh(row *frontier.Row) frontier.Job {
	job, visit := row.Job, row.Visit
	job.Attempts, job.Trouble = 0, ""
	if visit != (recrawl.Visit{}) {
		job.Last = &visit
	}
	return job
}

// dueStill tells whether a URL that an interrupted run is done with is to be
// visited in the rest of it: what a sitemap said of pages was forgotten with the
// interruption.
func (c *crawl) dueStill(row *frontier.Row) (frontier.Job, bool) {
	switch {
	case row.Outcome == frontier.Skipped && c.Traps.Unpark:
		return c.unparked(row)
	case row.Outcome == frontier.Skipped || row.Outcome == frontier.Pending:
	case row.Job.Kind == frontier.Sitemap && c.heedsLastmods():
		return c.due(row)
	case row.Visit.At.Before(c.run().Started):
		c.lastmods.notDue(&row.Visit)
	}
	return frontier.Job{}, false
}

// unparked tells whether a URL was skipped as a trap and would not be now:
// --traps and --unpark may say otherwise than they did.
func (c *crawl) unparked(row *frontier.Row) (frontier.Job, bool) {
	job := afresh(row)
	if row.Outcome != frontier.Skipped || row.Skip.Rule != ruleTrap {
		return job, false
	}
	return job, c.admit(&frontier.Candidate{Job: job}) == nil
}

func (c *crawl) runsNote() frontier.Note { return note(RunsNote, c.runs) }

// endRun notes the run's end, for the crawl's last commit.
func (c *crawl) endRun() {
	if c.Again.Notes == nil {
		return
	}
	c.run().Ended = time.Now().UTC()
	why := c.end()
	c.run().Untold = c.news && why == interrupted
	c.run().Complete = why == complete || why == interrupted && c.spent() && !c.news // of news, the next start is to tell
	c.queue.Keep(c.runsNote())
}

// hear takes in that a record is news. Whoever goes on with the run is to tell
// of it, should this process not come to that.
func (c *crawl) hear(r *output.Record) {
	if c.news || c.Again.Notes == nil || r == nil || !changed(r) {
		return
	}
	c.news, c.run().Untold = true, true
	c.queue.Keep(c.runsNote())
}
