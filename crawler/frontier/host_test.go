package frontier

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A host that nobody has anything more to say of takes no memory; one that is
// to be left alone, or has work, is kept.
func TestIdleHostsAreForgotten(t *testing.T) {
	hs, p, now := newHosts(), new(Politeness), time.Now()
	var kept []*host
	for name, busy := range map[string]func(*host){
		"paused":  func(h *host) { h.pausedUntil = now.Add(time.Hour) },
		"leased":  func(h *host) { h.leases = 1 },
		"waiting": func(h *host) { h.spilled = 1 },
		"down":    func(h *host) { h.strain.downs = 1 },
		"delayed": func(h *host) { h.delays[1] = time.Second },
	} {
		h := hs.get(name, p, now)
		busy(h)
		kept = append(kept, h)
	}
	for i := range 10_000 {
		hs.get(fmt.Sprintf("h%d", i), p, now)
	}
	if n := len(hs.byName); n > 200 || len(hs.byID) > 200 {
		t.Errorf("%d hosts are in memory, under %d numbers, of 10,000 idle ones", n, len(hs.byID))
	}
	if n := hs.named.Len(); n != 10_005 {
		t.Errorf("%d hosts were named, want 10,005", n)
	}
	for _, h := range kept {
		if hs.get(h.name, p, now) != h || hs.byID[h.id] != h {
			t.Errorf("host %s is forgotten", h.name)
		}
	}
}

// Jobs that are large take the room of several, also when they come from the store,
// and give it back.
func TestLargeJobsInMemoryAreFewer(t *testing.T) {
	const room, hostsOf, each = 1000, 500, 4
	q := &Queue{hosts: newHosts()}
	hs, p, now := &q.hosts, new(Politeness), time.Now()
	hs.maxReady = room
	large := "/" + strings.Repeat("a", 9*readyPart) // 10 parts with the job itself
	job := func(h *host, n int) Job {
		return Job{URL: weburl.FromCanonical("http://" + h.name + large), Key: Key{Seq: uint64(n + 1)}}
	}
	var all []*host
	for i := range hostsOf {
		h := hs.get(fmt.Sprintf("h%d", i), p, now)
		for n := range each {
			hs.insert(h, job(h, n))
		}
		all = append(all, h)
	}
	inMemory := 0
	for _, h := range all {
		inMemory += len(h.ready)
	}
	if most := room / 10; inMemory < most/2 || inMemory > most+readyLeast {
		t.Errorf("%d jobs of 10 parts are in memory, where %d have room", inMemory, most)
	}
	last := all[hostsOf-1]
	if !q.refilled(last, []Job{job(last, 0)}) || len(last.ready) != 1 {
		t.Errorf("%d jobs came from the store, want 1", len(last.ready))
	}
	for _, h := range all {
		for len(h.ready) > 0 {
			hs.take(h)
		}
	}
	if hs.ready != 0 {
		t.Errorf("%d are counted when all were taken", hs.ready)
	}
}
