package frontier_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
)

// A busyStore has something happen while a host's jobs are being read.
type busyStore struct {
	frontier.Store
	during func()
}

func (s *busyStore) Page(ctx context.Context, host string, after frontier.Key, n int) ([]frontier.Job, error) {
	jobs, err := s.Store.Page(ctx, host, after, n)
	s.during()
	return jobs, err
}

// While a host's jobs come from the store, pages and sitemaps name others that
// are nearer or farther, many at once: each is handed out all the same, once.
func TestJobsFoundDuringARefillAreNotLost(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 0))
			store := &busyStore{Store: memory.New()}
			q, _, err := frontier.Open(t.Context(), store, frontier.Options{})
			if err != nil {
				t.Fatal(err)
			}
			q.HoldInMemory(60) // so that some of what is found goes to the store
			if seed%2 == 1 {
				q.HoldInMemory(int(seed) / 4) // … and here most of it
			}
			var mu sync.Mutex
			known := 0
			find := func() {
				mu.Lock()
				defer mu.Unlock()
				n := rnd.IntN(30)
				depth := rnd.IntN(5)
				var found []frontier.Candidate
				for range min(n, 500-known) {
					c := seeds(fmt.Sprintf("http://h/%d", known))[0]
					c.Job.Depth = depth
					found = append(found, c)
					known++
				}
				q.Add(found)
			}
			store.during = find
			find()
			times := make(map[string]int)
			_, end := drive(t, q, 3, func(j frontier.Job) work {
				times[j.URL.String()]++
				mu.Lock()
				try, more := rnd.IntN(10) == 0, rnd.IntN(4) == 0
				mu.Unlock()
				if j.Attempts == 0 && try {
					return work{done: frontier.Done{Retry: 20 * time.Millisecond}}
				}
				if more {
					find()
				}
				return fetched(time.Millisecond)
			})
			for url, n := range times {
				if n > 2 {
					t.Errorf("seed %d: %s was handed out %d times, want at most two", seed, url, n)
				}
			}
			if len(times) != known || !errors.Is(end, frontier.ErrDrained) {
				t.Errorf("seed %d: %d of %d jobs were handed out before %v, want all before ErrDrained", seed, len(times), known, end)
			}
		})
	}
}
