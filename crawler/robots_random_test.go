package crawler_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// schemed is a web that has files of its own for https, below /https, where its
// robots.txt leads somewhere else.
type schemed struct{ *asked }

func (s schemed) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	if path := req.URL.Path(); req.URL.Scheme() == "https" && (path == "/robots.txt" || path == "/r") {
		req.URL = weburl.FromCanonical(req.URL.Origin() + "/https" + path)
	}
	return s.asked.Fetch(ctx, req)
}

// Wherever the robots.txt of hosts redirect, to each other and in circles, of
// http and https each elsewhere, no host is asked before its turn, and each page
// is fetched; also where a page takes so long that both copies are to be had anew.
func TestRobotsThatRedirectAnywhereAreAskedForAtTurns(t *testing.T) {
	const pages = 20
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			hosts := 2 + rnd.IntN(7)
			anyOf := func(texts ...string) string { return texts[rnd.IntN(len(texts))] }
			anyHost := func() string { return fmt.Sprintf("%s://h%d.test", anyOf("http", "https"), rnd.IntN(hosts)) }
			slow := anyOf("", "\nDelay: 9h")
			var text strings.Builder
			var seeds []string
			for h := range hosts {
				for _, path := range []string{"robots.txt", "r", "https/robots.txt", "https/r"} {
					fmt.Fprintf(&text, "-- h%d.test/%s --\nHTTP %s\n\nUser-agent: *\n%s\n", h, path,
						anyOf("302\nLocation: "+anyHost()+anyOf("/robots.txt", "/r"), "301\nLocation: "+anyHost()+"/r\nDelay: 900ms", "\nDelay: 300ms", ""),
						anyOf("Allow: /", "Crawl-delay: 0.5"))
				}
				for p := range pages {
					fmt.Fprintf(&text, "-- h%d.test/%d --\nHTTP%s\n\n<a href=/%d>x</a>\n<a href=%s/%d>x</a>\n", h, p,
						anyOf("", "\nStatus-Sequence: 500,200", "\nStatus-Sequence: 429,200\nRetry-After: 3", "\nDelay: 2s", slow, slow, slow),
						(p+1)%pages, anyHost(), rnd.IntN(pages))
				}
				for _, scheme := range []string{"http", "https"} {
					seeds = append(seeds, fmt.Sprintf("%s://h%d.test/0", scheme, h))
				}
			}
			w := schemed{&asked{web: parseWeb(t, text.String()), at: make(map[string][]time.Time), now: make(map[string]int)}}
			o := options(w.web, &sink{}, seeds...)
			o.Fetcher, o.Concurrency, o.Scope = w, 1+rnd.IntN(20), scope.New(scope.Any, nil, nil)
			o.Timing.SyncEvery = time.Hour // of the days that it takes
			gap := time.Duration(rnd.IntN(3)) * 100 * time.Millisecond
			if o.Politeness.Rate = 0; gap > 0 {
				o.Politeness.Rate = rate.Every(gap)
			}
			sum, err := crawler.Run(t.Context(), o)
			if err != nil || sum.Finish != "complete" || sum.Statuses["200"] != int64(2*hosts*pages) {
				t.Errorf("seed %d: %s, %v, %v; want 200 of %d pages", seed, sum.Finish, sum.Statuses, err, 2*hosts*pages)
			}
			w.judge(t, gap)
		})
	}
}
