package frontier

import (
	"fmt"
	"testing"
	"time"
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
