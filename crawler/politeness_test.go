package crawler_test

import (
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

// Politeness is judged from the server's side, over real connections: at ten
// requests a second to each of 50 hosts no two requests to one host, robots.txt
// included, start closer together than 95 ms, and robots.txt is asked for once.
//
// The server's clock is read by a goroutine that a busy machine may keep
// waiting, which makes a gap look shorter than it was. So the crawl has five
// tries: a crawler that is impolite fails them all.
func TestFiftyHostsAreAskedAtTheirRate(t *testing.T) {
	var faults []string
	for range 5 {
		if faults = impolite(t); len(faults) == 0 {
			return
		}
	}
	t.Errorf("in each of five crawls; in the last:\n%v", faults)
}

func impolite(t *testing.T) (faults []string) {
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
	o := options(nil, &sink{}, seeds...)
	o.Fetcher, o.Concurrency = client, 64
	o.Politeness.Rate = rate.Every(100 * time.Millisecond)
	sum, err := crawler.Run(t.Context(), o)
	if err != nil || sum.Fetched != 50*8 {
		t.Fatalf("fetched %d, %v; want 8 pages of each of 50 hosts", sum.Fetched, err)
	}
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
			if gap < 95*time.Millisecond {
				faults = append(faults, fmt.Sprintf("%s: gap %d is %v\n", host, i, gap))
			}
		}
	}
	return faults
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
