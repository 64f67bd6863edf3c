package frontier_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
)

// midway lets a test do something while a batch is on its way to the store.
type midway struct {
	frontier.Store
	do func()
}

func (s *midway) Commit(ctx context.Context, b *frontier.Batch) error {
	if do := s.do; do != nil && len(b.Rows) > 0 {
		s.do = nil
		do()
	}
	return s.Store.Commit(ctx, b)
}

// A fetched job that redirects have come back to is handed out once more, and
// its last outcome is the one that stays: whether its row was still to be
// committed, was on its way to the store or in it, and however few jobs are in
// memory.
func TestAFetchedJobComesBack(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		store := memory.New().Remember()
		between := &midway{Store: store}
		q, _, err := frontier.Open(t.Context(), between, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 8}})
		if err != nil {
			t.Fatal(err)
		}
		q.HoldInMemory([]int{1, 5, 150}[seed%3])
		var urls []string
		for i := range 200 {
			urls = append(urls, fmt.Sprintf("http://a/%d", i))
		}
		q.Add(seeds(urls...))

		visits, back := make(map[string]int), make(map[string]bool)
		var over []frontier.Job // fetched once, and may come back
		var leases []*frontier.Lease
		next := func() bool {
			l, err := q.Next(t.Context())
			if errors.Is(err, frontier.ErrDrained) {
				return false
			}
			if err != nil {
				t.Fatal(err)
			}
			u := l.Job.URL.String()
			if visits[u]++; visits[u] > 1 && !back[u] || visits[u] > 2 {
				t.Fatalf("seed %d: %s is handed out %d times, came back: %t", seed, u, visits[u], back[u])
			}
			leases = append(leases, l)
			return true
		}
		end := func() (came bool) {
			if len(leases) == 0 {
				return false
			}
			l := leases[0]
			leases = leases[1:]
			done := frontier.Done{Outcome: frontier.Fetched, Status: 200 + visits[l.Job.URL.String()]}
			if came = len(over) > 0 && rnd.IntN(3) == 0; came {
				i := rnd.IntN(len(over))
				done.More = []frontier.Candidate{{Job: over[i], Again: true}}
				back[over[i].URL.String()] = true
				over[i] = over[len(over)-1]
				over = over[:len(over)-1]
			}
			l.Ended(frontier.Exchange{Health: frontier.Healthy})
			q.Done(l, &done)
			if !back[l.Job.URL.String()] {
				over = append(over, l.Job)
			}
			return came
		}
		for next() {
			if len(leases) == 8 || len(visits) == 1 {
				for range 1 + rnd.IntN(len(leases)) {
					end()
				}
			}
			if rnd.IntN(5) == 0 {
				between.do = func() {
					if n := q.InMemory(); end() && n > 0 && n < 100 && seed%3 == 2 {
						next() // it stays in memory, so that nobody asks the store now
					}
				}
				if err := q.Commit(t.Context(), ""); err != nil {
					t.Fatal(err)
				}
			}
			for q.Stats().Counts.Queued == 0 && len(leases) > 0 {
				end()
			}
		}
		if err := q.Commit(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		c := q.Stats().Counts
		if c.Fetched != 200 || c.Conserved() != 0 || len(back) == 0 {
			t.Errorf("seed %d: %+v after %d came back", seed, c, len(back))
		}
		for row, err := range store.Rows(t.Context()) {
			if u := row.Job.URL.String(); err != nil || row.Outcome != frontier.Fetched || row.Status != 200+visits[u] || (visits[u] == 2) != back[u] {
				t.Errorf("seed %d: %s was fetched %d times, came back: %t, and its row says %v %d (%v)", seed, u, visits[u], back[u], row.Outcome, row.Status, err)
			}
		}
	}
}
