package frontier

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Done is what became of a leased job.
type Done struct {
	Outcome Outcome
	Status  int
	To      weburl.URL // where a redirect leads
	Error   string     // kind
	Message string
	Skip    Skip
	Visit   recrawl.Visit // to compare the next visit with

	Links []link.Link // found on the page: one link deeper than the job
	More  []Candidate // a redirect's target, a sitemap's entries

	// Retry, with Outcome Pending, has the job tried again after this long.
	Retry time.Duration
}

// A Candidate is a URL that was found and is not known to be new.
type Candidate struct {
	Job      Job
	NoFollow bool // the link said rel=nofollow, or its page did
	Priority int  // -MaxPriority to MaxPriority; see Options.Prioritized

	// Again has a job that is Fetched wait again, whatever the rules: its
	// redirects have come back to it. The Job has its key.
	Again bool
}

// Add offers seeds to the crawl; those already known are passed over. It
// returns the rows of those that a rule skipped.
func (q *Queue) Add(seeds []Candidate) []Row {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	var skipped []Row
	for i := range seeds {
		skipped = q.offer(&seeds[i], skipped, now)
	}
	q.announce()
	return skipped
}

// Done ends a lease, and offers what the page linked to. It returns the rows
// of URLs that a rule skipped, each the first time only.
func (q *Queue) Done(l *Lease, d *Done) (skipped []Row) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	q.settle(l, d, now)
	parent := &l.Job
	first := parent.Last == nil || parent.Last.Status == 0 // there never was a page with links
	q.links = q.links[:0]
	for i := range d.Links {
		q.links = append(q.links, d.Links[i].URL.Fingerprint())
	}
	q.seen.approach(q.links)
	for i, fp := range q.links {
		ref := &d.Links[i]
		if q.meet(fp, first) {
			continue
		}
		c := Candidate{Job: Job{URL: ref.URL, Raw: ref.Raw, Via: parent.URL, Seed: parent.Seed, Depth: parent.Depth + 1}, NoFollow: ref.NoFollow, Priority: int(ref.Priority)}
		if ref.From.Kind() == link.Asset {
			// As deep as what needs it, or --depth 0 would fetch pages without
			// their assets; what a style sheet imports counts as a hop.
			c.Job.Kind, c.Job.Depth = Asset, parent.Depth
			if parent.Kind == Asset {
				c.Job.Redirects = parent.Redirects + 1
			}
		}
		skipped = q.offer(&c, skipped, now)
		q.found(fp, first)
	}
	for i := range d.More {
		skipped = q.offer(&d.More[i], skipped, now)
	}
	q.announce()
	return skipped
}

func (q *Queue) settle(l *Lease, d *Done, now time.Time) {
	h := l.host
	q.countLease(h, &l.Job, -1)
	if d.Outcome != Fetched {
		q.countPage(h, l.Job.Kind, -1)
	}
	if d.Outcome != Pending {
		q.ledger.settle(Row{
			Job: l.Job, Outcome: d.Outcome, At: now, Status: d.Status, To: d.To,
			Error: d.Error, Message: d.Message, Skip: d.Skip, Visit: d.Visit,
		})
		q.schedule(h, now)
		return
	}
	c := q.ledger.counts(l.Job.Kind)
	c.Leased--
	c.Queued++
	q.ledger.put(h, &l.Job)
	q.ledger.out[l.Job.Key.Seq] = outing{}
	q.retries.add(q.clock(now.Add(d.Retry)), l.Job)
	q.schedule(h, now)
}

// release puts jobs whose wait is over back into their host's queue.
func (q *Queue) release(now time.Time) {
	for {
		j, ok := q.retries.due(q.clock(now))
		if !ok {
			return
		}
		delete(q.ledger.out, j.Key.Seq)
		h := q.hosts.get(j.URL.Host(), &q.opts.Politeness, now)
		q.hosts.insert(h, j)
		q.schedule(h, now)
	}
}

// offer admits a candidate that is new and that the rules allow. One that they
// do not allow is skipped: for good when the rule looked at nothing but the
// URL, else until it is found again in a way that they do allow.
func (q *Queue) offer(c *Candidate, skipped []Row, now time.Time) []Row {
	if c.Again {
		q.comeBack(&c.Job, now)
		return skipped
	}
	fp := c.Job.Fingerprint()
	if q.seen.Has(fp) {
		return skipped
	}
	q.met[fp%FindsParts] = true
	var skip *Skip
	if q.opts.Admit != nil {
		skip = q.opts.Admit(c)
	}
	if skip == nil {
		q.admit(c, q.know(fp), now)
		return skipped
	}
	if (skip.Final && q.know(fp)) || (!skip.Final && !q.passed.Add(fp)) {
		return skipped // its row was written when it was first found
	}
	c.Job.own()
	c.Job.Key = Key{} // that of the job a redirect comes from, whose row this is not
	row := Row{Job: c.Job, Outcome: Skipped, At: now, Skip: *skip}
	q.ledger.pass(row)
	return append(skipped, row)
}

func (q *Queue) admit(c *Candidate, passed bool, now time.Time) {
	j := c.Job
	if passed {
		c := q.ledger.counts(j.Kind)
		c.Skipped--
		c.Known--
	}
	j.own()
	h := q.hosts.get(j.URL.Host(), &q.opts.Politeness, now)
	q.ledger.admit(h, &j, c.Level(q.opts.Prioritized))
	q.hosts.insert(h, j)
	q.schedule(h, now)
}

// comeBack has a page that was fetched wait again.
func (q *Queue) comeBack(j *Job, now time.Time) {
	h := q.hosts.get(j.URL.Host(), &q.opts.Politeness, now)
	q.countPage(h, j.Kind, -1)
	q.ledger.reopen(h, j)
	q.retries.add(q.clock(now), *j)
	q.schedule(h, now)
}

// Keep has a note made durable with the next commit.
func (q *Queue) Keep(n Note) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ledger.batch.Notes = append(q.ledger.batch.Notes, n)
}

// Waits tells whether a commit is due though no job was done: how long a host is to
// be left alone has changed.
func (q *Queue) Waits() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ledger.batch.Hosts) > 0
}

// Commit makes everything up to now durable, with the sink's mark. The records
// of what is done must be safe in the sink before it is called.
func (q *Queue) Commit(ctx context.Context, mark output.Mark) error {
	q.storeMu.Lock()
	defer q.storeMu.Unlock()
	q.mu.Lock()
	b := q.ledger.swap()
	q.mu.Unlock()
	b.Mark = mark
	if err := q.store.Commit(ctx, &b); err != nil {
		return fmt.Errorf("commit frontier: %w", err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ledger.committed(b)
	return nil
}

// refill reads a host's next jobs from the store.
func (q *Queue) refill(ctx context.Context, h *host) error {
	q.storeMu.Lock()
	defer q.storeMu.Unlock()
	for {
		cursor, n, err := q.putFound(ctx, h)
		if err != nil {
			return err
		}
		jobs, err := q.store.Page(ctx, h.name, cursor, n)
		if err != nil {
			return fmt.Errorf("read frontier of host %s: %w", h.name, err)
		}
		if len(jobs) == 0 {
			return fmt.Errorf("read frontier of host %s: its pending jobs are missing from the store", h.name)
		}
		if q.refilled(h, jobs) {
			return nil
		}
	}
}

// putFound has the store know all of a host's spilled jobs, and says behind
// which key they begin and how many there is room for. If some were found since
// the last commit, what was found goes to the store first: a link may be durable
// before the page it was found on is done, never after.
func (q *Queue) putFound(ctx context.Context, h *host) (cursor Key, n int, _ error) {
	q.mu.Lock()
	cursor, n, h.missed = h.cursor, max(q.hosts.share(), readLeast), Key{}
	if q.hosts.ready >= q.hosts.maxReady {
		n = readLow
	}
	missing := h.step == q.ledger.step
	q.mu.Unlock()
	if missing {
		return cursor, n, q.flush(ctx)
	}
	return cursor, n, nil
}

// refilled takes jobs from the store in, less those already handed out, and
// tells whether the host has any now. They are left where they are when nearer
// ones were found while they were read: the cursor must not pass those.
func (q *Queue) refilled(h *host, jobs []Job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	last := jobs[len(jobs)-1].Key
	switch {
	case len(h.ready) > 0:
	case h.missed != Key{} && h.missed.Compare(last) < 0:
		return false
	default:
		h.cursor = last
		h.ready = slices.DeleteFunc(jobs, func(j Job) bool {
			_, out := q.ledger.out[j.Key.Seq]
			return out
		})
		for i := range h.ready {
			q.hosts.ready += parts(&h.ready[i])
		}
		h.spilled -= len(h.ready)
		if len(h.ready) == 0 {
			h.ready = nil // no array is left behind
			if h.spilled > 0 {
				return false
			}
		}
	}
	h.refilling = false
	if !h.scheduled && h.waiting(&q.opts) {
		h.scheduled = true
		q.turns.push(turn{id: h.id}) // it was its turn: before others get jobs that then lie about as well
	}
	return true
}

// Seed is a candidate that the user named.
func Seed(u weburl.URL) Candidate { return Candidate{Job: Job{URL: u, Seed: u}} }
