// Package budget keeps a crawl within the memory that it may have.
//
// Three things do, each before the next is needed: the bytes of bodies that are
// held at a time are bounded; when what is in use nears the limit there is room
// for fewer of them, so that fewer requests are under way, down to one at a
// time; and the garbage collector, whose own limit (GOMEMLIMIT) is never more,
// works harder.
//
// A crawl that lasts is prepared for growing, too: to get memory from the system
// bit by bit can be a tenth of its CPU (huge_linux.go).
package budget

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Least is the smallest limit that a crawl can be held to.
const Least = 64 << 20

// A Plan divides a limit among those who use memory.
type Plan struct {
	Limit       int64 // of all of the process
	Bodies      int64 // of the bodies that are held at a time
	Concurrency int   // requests that there is room for
}

const (
	// perExchange is what a request costs while it waits for its answer, and as
	// much of garbage. See BenchmarkLoad.
	perExchange = 64 << 10

	// What bodies have at most: enough for some of the largest at a time, and
	// for an ordinary page of each request. More would buy no speed.
	bodiesFew  = 16 << 20
	bodiesEach = 16 << 10

	// image is what the process has beside Go's memory: the program itself.
	image = 32 << 20
)

// Divide plans a crawl of so many requests at a time within a limit.
func Divide(limit int64, concurrency int) Plan {
	fit := int(min(int64(concurrency), limit/2/perExchange))
	return Plan{Limit: limit, Bodies: min(limit/4, bodiesFew+bodiesEach*int64(fit)), Concurrency: fit}
}

// Auto is the limit when the user names none: GOMEMLIMIT if that is set, else
// three quarters of what the machine or the control group has, or addresses of
// 32 bits leave to a process, 2 GiB at the least.
func Auto() int64 {
	if set := debug.SetMemoryLimit(-1); set < math.MaxInt64 {
		return max(set+image, Least)
	}
	return max(min(available(), math.MaxInt)/4*3, Least)
}

// garbage is how many percent of what is in use may be garbage while the heap is
// small; what a large one may have is the collector's limit. With 100 a page cost
// 3 % more (in testdata/bench: GOGC=100 go run . -run '10 KiB').
const garbage = 200

// Apply has the garbage collector keep to the limit, for now to the least of
// what Watch will let it have. What the user has set by GOGC holds.
func (p Plan) Apply() {
	debug.SetMemoryLimit(p.collect(0))
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
}

// collect is the collector's limit while so much memory is in use: half as much
// again. By default the heap may double, and what is free in it stays with the
// process: a few large bodies at the wrong moment would be held three times.
func (p Plan) collect(used int64) int64 {
	const small = 128 << 20 // no reason to work hard
	return min(max((used-image)/2*3, small), p.Limit-image)
}

// room is how many bytes of bodies may be held while so much memory is in use:
// all that is planned until 60 % of the limit are, and one body at a time from
// 90 % on.
func (p Plan) room(used int64) int64 {
	const low, high = 0.6, 0.9
	share := (high - float64(used)/float64(p.Limit)) / (high - low)
	return max(int64(float64(p.Bodies)*min(share, 1)), 1)
}

// Watch has the system make room for the heap, once; then it calls hold whenever
// the room for bodies changes, and lets the collector have what it should, until
// ctx ends. It is for the beginning of a process.
func (p Plan) Watch(ctx context.Context, hold func(bodies int64)) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(little):
		huge(int(max(min(p.collect(0)/4, growth), 0)))
	}
	p.watch(ctx, inUse(), hold, func(limit int64) { debug.SetMemoryLimit(limit) })
}

// A crawl that takes longer than a little, a few pages from near by, is worth
// preparing for that its memory grows.
const (
	little = 20 * time.Millisecond
	growth = 32 << 20
)

// every is how often is looked. A garbage collection of a crawl's heap takes
// longer, and what is in use is known from the last one.
const every = 200 * time.Millisecond

func (p Plan) watch(ctx context.Context, used func() int64, hold, collect func(int64)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	held, limit := p.Bodies, p.collect(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := used()
		if room := p.room(now); room != held {
			hold(room)
			held = room
		}
		// Each change stops the world for a moment: it is to be worth that.
		if next := p.collect(now); max(next, limit)-min(next, limit) > limit/8 {
			collect(next)
			limit = next
		}
	}
}

// inUse tells how much memory is in use: what of the heap was reachable at the
// last collection, and all that is not heap. Garbage that waits for the next
// one is no reason to slow down.
func inUse() func() int64 {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	return func() int64 {
		metrics.Read(samples)
		used := samples[0].Value.Uint64() + samples[1].Value.Uint64() + image
		for _, s := range samples[2:] {
			used -= s.Value.Uint64()
		}
		return int64(used)
	}
}
