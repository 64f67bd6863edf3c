package crawler_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

// Politeness is judged over real connections: at ten requests a second to each
// of 50 hosts no two requests to one host, robots.txt included, are closer
// together than 95 ms, and robots.txt is asked for once.
//
// It is judged on both ends. Where requests are written there is no excuse. The
// server's clock is read by goroutines that a busy machine keeps waiting, which
// makes one gap look shorter and the next one longer: so a crawl has a few
// tries there. A machine too busy for any of them is only told of, unless so
// many gaps are short that it cannot be the machine.
func TestFiftyHostsAreAskedAtTheirRate(t *testing.T) {
	var early []string
	for range 3 {
		if early = impolite(t); len(early) == 0 || t.Failed() {
			return
		}
	}
	what := fmt.Sprintf("the server's clock saw %d of 400 gaps below 95 ms, the first %s", len(early), early[0])
	if len(early) > 400/4 {
		t.Fatal(what)
	}
	t.Log("the machine is too busy to judge: " + what)
}

const leastGap = 95 * time.Millisecond

// impolite crawls once. What is wrong where requests are written fails the
// test; what looks wrong where they arrive is returned.
func impolite(t *testing.T) (early []string) {
	hosts := fetchtest.Hosts(50)
	server := fetchtest.Start(t, fetchtest.Generate(fetchtest.Site{Pages: 8, Links: 4, Size: 300, Seed: 1}), hosts...)
	client, err := fetch.New(fetch.Options{UserAgent: "trawl"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var seeds []string
	for _, host := range hosts {
		seeds = append(seeds, server.URL(host, "/p/0"))
	}
	clock := &clocked{Fetcher: client, written: make(map[string][]time.Time)}
	o := options(nil, &sink{}, seeds...)
	o.Fetcher, o.Concurrency = clock, 64
	o.Politeness.Rate = rate.Every(100 * time.Millisecond)
	sum, err := crawler.Run(t.Context(), o)
	if err != nil || sum.Fetched != 50*8 {
		t.Fatalf("fetched %d, %v; want 8 pages of each of 50 hosts", sum.Fetched, err)
	}
	clock.judge(t, 9)
	robots := make(map[string]int)
	for _, hit := range server.Log() {
		if hit.URI == "/robots.txt" {
			robots[hit.Host]++
		}
	}
	for _, host := range hosts {
		if robots[host] != 1 {
			t.Errorf("%s was asked for robots.txt %d times", host, robots[host])
		}
		for i, gap := range server.Gaps(host) {
			if gap < leastGap {
				early = append(early, fmt.Sprintf("%s, gap %d: %v", host, i, gap))
			}
		}
	}
	return early
}

// A robots.txt that another host has is asked for at a turn of that host: it may
// have many that redirect there, and pages of its own to be asked for.
func TestRobotsOfManyHostsOnOneAreAskedForAtItsRate(t *testing.T) {
	for _, gap := range []time.Duration{100 * time.Millisecond, 0} {
		for _, concurrency := range []int{1, 3, 64} {
			synctest.Test(t, func(t *testing.T) {
				text := "-- www.test/robots.txt --\nUser-agent: *\nDisallow: /private\n" +
					"-- mid.test/r --\nHTTP 302\nLocation: http://www.test/robots.txt\n\n-- www.test/ --\n"
				seeds, pages := []string{"http://www.test/"}, ""
				for i := range 20 {
					text += fmt.Sprintf("<a href=/%d>a page</a>\n", i)
					to := []string{"http://www.test/robots.txt", "http://mid.test/r"}[i%2]
					pages += fmt.Sprintf("-- www.test/%d --\na page\n-- h%d.test/robots.txt --\nHTTP 301\nLocation: %s\n\n-- h%d.test/ --\na page\n", i, i, to, i)
					seeds = append(seeds, fmt.Sprintf("http://h%d.test/", i))
				}
				w := &asked{web: parseWeb(t, text+pages), at: make(map[string][]time.Time), now: make(map[string]int)}
				o := options(w.web, &sink{}, seeds...)
				o.Fetcher, o.Concurrency = w, concurrency
				if gap > 0 {
					o.Politeness.Rate = rate.Every(gap)
				}
				sum, err := crawler.Run(t.Context(), o)
				if err != nil || sum.Fetched != 41 {
					t.Fatalf("%d fetched, %v; want 41", sum.Fetched, err)
				}
				if n := len(w.at["www.test"]); n != 1+21+20 {
					t.Errorf("www.test was asked %d times, want 42: for its robots.txt and 21 pages, and 20 times for others", n)
				}
				w.judge(t, gap)
			})
		}
	}
}

// A host that refuses to give its robots.txt to others is left alone by all of
// them for as long as it asks.
func TestAHostThatRefusesTheRobotsOfOthersIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text, seeds := "-- www.test/robots.txt --\nHTTP 503\nRetry-After: 60\n\n", []string(nil)
		for i := range 4 {
			text += fmt.Sprintf("-- h%d.test/robots.txt --\nHTTP 301\nLocation: http://www.test/robots.txt\n\n", i)
			seeds = append(seeds, fmt.Sprintf("http://h%d.test/", i))
		}
		w := &asked{web: parseWeb(t, text), at: make(map[string][]time.Time), now: make(map[string]int)}
		o := options(w.web, &sink{}, seeds...)
		o.Fetcher = w
		sum, err := crawler.Run(t.Context(), o)
		if n := len(w.at["www.test"]); err != nil || sum.Failed != 4 || n != 4*3 {
			t.Fatalf("%d failed, www.test was asked %d times, %v; want 4 that fail after three tries each", sum.Failed, n, err)
		}
		w.judge(t, time.Minute)
	})
}

// dated is a store that remembers when it was told how long a host is left alone.
type dated struct {
	frontier.Store
	began time.Time
	kept  []string
}

func (d *dated) Commit(ctx context.Context, b *frontier.Batch) error {
	for _, h := range b.Hosts {
		kept := fmt.Sprintf("%v at %v", h.PausedUntil.Sub(d.began), time.Since(d.began))
		if n := len(d.kept); n == 0 || !strings.HasPrefix(d.kept[n-1], h.PausedUntil.Sub(d.began).String()) {
			d.kept = append(d.kept, kept)
		}
	}
	return d.Store.Commit(ctx, b)
}

// That a host was asked is durable while its answer is waited for, that of
// robots.txt too: whoever goes on after a kill keeps the gap.
func TestWhenAHostWasAskedIsKeptBeforeItAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := parseWeb(t, "-- h.test/ --\na page\n")
		w.latency = 20 * time.Second
		o := options(w, &sink{}, "http://h.test/")
		o.Politeness.Rate = rate.Every(30 * time.Second)
		o.Timing.SyncEvery = 700 * time.Millisecond
		store := &dated{Store: o.Store, began: time.Now()}
		o.Store = store
		if _, err := crawler.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Join(store.kept, ", "), "30s at 700ms, 1m0s at 30.1s"; got != want {
			t.Errorf("kept until %s; want %s", got, want)
		}
	})
}

// asked is a fake web that remembers when its hosts were asked, and by how many
// at a time.
type asked struct {
	*web
	mu   sync.Mutex
	at   map[string][]time.Time
	now  map[string]int
	most int
}

func (w *asked) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	host := req.URL.Host()
	w.mu.Lock()
	w.at[host] = append(w.at[host], time.Now())
	w.now[host]++
	w.most = max(w.most, w.now[host])
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.now[host]--
	}()
	return w.web.Fetch(ctx, req)
}

func (w *asked) judge(t *testing.T, gap time.Duration) {
	for host, at := range w.at {
		for i := range at[1:] {
			if d := at[i+1].Sub(at[i]); d < gap {
				t.Errorf("%s: request %d came %v after the one before, want %v", host, i+1, d, gap)
			}
		}
	}
	if w.most > 2 {
		t.Errorf("a host had %d requests at a time, want 2 at most", w.most)
	}
}

// clocked is a Fetcher that remembers when requests were written.
type clocked struct {
	fetch.Fetcher
	mu      sync.Mutex
	written map[string][]time.Time // by host
}

func (c *clocked) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	started := req.Started
	req.Started = func(at time.Time) {
		c.mu.Lock()
		c.written[req.URL.Host()] = append(c.written[req.URL.Host()], at)
		c.mu.Unlock()
		started(at)
	}
	return c.Fetcher.Fetch(ctx, req)
}

func (c *clocked) judge(t *testing.T, requests int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for host, at := range c.written {
		if len(at) > requests {
			t.Errorf("%s: %d requests were written, want %d", host, len(at), requests)
		}
		for i := range at[1:] {
			if gap := at[i+1].Sub(at[i]); gap < leastGap {
				t.Errorf("%s: request %d was written %v after the one before", host, i+1, gap)
			}
		}
	}
}

// A cookie that a server binds to its own site stays at home when a page of
// another one leads there, by way of a redirect of its own as well.
func TestStrictCookiesStayOutOfRedirectsFromOtherSites(t *testing.T) {
	server := fetchtest.Start(t, parseWeb(t, `
-- 127.0.0.1/ --
HTTP 200
Set-Cookie: strict=1; SameSite=Strict
Set-Cookie: plain=1

<a href="/own">own</a> <a href="http://127.0.0.2:{{PORT}}/">other</a>
-- 127.0.0.1/own --
HTTP 302
Location: /own/end

-- 127.0.0.1/own/end --
own
-- 127.0.0.2/ --
<a href="http://127.0.0.1:{{PORT}}/go">go</a>
-- 127.0.0.1/go --
HTTP 302
Location: /go/end

-- 127.0.0.1/go/end --
end
`).Web, "127.0.0.2")
	client, err := fetch.New(fetch.Options{UserAgent: "trawl"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	o := options(nil, &sink{}, server.URL("127.0.0.1", "/"), server.URL("127.0.0.2", "/never"))
	o.Fetcher = client
	if _, err := crawler.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"/own": "plain=1; strict=1", "/own/end": "plain=1; strict=1", "/go": "plain=1", "/go/end": "plain=1"}
	for _, hit := range server.Log() {
		if cookies := strings.Split(hit.Header.Get("Cookie"), "; "); want[hit.URI] != "" {
			slices.Sort(cookies)
			if got := strings.Join(cookies, "; "); got != want[hit.URI] {
				t.Errorf("%s had the cookies %q, want %q", hit.URI, got, want[hit.URI])
			}
			delete(want, hit.URI)
		}
	}
	if len(want) > 0 {
		t.Errorf("not asked for: %v", want)
	}
}

// What -H, -b and --user give a host is not given to another, and one shared
// DNS answer serves all; here only that headers stay with their host.
func TestCredentialsStayWithTheSeedsHosts(t *testing.T) {
	server := fetchtest.Start(t, parseWeb(t, `
-- 127.0.0.1/ --
HTTP 302
Location: http://127.0.0.2:{{PORT}}/

-- 127.0.0.2/ --
<a href="http://127.0.0.1:{{PORT}}/back">back</a>
-- 127.0.0.1/back --
back
`).Web, "127.0.0.2")
	host := net.JoinHostPort("127.0.0.1", fmt.Sprint(server.Port()))
	client, err := fetch.New(fetch.Options{UserAgent: "trawl", Credentials: []fetch.Credential{{
		Host: host, Header: http.Header{"X-Token": {"secret"}}, Cookies: "a=1", Username: "u", Password: "p",
	}}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	o := options(nil, &sink{}, server.URL("127.0.0.1", "/"), server.URL("127.0.0.2", "/"))
	o.Fetcher = client
	if _, err := crawler.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, hit := range server.Log() {
		has := 0
		for _, name := range []string{"X-Token", "Cookie", "Authorization"} {
			if hit.Header.Get(name) != "" {
				has++
			}
		}
		told[hit.Host] = max(told[hit.Host], has)
		if hit.Host == "127.0.0.1" && has != 3 {
			t.Errorf("%s had %d of its 3 credentials", hit, has)
		}
	}
	if told["127.0.0.2"] != 0 {
		t.Errorf("127.0.0.2 was told %d credentials of 127.0.0.1", told["127.0.0.2"])
	}
}
