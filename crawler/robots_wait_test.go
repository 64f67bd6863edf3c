package crawler_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

// maintained is a site whose robots.txt says at first that all of it is back in
// so long.
type maintained struct {
	*web
	wait string // seconds
	left int    // times that it says so
}

func (m *maintained) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	page, err := m.web.Fetch(ctx, req)
	if req.URL.Path() == "/robots.txt" && m.left > 0 {
		m.left--
		page.Status, page.Header = http.StatusServiceUnavailable, http.Header{"Retry-After": {m.wait}}
	}
	return page, err
}

// relenting is a site whose robots.txt asks for a Crawl-delay for a day.
type relenting struct {
	*web
	until time.Time
}

func (r *relenting) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	page, err := r.web.Fetch(ctx, req)
	if req.URL.Path() == "/robots.txt" && time.Now().Before(r.until) {
		page.Status, page.Body = http.StatusOK, []byte("User-agent: *\nCrawl-delay: 30\n")
	}
	return page, err
}

// A Crawl-delay is that of the copy of robots.txt that holds: one that is gone
// from it does not slow a long crawl down to its end.
func TestACrawlDelayEndsWithItsCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w := &web{Web: fetchtest.Generate(fetchtest.Site{Pages: 4000, Links: 9, Size: 300, Seed: 1})}
		o := options(w, &sink{}, "http://a.test/p/0")
		o.Politeness.Rate = 1
		o.Fetcher = &relenting{w, began.Add(time.Hour)}
		sum, err := crawler.Run(t.Context(), o)
		if took := time.Since(began); err != nil || sum.Fetched != 4000 || took > 25*time.Hour {
			t.Errorf("%d fetched after %v, %v; want a day at one in 30 s, and the rest at one a second", sum.Fetched, took, err)
		}
	})
}

// A robots.txt that is long in coming is asked for again when the longest pause
// that a host gets is over: a host that has kept to it is not given up unasked.
func TestRobotsAreAskedForAgainAfterTheLongestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		w := &web{Web: fetchtest.Generate(fetchtest.Site{Pages: 5, Links: 3, Size: 300, Seed: 1})}
		o := options(w, &sink{}, "http://a.test/p/0")
		o.Fetcher = &maintained{w, "7200", 1}
		sum, err := crawler.Run(t.Context(), o)
		if took := time.Since(began).Truncate(time.Hour); err != nil || sum.Fetched != 5 || sum.Failed != 0 || took != time.Hour {
			t.Errorf("%d fetched, %d failed after %v, %v; want 5 after an hour", sum.Fetched, sum.Failed, took, err)
		}
	})
}

// tired is a site whose robots.txt, asked for again, says once that all of it is
// back in half an hour.
type tired struct {
	*web
	mu      sync.Mutex
	asked   int       // … for robots.txt
	refused time.Time // when it said so
	next    time.Time // … and when the next request came
}

func (s *tired) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	s.mu.Lock()
	if !s.refused.IsZero() && s.next.IsZero() {
		s.next = time.Now()
	}
	s.mu.Unlock()
	page, err := s.web.Fetch(ctx, req)
	if err != nil || req.URL.Path() != "/robots.txt" {
		return page, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked++; s.asked == 2 {
		s.refused = time.Now()
		page.Status, page.Header = http.StatusServiceUnavailable, http.Header{"Retry-After": {"1800"}}
	}
	return page, err
}

// A robots.txt that asks for less is heeded also where requests are made all the
// same: by the copy of the day before, or in a crawl that only reports. A request
// that waited for the answer with a turn of its own is not made at that turn.
func TestAHostWhoseRobotsRefusesIsLeftAlone(t *testing.T) {
	for name, mode := range map[string]crawler.RobotsMode{"an older copy serves": crawler.RobotsObey, "report": crawler.RobotsReport} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &web{Web: fetchtest.Generate(fetchtest.Site{Pages: 400, Links: 9, Size: 300, Seed: 1}), latency: 10 * time.Minute}
				o := options(w, &sink{}, "http://a.test/p/0")
				o.Robots.Mode = mode
				s := &tired{web: w}
				o.Fetcher = s
				if sum, err := crawler.Run(t.Context(), o); err != nil || sum.Fetched != 400 {
					t.Fatalf("%d fetched, %v; want 400", sum.Fetched, err)
				}
				if after := s.next.Sub(s.refused); after < 30*time.Minute {
					t.Errorf("robots.txt was asked for %d times, and %v after it refused the next request came; want half an hour", s.asked, after)
				}
			})
		})
	}
}

// A robots.txt that was had, or is none, may ask for its host to be left alone as
// a page may.
func TestAHostIsLeftAloneForAsLongAsItsRobotsAsk(t *testing.T) {
	for name, tt := range map[string]struct {
		robots string
		want   time.Duration
	}{
		"a rate limit":      {"200\nRateLimit: \"d\";r=0;t=60\n\nUser-agent: *", time.Minute},
		"of which is left":  {"200\nRateLimit: \"d\";r=1;t=60\n\nUser-agent: *", time.Millisecond},
		"none":              {"404\nRetry-After: 60\n", time.Minute},
		"a redirect":        {"302\nRetry-After: 60\nLocation: http://www.test/r\n", time.Minute},
		"more than it gets": {"200\nRetry-After: 3600\n\nUser-agent: *", 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &asked{web: parseWeb(t, "-- h.test/robots.txt --\nHTTP "+tt.robots+"\n-- h.test/ --\na page\n-- www.test/r --\nUser-agent: *\n"),
					at: make(map[string][]time.Time), now: make(map[string]int)}
				o := options(w.web, &sink{}, "http://h.test/")
				o.Fetcher = w
				sum, err := crawler.Run(t.Context(), o)
				if err != nil || sum.Fetched != 1 {
					t.Fatalf("%d fetched, %v; want 1", sum.Fetched, err)
				}
				if got := w.at["h.test"][1].Sub(w.at["h.test"][0]).Truncate(tt.want); got != tt.want {
					t.Errorf("the page was asked for %v after robots.txt, want %v", got, tt.want)
				}
			})
		})
	}
}
