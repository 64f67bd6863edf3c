package crawler_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/scope"
)

// A randomWeb is a web in which much goes wrong, and what of it can be reached.
type randomWeb struct {
	text  strings.Builder
	leads map[string][]string // where the pages that can be had lead
	down  map[string]bool
}

const (
	randomHosts = 6 // the last one is down
	randomPages = 40
)

func newRandomWeb(rnd *rand.Rand) *randomWeb {
	last := fmt.Sprintf("h%d.test", randomHosts-1)
	w := &randomWeb{leads: make(map[string][]string), down: map[string]bool{last: true}}
	for h := range randomHosts {
		host := fmt.Sprintf("h%d.test", h)
		if h == 1 {
			fmt.Fprintf(&w.text, "-- %s/robots.txt --\nHTTP\nStatus-Sequence: 503,200\n\nUser-agent: *\nDisallow: /3\nCrawl-delay: 0.2\n", host)
		}
		for p := range randomPages {
			w.page(rnd, host, p)
		}
	}
	return w
}

// page adds one: a redirect, or links to pages anywhere, perhaps late, perhaps
// only when asked again.
func (w *randomWeb) page(rnd *rand.Rand, host string, p int) {
	at := fmt.Sprintf("http://%s/%d", host, p)
	fmt.Fprintf(&w.text, "-- %s/%d --\nHTTP", host, p)
	var leads []string
	for range 1 + rnd.IntN(5) {
		leads = append(leads, fmt.Sprintf("http://h%d.test/%d", rnd.IntN(randomHosts), rnd.IntN(randomPages)))
	}
	switch rnd.IntN(8) {
	case 0:
		leads = leads[:1]
		fmt.Fprintf(&w.text, " 302\nLocation: %s", leads[0])
	case 1:
		w.text.WriteString("\nStatus-Sequence: 500,200")
	case 2:
		w.text.WriteString("\nStatus-Sequence: 429,200\nRetry-After: 3")
	case 3:
		fmt.Fprintf(&w.text, "\nDelay: %dms", rnd.IntN(4000))
	}
	w.text.WriteString("\n\n")
	for _, to := range leads {
		fmt.Fprintf(&w.text, "<a href=%s>x</a>\n", to)
	}
	if !w.down[host] && (host != "h1.test" || !strings.HasPrefix(fmt.Sprint(p), "3")) {
		w.leads[at] = leads
	}
}

func (w *randomWeb) reached(from string) map[string]bool {
	reached := map[string]bool{from: true}
	for next := []string{from}; len(next) > 0; next = next[1:] {
		for _, to := range w.leads[next[0]] {
			if !reached[to] {
				reached[to] = true
				next = append(next, to)
			}
		}
	}
	return reached
}

// Whatever a web is like, each URL that can be reached has one record, and
// nothing else has.
func TestEveryReachableURLHasOneRecord(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			random := newRandomWeb(rnd)
			w, s := parseWeb(t, random.text.String()), &sink{}
			w.down = random.down
			o := options(w, s, "http://h0.test/0")
			o.Scope = scope.New(scope.Any, nil, nil)
			o.Concurrency = 1 + rnd.IntN(8)
			o.Politeness.HostConcurrency = 1 + rnd.IntN(4)
			o.Politeness.Rate = rate.Limit(rnd.IntN(3) * 10)
			o.Timing.SyncEvery = time.Duration(1+rnd.IntN(2000)) * time.Millisecond
			sum, err := crawler.Run(t.Context(), o)
			if err != nil || sum.Finish != "complete" || sum.Known > 50 && sum.Statuses["302"] == 0 {
				t.Fatalf("seed %d: %s, %v, %v", seed, sum.Finish, sum.Statuses, err)
			}
			missing := random.reached("http://h0.test/0")
			for _, line := range s.lines {
				url := strings.Fields(line)[1]
				if !missing[url] {
					t.Errorf("seed %d: not reachable, or recorded before: %s", seed, line)
				}
				delete(missing, url)
			}
			if len(missing) > 0 {
				t.Errorf("seed %d: never recorded: %v", seed, missing)
			}
		})
	}
}

// Under a limit of depth each page of a host is as deep as the shortest way to
// it, whatever the pages take to come, and none within the limit is missing.
func TestDepthIsTheLeast(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 2))
			var text strings.Builder
			leads := make([][]int, 80)
			for p := range leads {
				fmt.Fprintf(&text, "-- /%d --\nHTTP\nDelay: %dms\n\n", p, rnd.IntN(5000))
				for range 1 + rnd.IntN(3) {
					to := rnd.IntN(len(leads))
					leads[p] = append(leads[p], to)
					fmt.Fprintf(&text, "<a href=/%d>x</a>\n", to)
				}
			}
			depth := map[int]int{0: 0}
			for next := []int{0}; len(next) > 0; next = next[1:] {
				for _, to := range leads[next[0]] {
					if _, known := depth[to]; !known {
						depth[to] = depth[next[0]] + 1
						next = append(next, to)
					}
				}
			}
			w, s := parseWeb(t, text.String()), &sink{}
			o := options(w, s, "http://h.test/0")
			o.Follow.Depth = 2 + rnd.IntN(5)
			o.Concurrency, o.Politeness.HostConcurrency = 16, 2+rnd.IntN(15)
			o.Politeness.Rate = 0
			if _, err := crawler.Run(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			for _, line := range s.lines {
				var p, got int
				outcome, rest, _ := strings.Cut(line, " http://h.test/")
				if _, err := fmt.Sscanf(strings.Replace(rest, " 200", "", 1), "%d depth=%d", &p, &got); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
				if want := depth[p]; got != want || (outcome == "fetched") != (want <= o.Follow.Depth) {
					t.Errorf("seed %d, limit %d: %s, want depth %d", seed, o.Follow.Depth, line, want)
				}
				delete(depth, p)
			}
			for p, at := range depth {
				if at <= o.Follow.Depth {
					t.Errorf("seed %d, limit %d: never recorded: /%d at depth %d", seed, o.Follow.Depth, p, at)
				}
			}
		})
	}
}
