package gate_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/parse/robots"
)

// site is a Fetcher whose pages all exist and whose robots.txt takes a time
// and has a status. It fails a test that asks for one robots.txt twice at once.
type site struct {
	t *testing.T

	mu      sync.Mutex
	status  int           // of robots.txt; 0 is a connection that breaks
	slow    time.Duration // robots.txt
	body    string
	header  http.Header
	asked   []time.Duration // when robots.txt was, since born
	born    time.Time
	current int
}

func newSite(t *testing.T) *site {
	return &site{t: t, status: http.StatusOK, body: "User-agent: *\nDisallow: /private", born: time.Now()}
}

func (s *site) set(status int, slow time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.slow = status, slow
}

func (s *site) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	if req.Started != nil {
		req.Started(time.Now())
	}
	if req.URL.Path() != "/robots.txt" {
		return &fetch.Page{URL: req.URL, Status: http.StatusOK}, nil
	}
	status, slow := s.begin(req)
	defer s.end()
	if req.Timeout <= 0 {
		s.t.Error("robots.txt is asked for without a limit of time")
	}
	select {
	case <-time.After(min(slow, req.Timeout)):
		if slow > req.Timeout {
			return nil, &fetch.Error{Kind: fetch.KindTimeout, URL: req.URL, Err: errors.New("total timeout")}
		}
	case <-ctx.Done():
		return nil, &fetch.Error{Kind: fetch.KindCanceled, URL: req.URL, Err: ctx.Err()}
	}
	if status == 0 {
		return nil, &fetch.Error{Kind: fetch.KindReset, URL: req.URL, Err: errors.New("connection reset")}
	}
	return &fetch.Page{URL: req.URL, Status: status, Header: s.header, Body: []byte(s.body)}, nil
}

func (s *site) begin(req fetch.Request) (int, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current++; s.current > 1 {
		s.t.Errorf("%d requests for robots.txt at a time", s.current)
	}
	if req.MaxBody != robots.MaxSize+1 {
		s.t.Errorf("robots.txt is asked for with MaxBody %d", req.MaxBody)
	}
	s.asked = append(s.asked, time.Since(s.born))
	return s.status, s.slow
}

func (s *site) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current--
}

func (s *site) wantAsked(want ...time.Duration) {
	s.t.Helper()
	if !slices.Equal(s.asked, want) {
		s.t.Errorf("robots.txt was asked for at %v, want %v", s.asked, want)
	}
}

const page = "http://site.example/page"

func fetchPage(t *testing.T, g *gate.Gate) (string, error) {
	t.Helper()
	p, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, page)})
	return outcome(p, err), err
}

func wantTurn(t *testing.T, g *gate.Gate, want string) {
	t.Helper()
	if got, err := fetchPage(t, g); got != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
}

// after lets time pass in a bubble.
func after(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

func TestCopyServesADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		g := gate.New(s, gate.Options{})
		wantTurn(t, g, "spent")
		wantTurn(t, g, "200")
		after(t, 24*time.Hour-1)
		wantTurn(t, g, "200")
		after(t, 1)
		wantTurn(t, g, "spent")
		wantTurn(t, g, "200")
		s.wantAsked(0, 24*time.Hour)
	})
}

// The first call asks, and no other does at the same time; those that came
// meanwhile wait and use their own turns for their pages.
func TestOneRequestAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.slow = 3 * time.Second
		g := gate.New(s, gate.Options{})
		got := make([]string, 50)
		var calls sync.WaitGroup
		for i := range got {
			calls.Go(func() { got[i], _ = fetchPage(t, g) })
		}
		calls.Wait()
		slices.Sort(got)
		if want := append(slices.Repeat([]string{"200"}, 49), "spent"); !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		s.wantAsked(0)
	})
}

// A call that waits leaves when its context ends; when the one that asks does,
// nothing is held against the site and the next call asks.
func TestCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.slow = 3 * time.Second
		g := gate.New(s, gate.Options{Learned: func(c gate.Copy) {
			if c.Err != nil {
				t.Errorf("learned %v", c.Err)
			}
		}})
		asks, cancelAsks := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancelAsks()
		waits, cancelWaits := context.WithTimeout(t.Context(), time.Second)
		defer cancelWaits()

		var calls sync.WaitGroup
		ended := map[string]time.Duration{}
		var mu sync.Mutex
		call := func(name, want string, ctx context.Context) {
			p, err := g.Fetch(ctx, fetch.Request{URL: url(t, page)})
			if got := outcome(p, err); got != want {
				t.Errorf("%s: got %s (%v), want %s", name, got, err, want)
			}
			mu.Lock()
			defer mu.Unlock()
			ended[name] = time.Since(s.born)
		}
		calls.Go(func() { call("asks", "canceled", asks) })
		synctest.Wait()
		calls.Go(func() { call("waits", "canceled", waits) })
		calls.Go(func() { call("asks next", "spent", t.Context()) })
		calls.Wait()
		if ended["waits"] != time.Second || ended["asks"] != 2*time.Second || ended["asks next"] != 5*time.Second {
			t.Errorf("ended after %v", ended)
		}
		s.wantAsked(0, 2*time.Second)
	})
}

func TestOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.slow = time.Hour
		g := gate.New(s, gate.Options{})
		wantTurn(t, g, "timeout")
		if took := time.Since(s.born); took != 10*time.Second {
			t.Errorf("gave up after %v", took)
		}
		// A host that is down is the queue's to park: each turn is a try.
		s.set(http.StatusOK, 0)
		wantTurn(t, g, "spent")
		wantTurn(t, g, "200")
		s.wantAsked(0, 10*time.Second)
	})
}

// While robots.txt cannot be had, requests fail at once and say when it will be
// asked for again; the pauses double up to ten minutes.
func TestGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.status = 0
		g := gate.New(s, gate.Options{})
		var want []time.Duration
		for _, pause := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 600, 600} {
			want = append(want, time.Since(s.born))
			wantPause(t, g, pause*time.Second)
			after(t, pause*time.Second-1)
			wantPause(t, g, 1)
			after(t, 1)
		}
		s.set(http.StatusOK, 0)
		want = append(want, time.Since(s.born))
		wantTurn(t, g, "spent")
		wantTurn(t, g, "200")
		s.wantAsked(want...)

		// A success ends the row: the next failure is a first one.
		after(t, 31*24*time.Hour)
		s.set(http.StatusInternalServerError, 0)
		wantPause(t, g, 5*time.Second)
	})
}

func wantPause(t *testing.T, g *gate.Gate, pause time.Duration) {
	t.Helper()
	_, err := fetchPage(t, g)
	e, ok := errors.AsType[*fetch.Error](err)
	if !ok || e.Kind != fetch.KindUnavailable || e.RetryAfter != pause || e.URL.String() != page {
		t.Errorf("got %#v (%v), want robots_unavailable for %v", e, err, pause)
	}
}

func TestRetryAfter(t *testing.T) {
	for asked, want := range map[int]time.Duration{1: 5 * time.Second, 120: 2 * time.Minute, 7 * 86400: time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t)
			s.status, s.header = http.StatusTooManyRequests, http.Header{"Retry-After": {strconv.Itoa(asked)}}
			wantPause(t, gate.New(s, gate.Options{}), want)
		})
	}
}

// A copy serves on while the server fails, until it is 30 days old.
func TestOldCopyServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		g := gate.New(s, gate.Options{})
		wantTurn(t, g, "spent")
		s.set(http.StatusBadGateway, 0)
		for day := 1; day < 30; day++ {
			after(t, 24*time.Hour)
			if day == 1 {
				wantTurn(t, g, "200") // a copy serves once, though it is due
			}
			wantTurn(t, g, "spent")
			wantTurn(t, g, "200")
			p, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, "http://site.example/private")})
			if got := outcome(p, err); got != "robots 2 Disallow: /private" {
				t.Errorf("day %d: got %s", day, got)
			}
		}
		after(t, 24*time.Hour)
		wantTurn(t, g, "robots_unavailable")
	})
}

// Turns may lie further apart than a copy serves: pages still get theirs.
func TestSlowHostGetsOn(t *testing.T) {
	for name, o := range map[string]gate.Options{"good": {TTL: time.Minute}, "failing": {Mode: gate.Report}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t)
				if name == "failing" {
					s.status = http.StatusBadGateway
				}
				g := gate.New(s, o)
				for range 5 {
					wantTurn(t, g, "spent")
					after(t, time.Hour)
					if got, err := fetchPage(t, g); err != nil {
						t.Errorf("got %s (%v), want a page", got, err)
					}
					after(t, time.Hour)
				}
			})
		})
	}
}

// Politeness counts from Started, of robots.txt as of any page, once a turn.
func TestStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate.New(newSite(t), gate.Options{})
		for turn, want := range []string{"spent", "200"} {
			started := 0
			p, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, page), Started: func(time.Time) { started++ }})
			if got := outcome(p, err); got != want || started != 1 {
				t.Errorf("turn %d: %s, started %d times", turn, got, started)
			}
		}
	})
}

// A redirect is no failure, even if one came before it.
func TestRedirectAfterFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.status, s.header = http.StatusBadGateway, http.Header{"Location": {"/elsewhere"}}
		g := gate.New(s, gate.Options{})
		wantPause(t, g, 5*time.Second)
		after(t, 5*time.Second)
		s.set(http.StatusFound, 0)
		wantTurn(t, g, "spent")
		wantTurn(t, g, "spent")
		wantTurn(t, g, "200")
	})
}
