package frontier

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// host is one host's queue and its politeness.
type host struct {
	name    string
	id      uint32
	limiter *rate.Limiter // nil: no limit
	strain  strain
	delay   time.Duration // its robots.txt Crawl-delay, capped
	slow    time.Duration // the gap its latency asks for

	// ready holds the pending jobs with the smallest keys, in key order;
	// spilled counts the others, which only the store (or the batch on its
	// way there) has. Every spilled key is beyond cursor.
	ready   []Job
	spilled int
	cursor  Key
	missed  Key // the least that was spilled during a refill; zero is none

	inFlight    int // exchanges under way
	starting    int // … of which the request is not on its way yet
	asked       bool
	met         bool // it has answered for a page, or failed to
	pages       int  // fetched or in flight, against MaxPagesPerHost
	pausedUntil time.Time
	why         string // … it is paused
	givenUp     string // why every further job fails; "" while the host is served
	scheduled   bool   // it has a turn in the heap
	refilling   bool   // its next jobs are on their way from the store
}

const (
	readyMax   = 8  // jobs a host keeps in memory before it spills
	refillSize = 16 // jobs read from the store at once
)

// insert puts a pending job where it belongs: in memory when it is among the
// host's first, else it is left to the store.
func (h *host) insert(j Job) {
	if h.spilled > 0 && j.Key.Compare(h.cursor) > 0 {
		h.spilled++
		if h.refilling && (h.missed == Key{} || j.Key.Compare(h.missed) < 0) {
			h.missed = j.Key
		}
		return
	}
	i, _ := slices.BinarySearchFunc(h.ready, j.Key, func(a Job, k Key) int { return a.Key.Compare(k) })
	h.ready = slices.Insert(h.ready, i, j)
	if len(h.ready) > readyMax {
		h.ready[len(h.ready)-1] = Job{}
		h.ready = h.ready[:len(h.ready)-1]
		h.spilled++
	}
	h.cursor = h.ready[len(h.ready)-1].Key
}

// take removes the host's next job from memory.
func (h *host) take() Job {
	j := h.ready[0]
	h.ready[0] = Job{}
	h.ready = h.ready[1:]
	return j
}

// waiting tells whether the host has a job that could be handed out, were it
// the host's turn.
func (h *host) waiting(o *Options) bool {
	switch {
	case len(h.ready)+h.spilled == 0 || h.refilling:
		return false
	case h.givenUp != "":
		return true
	case o.MaxPagesPerHost > 0 && h.pages >= o.MaxPagesPerHost:
		return false
	case o.Introduce && !h.met:
		return h.inFlight == 0
	}
	return h.inFlight < o.Politeness.HostConcurrency && (h.starting == 0 || h.limiter == nil)
}

// pace sets the limiter to the slowest of what the user, robots.txt and the
// host's latency ask for.
func (h *host) pace(p *Politeness, now time.Time) {
	limit := p.Rate
	for _, gap := range []time.Duration{h.delay, h.slow} {
		if l := rate.Every(gap); gap > 0 && (limit == 0 || l < limit) {
			limit = l
		}
	}
	switch {
	case limit == 0:
		h.limiter = nil
	case h.limiter == nil:
		h.limiter = rate.NewLimiter(limit, 1)
		if h.asked {
			h.limiter.ReserveN(now, 1)
		}
	default:
		h.limiter.SetLimitAt(now, limit)
	}
}

// nextTurn is when the host may be asked next.
func (h *host) nextTurn(now time.Time) time.Time {
	if h.givenUp != "" {
		return now
	}
	at := now
	if h.limiter != nil {
		at = now.Add(untilToken(h.limiter, now))
	}
	if h.pausedUntil.After(at) {
		at = h.pausedUntil
	}
	return at
}

// untilToken is how long it takes until the limiter lets one more pass.
func untilToken(l *rate.Limiter, now time.Time) time.Duration {
	missing := 1 - l.TokensAt(now)
	if missing < 1e-6 {
		return 0
	}
	return time.Duration(missing/float64(l.Limit())*float64(time.Second)) + time.Microsecond
}

// hosts are all hosts that have been named, by name and by number.
type hosts struct {
	byName map[string]*host
	byID   []*host
}

func (hs *hosts) get(name string, p *Politeness, now time.Time) *host {
	if h, ok := hs.byName[name]; ok {
		return h
	}
	h := &host{name: strings.Clone(name), id: uint32(len(hs.byID))}
	h.pace(p, now)
	hs.byName[h.name] = h
	hs.byID = append(hs.byID, h)
	return h
}
