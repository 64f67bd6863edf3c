package frontier_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
)

func TestRetryAfterPausesTheHostAndNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 1}})
		q.Add(seeds("http://h/1", "http://h/2", "http://i/1"))
		log, _ := drive(t, q, 1, func(j frontier.Job) work {
			w := fetched(time.Second)
			if j.URL.Path() == "/1" && j.URL.Host() == "h" {
				w.x = frontier.Exchange{Health: frontier.Pushback, Pause: 30 * time.Second}
			}
			return w
		})
		wantLog(t, log, "0s http://h/1", "1s http://i/1", "31s http://h/2")
	})
}

// What a host asks for it gets, up to an hour; one that asks for more after
// that is not worth waiting for.
func TestALongPauseIsGrantedUpToAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 1}})
		q.Add(seeds("http://h/1", "http://h/2", "http://h/3", "http://h/4", "http://h/5"))
		pauses := []time.Duration{40 * time.Minute, 0, 10 * time.Minute, 24 * time.Hour}
		log, _ := drive(t, q, 1, func(frontier.Job) work {
			w := fetched(0)
			if pauses[0] > 0 {
				w.x = frontier.Exchange{Health: frontier.Pushback, Pause: pauses[0]}
			}
			pauses = append(pauses[1:], time.Second)
			return w
		})
		wantLog(t, log, "0s http://h/1", "40m0s http://h/2", "40m0s http://h/3", "50m0s http://h/4", "1h50m0s http://h/5")
		if q.Stats().GivenUp != 1 {
			t.Error("the host was not given up, which asked for more after an hour and ten minutes")
		}
	})
}

// A pause that was kept by a clock which was ahead does not last until then.
func TestAKeptPauseIsNoLongerThanAPauseMayBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, job := memory.New(), frontiertest.Job("h", 0, 1)
		if err := store.Commit(t.Context(), &frontier.Batch{
			Put:   []frontier.Job{job},
			Hosts: []frontier.HostState{{Host: "h", PausedUntil: time.Now().AddDate(1, 0, 0), Why: "asked to wait"}},
		}); err != nil {
			t.Fatal(err)
		}
		q, _, err := frontier.Open(t.Context(), store, frontier.Options{})
		if err != nil {
			t.Fatal(err)
		}
		log, _ := drive(t, q, 1, func(frontier.Job) work { return fetched(0) })
		wantLog(t, log, "1h0m0s "+job.URL.String())
	})
}

// Who goes on with a crawl that was broken off leaves a host alone for the rest of
// the gap since its last request.
func TestAGapOutlivesTheProcess(t *testing.T) {
	for _, tt := range []struct {
		every, delay time.Duration // what the user says, and robots.txt
		want         string
	}{
		{10 * time.Second, 0, "7s"},
		{0, 20 * time.Second, "17s"},
		{2 * time.Hour, 0, "1h59m57s"},
		{0, 2 * time.Hour, "1h59m57s"},
		{2 * time.Second, 0, "0s"}, // it is over
	} {
		synctest.Test(t, func(t *testing.T) {
			store, o := memory.New(), frontier.Options{Politeness: frontier.Politeness{Rate: rate.Every(tt.every), CrawlDelayCap: 3 * time.Hour}, MaxPages: 1}
			for _, want := range []string{"0s http://h/1", tt.want + " http://h/2"} {
				q, _, err := frontier.Open(t.Context(), store, o)
				if err != nil {
					t.Fatal(err)
				}
				q.Add(seeds("http://h/1", "http://h/2"))
				log, _ := drive(t, q, 1, func(frontier.Job) work {
					if tt.delay > 0 {
						q.SetDelay(frontiertest.URL("http://h/robots.txt"), tt.delay)
					}
					return fetched(0)
				})
				wantLog(t, log, want)
				<-time.After(3 * time.Second)
			}
		})
	}
}

func TestPushbackWithoutATimeDoublesAndIsGivenUpInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 1, Strikes: 2, GiveUp: 2}})
		q.Add(seeds("http://h/1", "http://h/2", "http://h/3", "http://h/4", "http://h/5", "http://h/6"))
		var gaps []time.Duration
		last := time.Now()
		log, _ := drive(t, q, 1, func(frontier.Job) work {
			gaps = append(gaps, time.Since(last))
			last = time.Now()
			return work{x: frontier.Exchange{Health: frontier.Pushback}, done: frontier.Done{Outcome: frontier.Fetched, Status: 503}}
		})
		for i, least := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second} {
			if gaps[i] < least || gaps[i] > least*5/4 {
				t.Errorf("gap %d is %v, want %v and a quarter at most", i, gaps[i], least)
			}
		}
		wantLog(t, log[4:], "given up http://h/5", "given up http://h/6")
	})
}

// A wait between two tries is never shorter than the user said, however long that
// is, and grows to five minutes where that is short.
func TestAWaitBetweenTriesIsAsLongAsIsSaid(t *testing.T) {
	const century = 100 * 365 * 24 * time.Hour
	for _, tt := range []struct {
		base    time.Duration
		attempt int
		want    time.Duration
	}{
		{0, 9, 0},
		{time.Second, 0, time.Second},
		{time.Second, 3, 8 * time.Second},
		{time.Second, 1000, 5 * time.Minute},
		{3 * time.Minute, 1, 5 * time.Minute},
		{10 * time.Minute, 0, 10 * time.Minute},
		{10 * time.Minute, 5, 10 * time.Minute},
		{century, 2, century},
		{math.MaxInt64, 0, century},
	} {
		if got := frontier.Backoff(tt.base, tt.attempt); got < tt.want || got > tt.want+tt.want/4 {
			t.Errorf("Backoff(%v, %d) = %v, want %v or up to a quarter more", tt.base, tt.attempt, got, tt.want)
		}
	}
}

// What is under way when a host is paused or parked tells nothing new: one bad
// moment of a host that is asked by many at a time is one.
func TestABurstOfFailuresIsOneFailure(t *testing.T) {
	for _, x := range []frontier.Exchange{
		{Health: frontier.Pushback}, {Health: frontier.Pushback, Pause: 45 * time.Minute}, {Health: frontier.Down},
	} {
		synctest.Test(t, func(t *testing.T) {
			q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 30}})
			for i := range 60 {
				q.Add(seeds(fmt.Sprintf("http://h/%d", i)))
			}
			n := 0
			log, _ := drive(t, q, 30, func(frontier.Job) work {
				if n++; n <= 30 {
					return work{takes: time.Second, x: x, done: frontier.Done{Retry: time.Second}}
				}
				return fetched(time.Second)
			})
			if s := q.Stats(); s.Counts.Fetched != 60 || s.GivenUp != 0 {
				t.Errorf("%+v: fetched %d, hosts given up %d; want 60, 0", x, s.Counts.Fetched, s.GivenUp)
			}
			if x.Pause > 0 && !strings.HasPrefix(log[30], "45m1s ") {
				t.Errorf("went on at %s, want 45m1s", log[30])
			}
		})
	}
}

func TestAHostOutOfReachIsParkedThenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{})
		for i := range 40 {
			q.Add(seeds(fmt.Sprintf("http://down/%d", i)))
		}
		q.Add(seeds("http://up/1"))
		log, end := drive(t, q, 4, func(j frontier.Job) work {
			if j.URL.Host() == "up" {
				return fetched(0)
			}
			return work{takes: time.Second, x: frontier.Exchange{Health: frontier.Down}, done: frontier.Done{Outcome: frontier.Failed, Error: "connect"}}
		})
		asked := 0
		for _, line := range log {
			if strings.Contains(line, "http://down/") && !strings.HasPrefix(line, "given up") {
				asked++
			}
		}
		if asked < 7 || asked > 10 {
			t.Errorf("a dead host was asked %d times before it was given up, want 7 to 10", asked)
		}
		if s := q.Stats(); s.Counts.Failed != 40 || s.GivenUp != 1 || !errors.Is(end, frontier.ErrDrained) {
			t.Errorf("failed %d, hosts given up %d, end %v; want 40, 1, drained", s.Counts.Failed, s.GivenUp, end)
		}
	})
}

// A host that answers again after the quarter of an hour that a restart may take
// loses nothing by it but the pages that were asked for meanwhile; one that does
// not is given up.
func TestAHostThatHasAnsweredIsWaitedFor(t *testing.T) {
	for outage, givenUp := range map[time.Duration]int{10 * time.Minute: 0, time.Hour: 1} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			q := open(t, frontier.Options{Politeness: frontier.Politeness{HostConcurrency: 1}})
			for i := range 60 {
				q.Add(seeds(fmt.Sprintf("http://h/%d", i)))
			}
			drive(t, q, 1, func(frontier.Job) work {
				if since := time.Since(began); since >= 10*time.Second && since < 10*time.Second+outage {
					return work{takes: time.Second, x: frontier.Exchange{Health: frontier.Down}, done: frontier.Done{Outcome: frontier.Failed, Error: "connect"}}
				}
				return fetched(time.Second)
			})
			s, took := q.Stats(), time.Since(began)
			if s.GivenUp != givenUp || givenUp == 0 && s.Counts.Failed > 12 || took > outage+6*time.Minute || took > 25*time.Minute {
				t.Errorf("after an outage of %v: hosts given up %d, want %d; failed %d, over after %v", outage, s.GivenUp, givenUp, s.Counts.Failed, took)
			}
		})
	}
}

func TestAHostThatGetsSlowIsAskedLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: 100, HostConcurrency: 1}})
		for i := range 60 {
			q.Add(seeds(fmt.Sprintf("http://h/%d", i)))
		}
		n := 0
		var last time.Time
		var lastGap time.Duration
		drive(t, q, 1, func(frontier.Job) work {
			lastGap, last = time.Since(last), time.Now()
			if n++; n <= 10 {
				return fetched(100 * time.Millisecond)
			}
			return fetched(2 * time.Second)
		})
		if lastGap < 3*time.Second/2 {
			t.Errorf("gap %v to a host that answers after 2s, want about 2s", lastGap)
		}
	})
}

func TestCrawlDelayCountsUpToItsCap(t *testing.T) {
	for delay, want := range map[time.Duration]string{10 * time.Second: "10s", time.Hour: "30s"} {
		synctest.Test(t, func(t *testing.T) {
			q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: rate.Limit(5)}})
			q.Add(seeds("http://h/1", "http://h/2"))
			log, _ := drive(t, q, 2, func(frontier.Job) work {
				q.SetDelay(frontiertest.URL("http://h/robots.txt"), delay)
				return fetched(0)
			})
			wantLog(t, log, "0s http://h/1", want+" http://h/2")
		})
	}
}

// A host is one, whether it is asked over http or https: neither robots.txt makes
// it quicker than the other one wants, and each may take back what it wanted.
func TestOfTwoCrawlDelaysTheLongerOneHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{})
		q.Add(seeds("http://h/1", "http://h/2", "http://h/3", "http://h/4", "http://h/5"))
		delays := []struct {
			at    string
			delay time.Duration
		}{{"http://h/robots.txt", 10 * time.Second}, {"https://h/robots.txt", 0}, {"http://h/robots.txt", time.Second}, {"https://h/robots.txt", 0}, {"https://h/robots.txt", 0}}
		log, _ := drive(t, q, 1, func(frontier.Job) work {
			q.SetDelay(frontiertest.URL(delays[0].at), delays[0].delay)
			delays = delays[1:]
			return fetched(0)
		})
		wantLog(t, log, "0s http://h/1", "10s http://h/2", "20s http://h/3", "30s http://h/4", "31s http://h/5") // the turn that is set stays
	})
}

// The gap that robots.txt asks for holds between it and the first page, however
// long it took to come.
func TestCrawlDelayCountsFromTheRequestForIt(t *testing.T) {
	for limit, want := range map[rate.Limit]time.Duration{5: 10 * time.Second, 0: 11 * time.Second} { // without a rate nobody noted when it was
		synctest.Test(t, func(t *testing.T) {
			q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: limit}, Introduce: true})
			q.Add(seeds("http://h/1"))
			began := time.Now()
			l := next(t, q)
			l.Started(time.Now())
			<-time.After(time.Second)
			q.SetDelay(frontiertest.URL("http://h/robots.txt"), 10*time.Second)
			l.Ended(frontier.Exchange{})
			l.Return()
			next(t, q)
			if gap := time.Since(began); gap != want {
				t.Errorf("rate %v: the page was asked for %v after robots.txt, want %v", limit, gap, want)
			}
		})
	}
}

// … and between the first page and the next when it was kept from an earlier run,
// and is recalled at the turn of that page, whose connection may be long in coming.
func TestCrawlDelayCountsFromTheRequestItIsRecalledFor(t *testing.T) {
	for _, limit := range []rate.Limit{5, 0} {
		synctest.Test(t, func(t *testing.T) {
			q := open(t, frontier.Options{Politeness: frontier.Politeness{Rate: limit}, Introduce: true})
			q.Add(seeds("http://h/1", "http://h/2"))
			l := next(t, q)
			q.SetDelay(frontiertest.URL("http://h/robots.txt"), 10*time.Second)
			<-time.After(4 * time.Second)
			sent := time.Now()
			l.Started(sent)
			<-time.After(time.Second)
			l.Started(time.Now()) // said again, when the answer is there
			l.Ended(frontier.Exchange{Health: frontier.Healthy, Elapsed: time.Second})
			q.Done(l, &frontier.Done{Outcome: frontier.Fetched, Status: 200})
			next(t, q)
			if gap := time.Since(sent); gap != 10*time.Second {
				t.Errorf("rate %v: the second page was asked for %v after the first, want 10s", limit, gap)
			}
		})
	}
}

// A rate of next to nothing is not taken for none.
func TestARateOfLessThanOnceInALifetimeHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, p := range []frontier.Politeness{{Rate: 1e-12}, {TotalRate: 1e-12}} {
			q := open(t, frontier.Options{Politeness: p})
			q.Add(seeds("http://h/1", "http://h/2"))
			next(t, q).Started(time.Now())
			ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
			if l, err := q.Next(ctx); err == nil {
				t.Errorf("%+v: %s was handed out as well", p, l.Job.URL)
			}
			cancel()
		}
	})
}

func next(t *testing.T, q *frontier.Queue) *frontier.Lease {
	t.Helper()
	l, err := q.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A host that was not asked because nobody can be is not paused for
// the next run, nor does an outage leave more and more to be committed.
func TestAnOutageIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		q, _, err := frontier.Open(t.Context(), store, frontier.Options{})
		if err != nil {
			t.Fatal(err)
		}
		q.Add(seeds("http://h/1"))
		for range 100 {
			l := next(t, q)
			l.Ended(frontier.Exchange{Health: frontier.Offline})
			l.Return()
		}
		if err := q.Commit(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if state, err := store.State(t.Context()); err != nil || len(state.Hosts) > 0 {
			t.Errorf("kept: %+v, %v", state.Hosts, err)
		}
	})
}

func TestTotalRateHoldsOverHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, frontier.Options{Politeness: frontier.Politeness{TotalRate: 2}})
		q.Add(seeds("http://a/", "http://b/", "http://c/"))
		log, _ := drive(t, q, 3, func(frontier.Job) work { return fetched(0) })
		for i := range log {
			log[i], _, _ = strings.Cut(log[i], " ") // hosts that are due at once come in any order
		}
		wantLog(t, log, "0s", "500ms", "1s")
	})
}
