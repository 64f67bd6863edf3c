package frontier

import (
	"sync/atomic"
	"time"
)

// A Lease is one job in a worker's hands. The worker calls Started and Ended
// around the exchange, and then exactly one of Queue.Done and Return ends the
// lease.
type Lease struct {
	Job Job

	// GivenUp, when not empty, is why the job's host is not asked any more:
	// the job is not to be fetched but recorded as failed.
	GivenUp string

	q                     *Queue
	host                  *host
	beside                *host // whose turn it is as well, or nil
	paced, started, ended bool

	sent atomic.Int64 // by Queue.clock, when the request of a lease that is not paced was on its way; 0 is not yet
}

// An Exchange is what the worker learned of the host.
type Exchange struct {
	Health  Health
	Elapsed time.Duration
	Pause   time.Duration // what the host asked for; 0 if it did not
}

func (q *Queue) lease(h *host, now time.Time) *Lease {
	l := &Lease{Job: q.hosts.take(h), GivenUp: h.givenUp, q: q, host: h, paced: h.gap > 0}
	h.take()
	if h.beside != nil && l.GivenUp == "" {
		l.beside = h.beside
		l.beside.take()
		l.paced = l.paced || l.beside.gap > 0
	}
	q.countLease(h, &l.Job, 1)
	q.countPage(h, l.Job.Kind, 1)
	if q.total != nil && l.GivenUp == "" {
		q.total.ReserveN(now, 1)
	}
	q.ledger.handOut(&l.Job, now)
	q.schedule(h, now)
	return l
}

// Beside names the host whose turn this is as well, if there is one.
func (l *Lease) Beside() string {
	if l.beside == nil {
		return ""
	}
	return l.beside.name
}

// take takes one of the host's slots, for a request that is not on its way yet.
func (h *host) take() {
	h.inFlight++
	h.starting++
	h.asked = true
}

func (q *Queue) countLease(h *host, j *Job, n int) {
	h.leases += n
	if !q.opts.Levels {
		return
	}
	for len(h.levels) <= j.Depth {
		h.levels = append(h.levels, 0)
	}
	h.levels[j.Depth] += n
}

// countPage counts against MaxPagesPerHost, if there is one.
func (q *Queue) countPage(h *host, k Kind, n int) {
	if q.opts.MaxPagesPerHost > 0 && k != Sitemap {
		h.pages += n
	}
}

// Started says that the request is on its way: the host's next turn counts
// from here. Until then a host with a rate gets no other request, however
// long the connection takes, so that no two of them arrive closer together
// than the rate allows.
func (l *Lease) Started(at time.Time) {
	if !l.paced {
		l.sent.CompareAndSwap(0, max(1, l.q.clock(at)))
		return // Ended settles it, and saves a lock a page
	}
	l.q.mu.Lock()
	defer l.q.mu.Unlock()
	l.start(at)
}

func (l *Lease) start(at time.Time) {
	if l.started {
		return
	}
	l.started = true
	for _, h := range [...]*host{l.host, l.beside} {
		if h == nil {
			continue
		}
		if !l.ended {
			h.starting--
		}
		if at.After(h.last) {
			h.last = at
		}
		l.q.keepTurn(h, at)
		l.q.reschedule(h, at)
	}
}

// giveBack gives the slot back that the lease has of a host.
func (l *Lease) giveBack(h *host) {
	h.inFlight--
	if !l.started {
		h.starting--
	}
}

// sent has a gap that began during an exchange, as by a robots.txt that was
// recalled for it, count from when its request was on its way.
func (h *host) sent(l *Lease) {
	if sent := l.sent.Load(); sent > 0 && h.gap > 0 {
		if at := l.q.began.Add(time.Duration(sent)); at.After(h.last) {
			h.last = at
		}
	}
}

// Ended says that the exchange is over and gives the host's slot back.
func (l *Lease) Ended(x Exchange) {
	q, h, now := l.q, l.host, time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.ended {
		return
	}
	l.ended = true
	l.giveBack(h)
	h.sent(l)
	if l.beside != nil {
		l.giveBack(l.beside)
		l.beside.sent(l)
		q.reschedule(l.beside, now)
	}
	h.met = h.met || x.Health != Untold
	pause, givenUp := h.strain.note(&q.opts.Politeness, x, h.pausedUntil.Sub(now))
	if givenUp != "" {
		h.givenUp = givenUp
		q.beside(h, nil, now)
	}
	q.pause(h, pause, x.Health, now)
	if x.Health == Healthy && q.opts.Politeness.Rate > 0 {
		if slow := h.strain.slowdown(x.Elapsed); slow != h.slow {
			h.slow = slow
			h.pace(&q.opts.Politeness, now)
		}
	}
	q.keepTurn(h, now)
	q.reschedule(h, now)
}

// pause leaves the host alone for so long.
func (q *Queue) pause(h *host, d time.Duration, why Health, now time.Time) {
	until := now.Add(d)
	if d <= 0 || !until.After(h.pausedUntil) {
		return
	}
	h.pausedUntil, h.why = until, why.String()
	if why != Offline { // which is no host's wish; and without an end of a job there may be no commit for hours
		q.ledger.batch.Hosts = append(q.ledger.batch.Hosts, HostState{Host: h.name, PausedUntil: until, Why: h.why})
	}
}

// keepTurn has the next commit hold when the host may be asked again, should that
// be later than a pause ends: whoever goes on after a kill is to keep the gap too,
// also when the answer was not there yet.
func (q *Queue) keepTurn(h *host, now time.Time) {
	if next := h.last.Add(h.gap); h.gap >= keptGap && next.After(now) && next.After(h.pausedUntil) {
		q.ledger.batch.Hosts = append(q.ledger.batch.Hosts, HostState{Host: h.name, PausedUntil: next, Why: "asked a moment ago"})
	}
}

// keptGap is the least gap that outlives the process: a shorter one is over by
// the time that another has begun.
const keptGap = time.Second

// Return puts the job back at the head of its host's queue, as if it had not
// been handed out. Ended comes first.
func (l *Lease) Return() {
	q := l.q
	q.mu.Lock()
	defer q.mu.Unlock()
	q.countPage(l.host, l.Job.Kind, -1)
	q.countLease(l.host, &l.Job, -1)
	q.ledger.takeBack(&l.Job)
	q.hosts.insert(l.host, l.Job)
	q.reschedule(l.host, time.Now())
}

// reschedule is schedule for a host whose turn a waiting Next may have to
// learn of.
func (q *Queue) reschedule(h *host, now time.Time) {
	q.schedule(h, now)
	q.announce()
}
