package frontier_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/parse/link"
)

func open(t *testing.T, o frontier.Options) *frontier.Queue {
	t.Helper()
	q, _, err := frontier.Open(t.Context(), memory.New(), o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func seeds(urls ...string) (s []frontier.Candidate) {
	for _, u := range urls {
		s = append(s, frontier.Seed(frontiertest.URL(u)))
	}
	return s
}

func links(urls ...string) (l []link.Link) {
	for _, u := range urls {
		l = append(l, link.Link{URL: frontiertest.URL(u)})
	}
	return l
}

// work is what a worker does with one job in these tests: the exchange takes
// some time, says something of the host, and ends the lease in some way.
type work struct {
	takes time.Duration
	x     frontier.Exchange
	done  frontier.Done
}

// drive runs workers until the queue ends, and returns what each request's
// start and URL was, in the words "1.5s http://h/", and why it ended.
func drive(t *testing.T, q *frontier.Queue, workers int, do func(frontier.Job) work) (log []string, end error) {
	// Jobs are written down in the order in which they are handed out. A mutex
	// would hold the fake clock up.
	turn := make(chan struct{}, 1)
	var wg sync.WaitGroup
	began := time.Now()
	next := func() (*frontier.Lease, work) {
		turn <- struct{}{}
		defer func() { <-turn }()
		l, err := q.Next(t.Context())
		if err != nil {
			end = err
			return nil, work{}
		}
		if l.GivenUp != "" {
			log = append(log, "given up "+l.Job.URL.String())
			return l, work{done: frontier.Done{Outcome: frontier.Failed}}
		}
		log = append(log, time.Since(began).Round(time.Millisecond).String()+" "+l.Job.URL.String())
		l.Started(time.Now())
		return l, do(l.Job)
	}
	for range workers {
		wg.Go(func() {
			for l, w := next(); l != nil; l, w = next() {
				<-time.After(w.takes)
				w.x.Elapsed = w.takes
				l.Ended(w.x)
				if w.done.Outcome == frontier.Pending {
					l.Job.Attempts++
				}
				q.Done(l, &w.done)
			}
		})
	}
	wg.Wait()
	if err := q.Commit(t.Context(), ""); err != nil {
		t.Error(err)
	}
	if off := q.Stats().Counts.Conserved(); off != 0 {
		t.Errorf("the law of conservation is off by %d: %+v", off, q.Stats().Counts)
	}
	return log, end
}

func fetched(takes time.Duration, found ...string) work {
	return work{takes: takes, x: frontier.Exchange{Health: frontier.Healthy}, done: frontier.Done{Outcome: frontier.Fetched, Links: links(found...)}}
}

func wantLog(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("requests:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestOneHostIsAskedAtItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: 2, HostConcurrency: 8}})
		q.Add(seeds("http://h/1", "http://h/2", "http://h/3", "http://h/4"))
		log, end := drive(t, q, 4, func(frontier.Job) work { return fetched(time.Second) })
		wantLog(t, log, "0s http://h/1", "500ms http://h/2", "1s http://h/3", "1.5s http://h/4")
		if !errors.Is(end, frontier.ErrDrained) {
			t.Errorf("ended with %v, want ErrDrained", end)
		}
	})
}

func TestTheGapCountsFromTheRequestNotTheHandOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: 1, HostConcurrency: 8}})
		q.Add(seeds("http://h/1", "http://h/2"))
		first, err := q.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Second) // a slow connection
		first.Started(time.Now())
		began := time.Now()
		if _, err := q.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		if gap := time.Since(began); gap < time.Second {
			t.Errorf("the second request came %v after the first one started, want 1s", gap)
		}
	})
}

func TestNewsOfAStartMayComeAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: 1, HostConcurrency: 1}})
		q.Add(seeds("http://h/1", "http://h/2", "http://h/3"))
		first, err := q.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		first.Ended(frontier.Exchange{Health: frontier.Healthy})
		first.Started(time.Now())
		q.Done(first, &frontier.Done{Outcome: frontier.Fetched})
		log, _ := drive(t, q, 2, func(frontier.Job) work { return fetched(0) })
		wantLog(t, log, "1s http://h/2", "2s http://h/3")
	})
}

func TestHostConcurrencyBoundsExchanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 2}})
		q.Add(seeds("http://h/1", "http://h/2", "http://h/3", "http://i/1"))
		log, _ := drive(t, q, 8, func(frontier.Job) work { return fetched(3 * time.Second) })
		slices.Sort(log)
		wantLog(t, log, "0s http://h/1", "0s http://h/2", "0s http://i/1", "3s http://h/3")
	})
}

func TestASlowHostSlowsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: 1, HostConcurrency: 1}})
		for host := range 10 {
			for page := range 5 {
				q.Add(seeds(fmt.Sprintf("http://h%d/%d", host, page)))
			}
		}
		began := time.Now()
		drive(t, q, 2, func(j frontier.Job) work {
			if j.URL.Host() == "h0" {
				return fetched(time.Minute)
			}
			return fetched(0)
		})
		if took := time.Since(began); took > 5*time.Minute+5*time.Second {
			t.Errorf("the crawl took %v: the nine quick hosts waited for the slow one", took)
		}
	})
}

func TestBreadthFirstWithinAHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 1}})
		q.Add(seeds("http://h/"))
		log, _ := drive(t, q, 1, func(j frontier.Job) work {
			if j.Depth == 2 {
				return fetched(time.Second)
			}
			return fetched(time.Second, j.URL.String()+"a/", j.URL.String()+"b/")
		})
		wantLog(t, log, "0s http://h/", "1s http://h/a/", "2s http://h/b/",
			"3s http://h/a/a/", "4s http://h/a/b/", "5s http://h/b/a/", "6s http://h/b/b/")
	})
}

// Many more jobs than a host keeps in memory, found out of order: each is
// handed out once, the shallow before the deep.
func TestJobsPageThroughTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{})
		q.Add(seeds("http://h/0"))
		n := 0
		log, _ := drive(t, q, 3, func(j frontier.Job) work {
			var found []string
			for range 7 {
				if n < 1000 {
					n++
					found = append(found, fmt.Sprintf("http://h/%d", n), "http://h/0")
				}
			}
			if j.Key.Seq%5 == 0 && j.Attempts == 0 {
				return work{takes: time.Millisecond, done: frontier.Done{Retry: time.Second}}
			}
			if err := q.Commit(t.Context(), "mark"); err != nil {
				t.Error(err)
			}
			return fetched(time.Millisecond, found...)
		})
		times := make(map[string]int)
		for _, line := range log {
			_, url, _ := strings.Cut(line, " ")
			times[url]++
		}
		s := q.Stats().Counts
		if s.Fetched != s.Known || s.Fetched < 700 {
			t.Errorf("fetched %d of %d", s.Fetched, s.Known)
		}
		for url, n := range times {
			if n > 2 {
				t.Errorf("%s was handed out %d times, want at most two", url, n)
			}
		}
	})
}

func TestARetryWaitsAndOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 1}})
		q.Add(seeds("http://h/1", "http://h/2", "http://h/3"))
		log, _ := drive(t, q, 1, func(j frontier.Job) work {
			if j.URL.Path() == "/1" && j.Attempts == 0 {
				return work{takes: time.Second, done: frontier.Done{Retry: 90 * time.Second}}
			}
			return fetched(time.Second)
		})
		wantLog(t, log, "0s http://h/1", "1s http://h/2", "2s http://h/3", "1m31s http://h/1")
	})
}

func TestAReturnedJobIsNextAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: 1}})
		q.Add(seeds("http://h/1", "http://h/2"))
		l, _ := q.Next(t.Context())
		l.Started(time.Now()) // the turn went to robots.txt
		l.Ended(frontier.Exchange{})
		l.Return()
		log, _ := drive(t, q, 1, func(frontier.Job) work { return fetched(0) })
		wantLog(t, log, "1s http://h/1", "2s http://h/2")
	})
}

func TestMaxPagesIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{MaxPages: 5, Politeness: frontier.Politeness{HostConcurrency: 9}})
		for i := range 30 {
			q.Add(seeds(fmt.Sprintf("http://h/%d", i)))
		}
		_, end := drive(t, q, 9, func(j frontier.Job) work {
			if j.Key.Seq <= 3 {
				return work{takes: time.Second, done: frontier.Done{Outcome: frontier.Failed}}
			}
			return fetched(time.Second)
		})
		if s := q.Stats().Counts; s.Fetched != 5 || !errors.Is(end, frontier.ErrStopped) || q.Stopped() != "max-pages" {
			t.Errorf("fetched %d, end %v (%s); want 5, stopped, max-pages", s.Fetched, end, q.Stopped())
		}
	})
}

func TestMaxPagesPerHostLeavesOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{MaxPagesPerHost: 2})
		q.Add(seeds("http://a/1", "http://a/2", "http://a/3", "http://b/1"))
		_, end := drive(t, q, 4, func(frontier.Job) work { return fetched(time.Second) })
		if s := q.Stats().Counts; s.Fetched != 3 || s.Queued != 1 || !errors.Is(end, frontier.ErrStopped) || q.Stopped() != "max-pages-per-host" {
			t.Errorf("fetched %d, left %d, end %v (%s); want 3, 1, stopped, max-pages-per-host", s.Fetched, s.Queued, end, q.Stopped())
		}
	})
}

func TestStopWakesEveryoneWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{})
		q.Add(seeds("http://h/"))
		if _, err := q.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		ends := make(chan error)
		for range 5 {
			go func() {
				_, err := q.Next(context.WithoutCancel(t.Context()))
				ends <- err
			}()
		}
		synctest.Wait()
		q.Stop("enough")
		for range 5 {
			if err := <-ends; !errors.Is(err, frontier.ErrStopped) {
				t.Errorf("Next: %v, want ErrStopped", err)
			}
		}
	})
}

// A URL skipped for its depth is fetched when it is found nearer to a seed; a
// rule that looks at the URL alone is asked once.
func TestSkipsThatAreNotFinalAreReconsidered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		q := open(t, frontier.Options{Admit: func(c *frontier.Candidate) *frontier.Skip {
			asked++
			switch {
			case c.Job.URL.Host() != "h":
				return &frontier.Skip{Rule: "scope", Final: true}
			case c.Job.Depth > 1:
				return &frontier.Skip{Rule: "depth"}
			}
			return nil
		}})
		q.Add(seeds("http://h/a", "http://h/b"))
		var skipped []string
		for range 2 {
			l, err := q.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			l.Ended(frontier.Exchange{Health: frontier.Healthy})
			deep := l.Job.URL.Path() == "/a"
			if deep {
				l.Job.Depth = 1 // as if it had been found later
			}
			for _, row := range q.Done(l, &frontier.Done{Outcome: frontier.Fetched, Links: links("http://h/x", "http://out/", "http://h/x")}) {
				skipped = append(skipped, row.Skip.Rule+" "+row.Job.URL.String())
			}
		}
		wantLog(t, skipped, "depth http://h/x", "scope http://out/")
		c := q.Stats().Counts
		if c.Conserved() != 0 || c.Queued != 1 || c.Skipped != 1 || c.Known != 4 {
			t.Errorf("counts %+v, want 4 known: 2 fetched, /x queued after all, 1 skipped", c)
		}
		if asked != 6 {
			t.Errorf("rules were asked %d times, want 6: seeds 2, /x twice as too deep, out once, /x once admitted", asked)
		}
	})
}

// Hosts that came first, and are slow, leave the others room in memory.
func TestSlowHostsLeaveRoom(t *testing.T) {
	const room, slow, quick, jobs = 4096, 20, 200, 8
	store := &countedStore{Store: memory.New()}
	q, _, err := frontier.Open(t.Context(), store, frontier.Options{})
	if err != nil {
		t.Fatal(err)
	}
	q.HoldInMemory(room)
	add := func(kind string, hosts, jobs int) {
		for h := range hosts {
			for i := range jobs {
				q.Add(seeds(fmt.Sprintf("http://%s%d/%d", kind, h, i)))
			}
		}
	}
	visit := func(n int, x frontier.Exchange) {
		for range n {
			l, err := q.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			l.Ended(x)
			q.Done(l, &frontier.Done{Outcome: frontier.Fetched})
		}
	}
	add("slow", slow, room)
	visit(slow, frontier.Exchange{Health: frontier.Pushback, Pause: time.Hour})
	add("quick", quick, jobs)
	before := store.read
	visit(quick*jobs, frontier.Exchange{Health: frontier.Healthy})
	if read := store.read - before; read > 0 {
		t.Errorf("%d of %d jobs were read from the store, while %d are in memory", read, quick*jobs, q.InMemory())
	}
}

// countedStore counts the jobs that are read from a Store.
type countedStore struct {
	frontier.Store
	read int
}

func (s *countedStore) Page(ctx context.Context, host string, after frontier.Key, n int) ([]frontier.Job, error) {
	jobs, err := s.Store.Page(ctx, host, after, n)
	s.read += len(jobs)
	return jobs, err
}

// Beyond a number of jobs, those of further hosts wait in the store, and come
// in the order they would have come in.
func TestJobsInMemoryAreBounded(t *testing.T) {
	const hosts, pages, room = 50, 20, 10
	q := open(t, frontier.Options{})
	q.HoldInMemory(room)
	var s []string
	for h := range hosts {
		s = append(s, fmt.Sprintf("http://h%d/0", h))
	}
	q.Add(seeds(s...))
	next := make(map[string]int)
	for {
		l, err := q.Next(t.Context())
		if errors.Is(err, frontier.ErrDrained) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		host := l.Job.URL.Host()
		if want := fmt.Sprintf("/%d", next[host]); l.Job.URL.Path() != want {
			t.Fatalf("%s is handed out, want %s first", l.Job.URL, want)
		}
		var found []string
		if next[host] == 0 {
			for p := 1; p < pages; p++ {
				found = append(found, fmt.Sprintf("http://%s/%d", host, p))
			}
		}
		next[host]++
		l.Ended(frontier.Exchange{Health: frontier.Healthy})
		q.Done(l, &frontier.Done{Outcome: frontier.Fetched, Links: links(found...)})
		if n := q.InMemory(); n > room+16 {
			t.Fatalf("%d jobs are in memory, want about %d", n, room)
		}
	}
	if c := q.Stats().Counts; c.Fetched != hosts*pages || c.Conserved() != 0 {
		t.Errorf("%+v, want %d fetched", c, hosts*pages)
	}
}

// What a sitemap of many URLs took on the way to the store is given back, however
// it went there.
func TestBurstsAreGivenBack(t *testing.T) {
	const burst = 50_000
	q := open(t, frontier.Options{})
	for n := range 3 {
		var s []frontier.Candidate
		for i := range burst {
			s = append(s, seeds(fmt.Sprintf("http://h%d/%d", n, i))...)
		}
		q.Add(s)
		l, err := q.Next(t.Context()) // reads the host's jobs from the store
		if err != nil {
			t.Fatal(err)
		}
		l.Ended(frontier.Exchange{Health: frontier.Healthy})
		q.Done(l, &frontier.Done{Outcome: frontier.Fetched})
		q.Add(seeds(fmt.Sprintf("http://h%d/last", n)))
		if err := q.Commit(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	if n := q.Spare(); n > burst/2 {
		t.Errorf("room for %d jobs is kept after bursts of %d", n, burst)
	}
}
