package frontier

import (
	"slices"
	"time"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Stop has Next hand out nothing more. The first reason given stays.
func (q *Queue) Stop(reason string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped == "" {
		q.stopped = reason
	}
	q.announce()
}

// Stopped returns the reason given to Stop, or the limit that was reached, or
// "" while neither has happened.
func (q *Queue) Stopped() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stopped
}

// Left is how many jobs have not ended, sitemaps among them.
func (q *Queue) Left() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	pages, aux := &q.ledger.pages, &q.ledger.aux
	return pages.Queued + pages.Leased + aux.Queued + aux.Leased
}

// Knows tells whether there is a job or a row of a URL with this fingerprint.
func (q *Queue) Knows(fp uint64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.seen.Has(fp)
}

// SetDelay has a host asked at most once in so long, up to the cap, as the
// robots.txt at a URL wants it; 0 is as often as it may be. A host may have two:
// of http and https the one that asks for more counts.
func (q *Queue) SetDelay(robots weburl.URL, delay time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	h := q.hosts.get(robots.Host(), &q.opts.Politeness, now)
	of := 0
	if robots.Scheme() == "https" {
		of = 1
	}
	h.delays[of] = min(delay, q.opts.Politeness.CrawlDelayCap)
	h.pace(&q.opts.Politeness, now)
	q.reschedule(h, now)
}

// Refused has a host left alone that asked for less, and for how long if it said
// so, when it was asked for a robots.txt: that of another, which redirects there,
// or its own, without which its pages are asked for all the same. It is no strike
// against those, none of which was asked for.
func (q *Queue) Refused(name string, asked time.Duration) {
	p := &q.opts.Politeness
	q.leave(name, min(max(asked, p.PauseBase), p.AskedCap), Pushback)
}

// Asked has a host left alone for as long as it said when it gave a robots.txt,
// up to what a page gets for the asking.
func (q *Queue) Asked(name string, pause time.Duration) {
	q.leave(name, min(pause, q.opts.Politeness.PauseCap), Healthy)
}

func (q *Queue) leave(name string, pause time.Duration, why Health) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	h := q.hosts.get(name, &q.opts.Politeness, now)
	q.pause(h, pause, why, now)
	q.reschedule(h, now)
}

// Beside has the next requests to a host be ones to another as well, until it is
// taken back with "": its robots.txt redirects there. They are made at turns of
// both, one at a time, and before those of the other host's own.
func (q *Queue) Beside(name, other string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	h := q.hosts.get(name, &q.opts.Politeness, now)
	if other == "" || other == name {
		q.beside(h, nil, now)
	} else {
		q.beside(h, q.hosts.get(other, &q.opts.Politeness, now), now)
	}
}

func (q *Queue) beside(h, to *host, now time.Time) {
	from := h.beside
	if from == to {
		return
	}
	h.beside = to
	if from != nil {
		i := slices.Index(from.guests, h)
		from.guests = slices.Delete(from.guests, i, i+1)
		q.reschedule(from, now)
	}
	if to != nil {
		to.guests = append(to.guests, h)
	}
	q.reschedule(h, now)
}

// Stats is what the queue is doing now.
type Stats struct {
	Counts   Counts // pages and assets
	Sitemaps Counts
	Hosts    int           // ever named
	Paused   int           // hosts with pending jobs that are paused or parked
	GivenUp  int           // hosts
	Next     time.Duration // until the next host's turn; 0 when one is due or none will be
	Waits    []HostState   // some of the paused hosts, those that are back first
	Leases   []LeaseState  // some of the leases, the oldest first
}

// A LeaseState is a job in a worker's hands.
type LeaseState struct {
	URL   string
	Since time.Time
}

// maxShown is how many of a kind Stats names.
const maxShown = 10

// Stats takes a moment's picture. It looks at every host, so it is for a
// display a few times a second, not for a worker.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	s := Stats{Counts: q.ledger.pages, Sitemaps: q.ledger.aux, Hosts: q.hosts.named.Len()}
	for _, h := range q.hosts.byName {
		if h.givenUp != "" {
			s.GivenUp++
		}
		if len(h.ready)+h.spilled > 0 && h.pausedUntil.After(now) {
			s.Paused++
			wait := HostState{Host: h.name, PausedUntil: h.pausedUntil, Why: h.why}
			s.Waits = among(s.Waits, wait, func(a, b HostState) int { return a.PausedUntil.Compare(b.PausedUntil) })
		}
	}
	for _, o := range q.ledger.out {
		if o.url != "" {
			lease := LeaseState{URL: o.url, Since: o.since}
			s.Leases = among(s.Leases, lease, func(a, b LeaseState) int { return a.Since.Compare(b.Since) })
		}
	}
	if wait := q.quiet(now); wait < forever {
		s.Next = wait
	}
	return s
}

// among adds one to the few that are shown, if it is among the first.
func among[T any](few []T, one T, order func(a, b T) int) []T {
	i, _ := slices.BinarySearchFunc(few, one, order)
	if i == maxShown {
		return few
	}
	few = slices.Insert(few, i, one)
	return few[:min(len(few), maxShown)]
}
