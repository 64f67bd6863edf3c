package memory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
)

func TestSuite(t *testing.T) {
	frontiertest.Run(t, func(t *testing.T) func() frontier.Store {
		s := memory.New().Remember() // it survives as long as the process does
		return func() frontier.Store { return s }
	})
}

// Hosts without end may have a pause of a second each: those that are over are not
// kept for as long as a crawl takes.
func TestPausesThatAreOverAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory.New()
		pause := func(host string, d time.Duration) {
			b := frontier.Batch{Hosts: []frontier.HostState{{Host: host, PausedUntil: time.Now().Add(d)}}}
			if err := s.Commit(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 3000 {
			pause(fmt.Sprint("long", i), 24*time.Hour)
		}
		for i := range 50_000 {
			pause(fmt.Sprint("short", i), time.Second)
			time.Sleep(time.Second)
		}
		state, err := s.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(state.Hosts); n > 8000 {
			t.Errorf("%d pauses are kept", n)
		}
		long := slices.DeleteFunc(state.Hosts, func(h frontier.HostState) bool { return !strings.HasPrefix(h.Host, "long") })
		if len(long) != 3000 {
			t.Errorf("%d pauses are kept that are not over, want 3000", len(long))
		}
	})
}
