// Package crawler is the crawl: a frontier feeds fetchers, fetchers feed
// parsers, and one committer writes the records and moves the frontier.
//
//	         seeds, sitemaps                                  ┌── records ──► output.Sink (stdout, file, …)
//	              │                                           │
//	              ▼          job           page               │ result
//	┌────────► frontier ──────────► N fetchers ──────► P parsers ─────► 1 committer
//	│        (per-host queues,     (one exchange;     (links, fields;    1. Sink.Write…, Sink.Flush → mark
//	│         rate limits,          the host's turn    pure functions)   2. Queue.Commit(mark)
//	│         leases)               has already come)                          │
//	└──────────────────────────────────────────────────────────────────────────┘
//
// The frontier is the only unbounded buffer, and it moves only after the
// records are safe. The channels between the stages are small: a slow reader
// of the records blocks the committer, which blocks the parsers, which block
// the fetchers, which ask for no more jobs. Nothing piles up and nothing is
// dropped; and since giving links to the frontier never waits for a fetcher,
// the circle cannot lock itself.
package crawler

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse"
)

// crawl is one run: what its loops share.
type crawl struct {
	Options
	fetcher fetch.Fetcher // the stack: robots.txt around the client
	queue   *frontier.Queue
	tally   *tally
	homes   homes                   // the hosts whose own sites are crawled
	runs    []Session               // over this store; the last is this one
	news    bool                    // something has changed that nobody was told of
	plan    uint32                  // sum of Extract
	abort   context.CancelCauseFunc // ends what is in flight

	sitemaps sitemapCount
	lastmods lastmods
	finds    finds
	traps    *trap.Guard
	parked   atomic.Bool  // something was, that is not durable yet
	outage   atomic.Int64 // when nobody could be asked, in Unix seconds
}

// Run crawls until nothing is left, a limit is reached, ctx ends or something
// breaks. Only the last is an error; Summary.Finish names the others. When ctx
// ends, what is in flight gets Timing.Grace to finish and is recorded.
func Run(ctx context.Context, o Options) (Summary, error) {
	inFlight, abort := context.WithCancelCause(context.WithoutCancel(ctx))
	defer abort(nil)
	c, err := start(ctx, o, abort)
	if err != nil {
		return Summary{}, err
	}
	defer c.watch(ctx)()

	var (
		pages    = make(chan visit, o.Concurrency)
		results  = make(chan *result, o.Concurrency)
		fetchers sync.WaitGroup
		parsers  sync.WaitGroup
	)
	for range o.Concurrency {
		fetchers.Go(func() { c.fetchLoop(inFlight, pages) })
	}
	for range runtime.GOMAXPROCS(0) {
		parsers.Go(func() { c.parseLoop(context.WithoutCancel(ctx), pages, results) })
	}
	go func() {
		fetchers.Wait()
		close(pages)
		parsers.Wait()
		close(results)
	}()
	err = c.commitLoop(context.WithoutCancel(ctx), results)
	if cause := context.Cause(inFlight); err == nil && errors.Is(cause, errBroken) {
		err = cause
	}
	return c.summary(err)
}

// fetchLoop takes jobs whose turn has come and makes one exchange for each.
func (c *crawl) fetchLoop(ctx context.Context, pages chan<- visit) {
	for {
		lease, err := c.queue.Next(ctx)
		if err != nil {
			c.ended(err)
			return
		}
		v := c.fetch(ctx, lease)
		if v.unasked() {
			lease.Return() // the job waits for its next turn, or for the next run
			continue
		}
		pages <- v
	}
}

// parseLoop turns pages into records and links.
func (c *crawl) parseLoop(ctx context.Context, pages <-chan visit, results chan<- *result) {
	parser := parse.NewParser(parse.Options{Assets: c.Follow.Assets, Agent: c.Robots.Agent, MaxLinks: c.Limits.Links, MaxText: c.Limits.Text})
	for v := range pages {
		r := c.digest(ctx, parser, v)
		if v.page != nil {
			v.page.Release() // for the body of another: the result has what it needs
		}
		results <- r
	}
}

// commitLoop writes records and moves the frontier, in this order. It is the
// one place where a crawl becomes durable. After an error it takes results
// without looking at them, so that those who send them can end.
func (c *crawl) commitLoop(ctx context.Context, results <-chan *result) error {
	ticker := time.NewTicker(c.Timing.SyncEvery)
	defer ticker.Stop()
	var failed error
	done := 0
	for {
		var err error
		select {
		case r, ok := <-results:
			if !ok {
				return errors.Join(failed, c.finish(ctx, failed))
			}
			if failed != nil {
				continue
			}
			done++
			if err = c.record(ctx, r); err == nil && done >= commitMax {
				err = c.commit(ctx)
				done = 0
			}
		case <-ticker.C:
			if failed == nil && (done > 0 || c.queue.Waits()) {
				err = c.commit(ctx)
				done = 0
			}
		}
		if err != nil {
			failed = err
			c.stop(err)
		}
	}
}

// commitMax results are committed at once, or fewer after Timing.SyncEvery: so
// many share one sync of the disk.
const commitMax = 1000

// commit makes everything up to now durable: records first, frontier last.
func (c *crawl) commit(ctx context.Context) error {
	mark, err := c.Sink.Flush(ctx)
	if err != nil {
		return fmt.Errorf("flush records: %w", err)
	}
	c.keepMoves()
	c.keepParked()
	c.keepFinds()
	return c.queue.Commit(ctx, mark)
}

// finish commits for the last time, unless the sink is what failed.
func (c *crawl) finish(ctx context.Context, failed error) error {
	if failed != nil {
		return nil
	}
	if err := c.keepAllFinds(ctx); err != nil {
		return err
	}
	c.endRun()
	if err := c.commit(ctx); err != nil {
		return err
	}
	if _, err := c.Sink.Flush(ctx); err != nil { // it writes nothing, and says that the mark was kept
		return fmt.Errorf("flush records: %w", err)
	}
	return nil
}

// record writes what became of one job, and gives the frontier its links.
func (c *crawl) record(ctx context.Context, r *result) error {
	if err := c.write(ctx, r.record); err != nil {
		return err
	}
	for _, item := range r.items {
		if err := c.write(ctx, item); err != nil {
			return err
		}
	}
	skipped := c.queue.Done(r.lease, &r.done)
	c.sitemaps.tell(&c.Events)
	c.tally.count(r, skipped)
	c.hear(r.record)
	if c.Limits.Bytes > 0 && c.tally.bytes.Load() >= c.Limits.Bytes {
		c.queue.Stop("max-bytes")
	}
	return c.writeSkipped(ctx, skipped)
}

func (c *crawl) write(ctx context.Context, r *output.Record) error {
	if r == nil || !c.Emit.Wants(r) || c.Again.ChangedOnly && !changed(r) {
		return nil
	}
	c.Events.recorded(r)
	if err := c.Sink.Write(ctx, r); err != nil {
		return fmt.Errorf("write record of %s: %w", r.URL, err)
	}
	return nil
}

func (c *crawl) writeSkipped(ctx context.Context, rows []frontier.Row) error {
	for i := range rows {
		if err := c.write(ctx, skippedRecord(&rows[i])); err != nil {
			return err
		}
	}
	return nil
}
