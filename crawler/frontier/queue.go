package frontier

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/output"
)

// What ends the stream of jobs.
var (
	ErrDrained = errors.New("frontier drained")
	ErrStopped = errors.New("frontier stopped")
)

// Options is what a Queue is made with.
type Options struct {
	Politeness      Politeness
	MaxPages        int // fetched by this Queue; 0 is no limit
	MaxPagesPerHost int

	// Introduce has a host get one request at a time until it has answered for
	// a page: the first asks for its robots.txt, and whoever else had a job of
	// that host would wait for the answer with a worker.
	Introduce bool

	// Prioritized has candidates with a higher Priority come first within their
	// host, whatever their depth. It costs a job on disk some bytes.
	Prioritized bool

	// Levels has the jobs of a host wait for those of a smaller depth until these
	// have led to theirs: what is found on a slow page has the depth that it has
	// from there, and not a larger one that a quick page led to meanwhile. A limit
	// of depth would cut at the larger one. Not waited for are pages that are
	// tried again later, and those of other hosts; and the target of a redirect,
	// which is as deep as that, may be known as a link by then, one deeper. A
	// Prioritized queue has no levels: what comes first there need not be near.
	Levels bool

	// Admit decides on a URL that the crawl does not know yet: nil admits it.
	// It is called with the queue's lock held, so it must be pure and quick.
	Admit func(*Candidate) *Skip

	// Drained is asked before Next says so: it may Revisit what has ended, and
	// tells whether it did.
	Drained func(context.Context) (more bool, _ error)
}

// A Queue is the moving part of the frontier: it admits what is new, says
// whose turn it is, and keeps count. It is safe for concurrent use.
type Queue struct {
	opts  Options
	store Store
	began time.Time

	next    chan struct{} // held by the one caller of Next that waits for time
	timer   *time.Timer   // … with this, stopped when nobody does
	changed chan struct{} // something happened that this caller should look at

	storeMu sync.Mutex // one caller at a time in the store; taken before mu

	mu      sync.Mutex
	seen    Seen
	passed  Seen             // skipped by a rule that is not final
	met     [FindsParts]bool // a count in this part has changed
	hosts   hosts
	turns   turns // hosts that have a pending job, by when they may be asked
	retries retries
	ledger  ledger
	total   *rate.Limiter
	links   []uint64 // scratch of Done: fingerprints
	stopped string   // why no more jobs are handed out
}

// Open returns the queue over what the store holds, and the mark of the sink
// at the store's last commit.
func Open(ctx context.Context, store Store, o Options) (*Queue, output.Mark, error) {
	o.Politeness = o.Politeness.withDefaults()
	o.Levels = o.Levels && !o.Prioritized
	q := &Queue{
		opts:    o,
		store:   store,
		began:   time.Now(),
		next:    make(chan struct{}, 1),
		timer:   time.NewTimer(forever),
		changed: make(chan struct{}, 1),
		hosts:   newHosts(),
		ledger:  ledger{out: make(map[uint64]outing)},
	}
	if o.Politeness.TotalRate > 0 {
		q.total = rate.NewLimiter(o.Politeness.TotalRate, 1)
	}
	state, err := store.State(ctx)
	if err == nil {
		err = q.restore(ctx, state, time.Now())
	}
	if err != nil {
		return nil, "", fmt.Errorf("open frontier: %w", err)
	}
	return q, state.Mark, nil
}

func (q *Queue) restore(ctx context.Context, s *State, now time.Time) error {
	for k, err := range s.Known {
		if err != nil {
			return err
		}
		if k.Outcome == Skipped && !k.Final {
			q.passed.add(k.Fingerprint, usualFind)
		} else {
			q.seen.add(k.Fingerprint, usualFind)
		}
		c := q.ledger.counts(k.Kind)
		c.Known++
		*c.of(k.Outcome)++
	}
	q.ledger.seq, q.ledger.before = s.LastSeq, q.ledger.pages.Fetched
	p := &q.opts.Politeness
	longest := max(p.AskedCap, p.PauseCap, p.CrawlDelayCap, gapOf(p.Rate)) // beyond it, the clock was set back since
	for _, state := range s.Hosts {
		h := q.hosts.get(state.Host, &q.opts.Politeness, now)
		h.pausedUntil, h.why = now.Add(min(state.PausedUntil.Sub(now), longest)), state.Why
	}
	backlog, err := s.Backlog(ctx)
	if err != nil {
		return err
	}
	for name, n := range backlog {
		h := q.hosts.get(name, &q.opts.Politeness, now)
		h.spilled = n
		q.schedule(h, now)
	}
	return nil
}

// Next returns a lease on the next job whose host may be asked now, and waits
// until there is one. Its error is ErrDrained when nothing is pending and
// nothing is leased, ErrStopped after Stop or at a limit, or ctx's.
func (q *Queue) Next(ctx context.Context) (*Lease, error) {
	// One caller waits for the time or a change; the others wait for that
	// caller, so a change wakes one goroutine and not all of them.
	select {
	case q.next <- struct{}{}:
	default: // a select of two takes four times as long
		select {
		case q.next <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { <-q.next }()
	for {
		lease, refill, wait, err := q.try(time.Now())
		if errors.Is(err, ErrDrained) && q.opts.Drained != nil {
			more, failed := q.opts.Drained(ctx)
			if failed != nil {
				return nil, failed
			}
			if more {
				continue
			}
		}
		if lease != nil || err != nil {
			return lease, err
		}
		if refill != nil {
			err = q.refill(ctx, refill)
		} else {
			err = q.await(ctx, wait)
		}
		if err != nil {
			return nil, err
		}
	}
}

// forever is longer than anything that is not announced on q.changed.
const forever = time.Hour

func (q *Queue) await(ctx context.Context, d time.Duration) error {
	q.timer.Reset(d)
	defer q.timer.Stop()
	select {
	case <-q.timer.C:
	case <-q.changed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// try hands out a job if there is one for now. Else it names the host whose
// jobs must come from the store first, or says how long nothing will happen.
func (q *Queue) try(now time.Time) (_ *Lease, refill *host, wait time.Duration, _ error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.release(now)
	if wait, err := q.ended(); wait > 0 || err != nil {
		return nil, nil, wait, err
	}
	for len(q.turns) > 0 && q.turns[0].at <= q.clock(now) {
		h := q.hosts.byID[q.turns[0].id]
		if wait := q.totalWait(now); wait > 0 && h.givenUp == "" {
			return nil, nil, wait, nil
		}
		q.turns.pop()
		h.scheduled = false
		if !h.waiting(&q.opts) {
			continue // its slots are taken: the end of a lease schedules it
		}
		if h.nextTurn(now).After(now) {
			q.schedule(h, now) // paused or slowed since
			continue
		}
		if len(h.ready) == 0 {
			h.refilling = true
			return nil, h, 0, nil
		}
		return q.lease(h, now), nil, 0, nil
	}
	return nil, nil, q.quiet(now), nil
}

// ended tells whether the stream of jobs is over, or must wait for what is
// leased before anyone can tell.
func (q *Queue) ended() (wait time.Duration, _ error) {
	l := &q.ledger
	leased := l.pages.Leased + l.aux.Leased
	switch {
	case q.stopped != "":
		return 0, ErrStopped
	case q.opts.MaxPages > 0 && l.pages.Fetched-l.before+l.pages.Leased >= int64(q.opts.MaxPages):
		if leased > 0 {
			return forever, nil
		}
		q.stopped = "max-pages"
		return 0, ErrStopped
	case leased > 0 || len(q.turns) > 0 || len(q.retries.turns) > 0:
		return 0, nil
	case l.pages.Queued+l.aux.Queued > 0: // pending, and nothing will ever make it due
		q.stopped = "max-pages-per-host"
		return 0, ErrStopped
	}
	return 0, ErrDrained
}

// quiet is how long it takes until something is due by itself.
func (q *Queue) quiet(now time.Time) time.Duration {
	wait := forever
	for _, t := range []turns{q.turns, q.retries.turns} {
		if len(t) > 0 {
			wait = min(wait, time.Duration(t[0].at-q.clock(now)))
		}
	}
	return max(wait, 0)
}

func (q *Queue) totalWait(now time.Time) time.Duration {
	if q.total == nil {
		return 0
	}
	return untilToken(q.total, now)
}

// schedule gives the host its turn if it has a job to hand out. A guest comes
// before it, as guests are done sooner; the others do after that one.
func (q *Queue) schedule(h *host, now time.Time) {
	behind := int64(0)
	for _, guest := range h.guests {
		if !h.free(&q.opts) {
			break // for no guest either
		}
		q.push(guest, now, 0)
		if guest.scheduled && !guest.nextTurn(now).After(h.freeFrom(now)) {
			behind = 1
			break
		}
	}
	q.push(h, now, behind)
}

func (q *Queue) push(h *host, now time.Time, behind int64) {
	if h.scheduled || !h.waiting(&q.opts) {
		return
	}
	h.scheduled = true
	q.turns.push(turn{at: q.clock(h.nextTurn(now)) + behind, id: h.id})
}

// clock is the nanoseconds since the queue was opened, whatever the system's
// clock is set to meanwhile: turns by that one would wait until it is again what
// it was.
func (q *Queue) clock(t time.Time) int64 { return int64(t.Sub(q.began)) }

// announce wakes the caller of Next that waits, if one does.
func (q *Queue) announce() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}
