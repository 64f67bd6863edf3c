package frontier_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// However many jobs are in memory, and while hosts come and go: each host's jobs
// come once, the nearest to a seed first, then as they were found.
func TestJobsComeInOrder(t *testing.T) {
	type place struct{ depth, n int }
	for seed := range uint64(42) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		q := open(t, frontier.Options{})
		q.HoldInMemory([]int{0, 1, 5, 40, 200, 1000, 5000}[seed%7])
		pending := make(map[string]map[string]place)
		found, left, hosts := 0, 0, 1
		find := func() {
			var more []frontier.Candidate
			for range rnd.IntN([]int{5, 60, 400}[rnd.IntN(3)]) {
				if rnd.IntN(40) == 0 {
					hosts++
				}
				host := fmt.Sprintf("h%d", rnd.IntN(min(hosts, 1+int(seed)*2)))
				c := seeds(fmt.Sprintf("http://%s/%d", host, found))[0]
				c.Job.Depth = rnd.IntN(6)
				more = append(more, c)
				if pending[host] == nil {
					pending[host] = make(map[string]place)
				}
				pending[host][c.Job.URL.String()] = place{c.Job.Depth, found}
				found++
				left++
			}
			q.Add(more)
		}
		visit := func() {
			l, err := q.Next(t.Context())
			if err != nil {
				t.Fatalf("seed %d: %v with %d left", seed, err, left)
			}
			host, u := l.Job.URL.Host(), l.Job.URL.String()
			at, ok := pending[host][u]
			if !ok {
				t.Fatalf("seed %d: %s comes twice", seed, u)
			}
			for v, other := range pending[host] {
				if other.depth < at.depth || other.depth == at.depth && other.n < at.n {
					t.Fatalf("seed %d: %s %v comes before %s %v", seed, u, at, v, other)
				}
			}
			delete(pending[host], u)
			left--
			l.Ended(frontier.Exchange{Health: frontier.Healthy})
			q.Done(l, &frontier.Done{Outcome: frontier.Fetched})
		}
		for found < 2000 || left > 0 {
			if found < 2000 && rnd.IntN(3) == 0 {
				find()
			}
			for range min(left, rnd.IntN(80)) {
				visit()
			}
		}
		if _, err := q.Next(t.Context()); !errors.Is(err, frontier.ErrDrained) || q.InMemory() != 0 {
			t.Errorf("seed %d: %v with %d in memory", seed, err, q.InMemory())
		}
	}
}

// Under a limit of depth, what is found on a slow page is as deep as that page
// says, though quick ones have led to it meanwhile; and no one waits for a page
// that is tried again later.
func TestLevelsGiveTheLeastDepth(t *testing.T) {
	for _, tt := range []struct {
		levels, prioritized bool
		want                map[string]int
	}{
		{true, false, map[string]int{"/slow": 1, "/quick": 1, "/again": 1, "/deep": 2, "/both": 2, "/late": 2}},
		{false, false, map[string]int{"/slow": 1, "/quick": 1, "/again": 1, "/deep": 2, "/both": 3, "/late": 2}},
		{true, true, map[string]int{"/slow": 1, "/quick": 1, "/again": 1, "/deep": 2, "/both": 3, "/late": 2}},
	} {
		synctest.Test(t, func(t *testing.T) {
			q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 8}, Levels: tt.levels, Prioritized: tt.prioritized})
			q.Add(seeds("http://h/"))
			depths := make(map[string]int)
			_, end := drive(t, q, 4, func(j frontier.Job) work {
				path := j.URL.RequestURI()
				depths[path] = j.Depth
				switch {
				case path == "/":
					return fetched(time.Second, "http://h/slow", "http://h/quick", "http://h/again")
				case path == "/slow":
					return fetched(time.Minute, "http://h/both")
				case path == "/quick":
					return fetched(time.Second, "http://h/deep")
				case path == "/deep":
					return fetched(time.Second, "http://h/both")
				case path == "/again" && j.Attempts == 0:
					return work{done: frontier.Done{Outcome: frontier.Pending, Retry: time.Hour}}
				case path == "/again":
					return fetched(time.Second, "http://h/late")
				}
				return fetched(time.Second)
			})
			delete(depths, "/")
			if !maps.Equal(depths, tt.want) || !errors.Is(end, frontier.ErrDrained) {
				t.Errorf("levels %v, prioritized %v: depths %v, ended with %v; want %v", tt.levels, tt.prioritized, depths, end, tt.want)
			}
		})
	}
}

// Jobs of one depth do not wait for one another, also after a nearer one, tried
// again, has come and gone among them.
func TestLevelsWaitForNearerJobsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 2}, Levels: true})
		q.Add(seeds("http://h/"))
		log, _ := drive(t, q, 4, func(j frontier.Job) work {
			switch path := j.URL.RequestURI(); {
			case path == "/":
				return fetched(time.Second, "http://h/list", "http://h/again")
			case path == "/list":
				return fetched(time.Second, "http://h/slow", "http://h/a", "http://h/b", "http://h/c")
			case path == "/slow":
				return fetched(time.Minute)
			case path == "/again" && j.Attempts == 0:
				return work{done: frontier.Done{Outcome: frontier.Pending, Retry: 3 * time.Second}}
			}
			return fetched(time.Second)
		})
		wantLog(t, log, "0s http://h/", "1s http://h/list", "1s http://h/again", "2s http://h/slow", "2s http://h/a", "3s http://h/b",
			"4s http://h/again", "5s http://h/c")
	})
}

// A host that is probed keeps its levels, too: a page that has come but is not
// read yet may lead to what is nearer.
func TestLevelsHoldWhileAHostIsProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 3}, Levels: true})
		q.Add(seeds("http://h/"))
		next := func() *frontier.Lease {
			l, err := q.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		end := func(l *frontier.Lease, health frontier.Health) { l.Ended(frontier.Exchange{Health: health}) }
		done := func(l *frontier.Lease, found ...string) {
			q.Done(l, &frontier.Done{Outcome: frontier.Fetched, Links: links(found...)})
		}
		seed := next()
		end(seed, frontier.Healthy)
		done(seed, "http://h/a", "http://h/b", "http://h/c")
		a, b, c := next(), next(), next()
		end(a, frontier.Healthy)
		end(b, frontier.Healthy)
		done(b, "http://h/deep")
		end(c, frontier.Pushback)
		done(c)
		time.AfterFunc(time.Hour, func() { done(a) })
		begun := time.Now()
		if deep := next(); time.Since(begun) < time.Hour {
			t.Errorf("%v was handed out after %v, while a page nearer to its seed was not read", deep.Job.URL, time.Since(begun))
		}
	})
}
