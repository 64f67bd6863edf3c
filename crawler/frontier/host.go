package frontier

import (
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"
	"golang.org/x/time/rate"
)

// host is one host's queue and its politeness.
type host struct {
	name   string
	id     uint32
	strain strain
	delays [2]time.Duration // the Crawl-delay of its robots.txt for http, and that for https, capped
	slow   time.Duration    // the gap its latency asks for
	gap    time.Duration    // between two requests: the longest that anybody asks for; 0 is none
	last   time.Time        // when the last request was on its way, while there is a gap

	// ready holds the pending jobs with the smallest keys, in key order;
	// spilled counts the others, which only the store (or the batch on its
	// way there) has. Every spilled key is beyond cursor.
	ready   []Job
	spilled int
	cursor  Key
	missed  Key    // the least that was spilled during a refill; zero is none
	step    uint64 // at which a job of it was put last

	inFlight    int   // exchanges under way
	starting    int   // … of which the request is not on its way yet
	leases      int   // not ended yet, exchanged or not
	levels      []int // … how many of each depth, under Options.Levels
	asked       bool
	met         bool // it has answered for a page, or failed to
	pages       int  // fetched or in flight, while there is a MaxPagesPerHost
	pausedUntil time.Time
	why         string // … it is paused
	givenUp     string // why every further job fails; "" while the host is served
	scheduled   bool   // it has a turn in the heap
	refilling   bool   // its next jobs are on their way from the store

	beside *host   // whose turn its next request is as well; see Queue.Beside
	guests []*host // whose next request is this one's turn as well
}

// What is in memory is shared by the hosts. Among few, each has many jobs there
// and reads many at once, which were found together and lie together. Among
// 100,000 most have a few, and never spill; of the others each job lies somewhere
// else, and to read it early takes the room of one that need not be read at all.
// By 16 and 4 one page in fifteen reads a job at ten million URLs, by 8 and 16
// it was one in six (BenchmarkScale).
//
// A job of more than readyPart bytes counts for several: URLs may have 8 KiB.
const (
	readyTotal = 1 << 17 // jobs of all hosts in memory, about: beyond it a host keeps what it has, and spills the rest
	readyPart  = 1 << 10
	readyLeast = 16 // jobs that a host may have in memory before it spills
	readyMost  = 256
	readLeast  = 4 // jobs that are read from the store at once
	readLow    = 1 // … beyond readyTotal
)

// share is how many jobs in memory each host could have, while there is plenty
// of room: hosts that are slow must not have all of it.
func (hs *hosts) share() int {
	if hs.ready >= hs.maxReady/4 {
		return 0
	}
	return min(hs.maxReady/max(1, len(hs.byName)), readyMost)
}

// insert puts a pending job where it belongs: in memory when it is among the
// host's first and there is room, else it is left to the store.
func (hs *hosts) insert(h *host, j Job) {
	if h.spilled > 0 && j.Key.Compare(h.cursor) > 0 {
		h.spill(j.Key)
		return
	}
	room := max(hs.share(), readyLeast)
	if hs.ready >= hs.maxReady {
		room = min(len(h.ready), room)
	}
	if room == 0 {
		h.spill(j.Key)
		h.cursor = Key{Depth: j.Key.Depth, Seq: j.Key.Seq - 1}
		return
	}
	i, _ := slices.BinarySearchFunc(h.ready, j.Key, func(a Job, k Key) int { return a.Key.Compare(k) })
	h.ready = slices.Insert(h.ready, i, j)
	hs.ready += parts(&j)
	for len(h.ready) > room {
		last := &h.ready[len(h.ready)-1]
		hs.ready -= parts(last)
		*last = Job{}
		h.ready = h.ready[:len(h.ready)-1]
		h.spilled++
	}
	h.cursor = h.ready[len(h.ready)-1].Key
}

// spill leaves a job to the store. A refill that is under way must know.
func (h *host) spill(k Key) {
	h.spilled++
	if h.refilling && (h.missed == Key{} || k.Compare(h.missed) < 0) {
		h.missed = k
	}
}

// take removes the host's next job from memory.
func (hs *hosts) take(h *host) Job {
	j := h.ready[0]
	h.ready[0] = Job{}
	if h.ready = h.ready[1:]; len(h.ready) == 0 {
		h.ready = nil // hosts are many, and most have few jobs: no array is left behind
	}
	hs.ready -= parts(&j)
	return j
}

// parts is for how many jobs one counts.
func parts(j *Job) int { return 1 + j.Size()/readyPart }

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
	case o.Levels && len(h.ready) > 0 && h.nearer(h.ready[0].Depth):
		return false
	case h.beside != nil:
		return h.inFlight == 0 && h.beside.free(o)
	}
	return h.free(o)
}

// free tells whether the host may get one more request.
func (h *host) free(o *Options) bool {
	if o.Introduce && !h.met || h.strain.probes() {
		return h.inFlight == 0
	}
	return h.inFlight < o.Politeness.HostConcurrency && (h.starting == 0 || h.gap == 0)
}

// nearer tells whether a job of a smaller depth is leased.
func (h *host) nearer(depth int) bool {
	return slices.ContainsFunc(h.levels[:min(depth, len(h.levels))], func(leases int) bool { return leases > 0 })
}

// pace sets the gap to the longest of what the user, robots.txt and the host's
// latency ask for. It counts from the request before, which may be the one that
// led to it: that for robots.txt.
func (h *host) pace(p *Politeness, now time.Time) {
	gap := max(gapOf(p.Rate), h.delays[0], h.delays[1], h.slow)
	if h.gap == 0 && h.asked {
		h.last = now // at the latest
	}
	h.gap = gap
}

// longestGap is a century: what is not far beyond it cannot be told as a time.
const longestGap = 100 * 365 * 24 * time.Hour

// gapOf is the time between two requests at a rate; of no limit, 0.
func gapOf(limit rate.Limit) time.Duration {
	if limit <= 0 {
		return 0
	}
	return seconds(1 / float64(limit))
}

func seconds(n float64) time.Duration {
	return time.Duration(min(n, longestGap.Seconds()) * float64(time.Second))
}

// nextTurn is when the host may be asked next.
func (h *host) nextTurn(now time.Time) time.Time {
	if h.givenUp != "" {
		return now
	}
	at := h.freeFrom(now)
	if h.beside != nil {
		at = h.beside.freeFrom(at)
	}
	return at
}

// freeFrom is when, from a time on, the host may get one more request.
func (h *host) freeFrom(at time.Time) time.Time {
	if free := h.last.Add(h.gap); h.gap > 0 && free.After(at) {
		at = free
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
	return seconds(missing/float64(l.Limit())) + time.Microsecond
}

// hosts are those that there is something to remember of, by name and by
// number.
type hosts struct {
	seed   maphash.Seed
	byName map[uint64]*host // by the name's hash: to compare names, too, waits for memory once more a link
	byID   []*host          // nil: a number that is free
	free   []uint32
	hand   int  // the next of byID to be looked at
	named  Seen // all hosts there ever were

	ready, maxReady int // jobs in memory, by their parts
}

func newHosts() hosts {
	return hosts{seed: maphash.MakeSeed(), byName: make(map[uint64]*host), maxReady: readyTotal}
}

func (hs *hosts) get(name string, p *Politeness, now time.Time) *host {
	key := maphash.String(hs.seed, name)
	if h, ok := hs.byName[key]; ok {
		return h
	}
	hs.forget(now)
	h := &host{name: strings.Clone(name)}
	hs.named.Add(xxh3.HashString(name))
	if n := len(hs.free); n > 0 {
		h.id = hs.free[n-1]
		hs.free = hs.free[:n-1]
	} else {
		h.id = uint32(len(hs.byID))
		hs.byID = append(hs.byID, nil)
	}
	h.pace(p, now)
	hs.byName[key], hs.byID[h.id] = h, h
	return h
}

// forget looks at two hosts, whenever one is added, and lets go of those that
// are as if they had never been asked: so the hosts in memory are those that
// have work or a past that matters, and a small part more.
func (hs *hosts) forget(now time.Time) {
	for range min(2, len(hs.byID)) {
		hs.hand = (hs.hand + 1) % len(hs.byID)
		if h := hs.byID[hs.hand]; h != nil && h.forgettable(now) {
			delete(hs.byName, maphash.String(hs.seed, h.name))
			hs.byID[h.id] = nil
			hs.free = append(hs.free, h.id)
		}
	}
}

// forgettable tells whether nothing is lost with the host but how quick it
// was.
func (h *host) forgettable(now time.Time) bool {
	idle := len(h.ready)+h.spilled+len(h.guests) == 0 && h.beside == nil && h.leases+h.inFlight == 0 && !h.scheduled && !h.refilling
	good := h.givenUp == "" && h.delays == [2]time.Duration{} && h.slow == 0 && h.pages == 0 && h.strain.fine()
	return idle && good && !h.nextTurn(now).After(now)
}
