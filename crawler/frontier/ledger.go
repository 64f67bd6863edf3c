package frontier

import (
	"slices"
	"time"
)

// ledger counts URLs and collects what the next commit will hold.
type ledger struct {
	pages    Counts // pages and assets
	aux      Counts // sitemaps: found by trawl, not by links, so no one counts on them
	before   int64  // pages that were fetched when the queue was opened
	seq      uint64
	out      map[uint64]outing // jobs handed out and not yet committed as done, by Key.Seq
	batch    Batch
	step     uint64 // counts batches: jobs put at an earlier step are in the store
	sparePut []Job  // Put of the last refill, to be filled again
	spare    Batch  // the batch before, to be filled again
}

// An outing is a job that was handed out. It ends with its lease, and is kept
// as the zero value until the store knows too.
type outing struct {
	url   string
	since time.Time
}

func (l *ledger) counts(k Kind) *Counts {
	if k == Sitemap {
		return &l.aux
	}
	return &l.pages
}

func (l *ledger) handOut(j *Job, now time.Time) {
	c := l.counts(j.Kind)
	c.Queued--
	c.Leased++
	l.out[j.Key.Seq] = outing{url: j.URL.String(), since: now}
}

func (l *ledger) takeBack(j *Job) {
	c := l.counts(j.Kind)
	c.Leased--
	c.Queued++
	delete(l.out, j.Key.Seq)
}

// admit counts a new job and gives it its key.
func (l *ledger) admit(h *host, j *Job, level uint32) {
	c := l.counts(j.Kind)
	c.Known++
	c.Queued++
	l.seq++
	j.Key = Key{Depth: level, Seq: l.seq}
	l.put(h, j)
}

// settle counts what became of a leased job.
func (l *ledger) settle(r Row) {
	c := l.counts(r.Job.Kind)
	c.Leased--
	*c.of(r.Outcome)++
	l.out[r.Job.Key.Seq] = outing{}
	l.batch.Rows = append(l.batch.Rows, r)
}

// reopen counts a job that was fetched as one that waits. Its row gives way: the
// store takes the jobs of a batch before its rows.
func (l *ledger) reopen(h *host, j *Job) {
	c := l.counts(j.Kind)
	c.Fetched--
	c.Queued++
	l.batch.Rows = slices.DeleteFunc(l.batch.Rows, func(r Row) bool { return r.Job.Key.Seq == j.Key.Seq })
	l.put(h, j)
	l.out[j.Key.Seq] = outing{since: time.Now()} // not for committed to forget, when the row is on its way to the store
}

// pass counts a URL that was skipped before it ever was a job.
func (l *ledger) pass(r Row) {
	c := l.counts(r.Job.Kind)
	c.Known++
	c.Skipped++
	l.batch.Rows = append(l.batch.Rows, r)
}

// swap returns the batch that is due and begins the next.
func (l *ledger) swap() Batch {
	b := l.batch
	l.batch, l.spare = l.spare, Batch{}
	l.step++
	return b
}

// swapPut is swap for the jobs alone.
func (l *ledger) swapPut() Batch {
	b := Batch{Put: l.batch.Put}
	l.batch.Put, l.sparePut = l.sparePut, nil
	l.step++
	return b
}

// put has the next batch hold a job of a host.
func (l *ledger) put(h *host, j *Job) {
	l.batch.Put = append(l.batch.Put, *j)
	h.step = l.step
}

// committed forgets what the store now knows to be done.
func (l *ledger) committed(b Batch) {
	for i := range b.Rows {
		if seq := b.Rows[i].Job.Key.Seq; l.out[seq] == (outing{}) {
			delete(l.out, seq)
		}
	}
	b.reset()
	l.spare = b
}
