package frontier

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// revisitBatch jobs are given to the store at once.
const revisitBatch = 1000

// Revisit makes URLs pending again that have ended: those of the rows, which
// are the store's, for which again gives a job. It tells whether there are any.
func (q *Queue) Revisit(ctx context.Context, rows iter.Seq2[Row, error], again func(*Row) (Job, bool)) (some bool, _ error) {
	q.storeMu.Lock()
	defer q.storeMu.Unlock()
	for row, err := range rows {
		if err != nil {
			return some, fmt.Errorf("look for what to visit again: %w", err)
		}
		job, ok := again(&row)
		if !ok {
			continue
		}
		some = true
		if n := q.reopen(&row, job); n < revisitBatch {
			continue
		}
		if err := q.flush(ctx); err != nil {
			return some, err
		}
	}
	return some, nil
}

// reopen counts a URL as queued that was something else, and returns how many
// jobs the next batch has.
func (q *Queue) reopen(row *Row, j Job) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	c, now := q.ledger.counts(j.Kind), time.Now()
	*c.of(row.Outcome)--
	c.Queued++
	if j.Kind != Sitemap && row.Outcome == Fetched {
		q.ledger.before--
	}
	h := q.hosts.get(j.URL.Host(), &q.opts.Politeness, now)
	q.ledger.put(h, &j)
	q.hosts.insert(h, j)
	q.schedule(h, now)
	return len(q.ledger.batch.Put)
}

// flush gives the store the jobs that it has not. Its caller has the store.
func (q *Queue) flush(ctx context.Context) error {
	q.mu.Lock()
	found := q.ledger.swapPut()
	q.mu.Unlock()
	if len(found.Put) == 0 {
		return nil
	}
	if err := q.store.Commit(ctx, &found); err != nil {
		return fmt.Errorf("commit frontier: %w", err)
	}
	put := emptied(found.Put)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ledger.sparePut = put
	return nil
}
