package gate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// client is what asks the servers of a crawl, too.
func client(t *testing.T) *fetch.Client {
	t.Helper()
	c, err := fetch.New(fetch.Options{Proxy: "none"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func url(t *testing.T, text string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// turns asks for a page turn after turn until one is not spent on robots.txt,
// and tells in words what became of each.
func turns(t *testing.T, g *gate.Gate, page string) []string {
	t.Helper()
	for got := []string{}; ; {
		p, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, page), MaxBody: 1 << 20})
		got = append(got, outcome(p, err))
		if !errors.Is(err, gate.ErrTurnSpent) || len(got) == 20 {
			return got
		}
	}
}

func outcome(p *fetch.Page, err error) string {
	if errors.Is(err, gate.ErrTurnSpent) {
		return "spent"
	}
	if e, ok := errors.AsType[*fetch.Error](err); ok {
		if e.Kind == fetch.KindRobots {
			return fmt.Sprintf("robots %d %s", e.Line, e.Rule)
		}
		return string(e.Kind)
	}
	if err != nil {
		return err.Error()
	}
	if p.Robots != nil && !p.Robots.Allowed {
		return fmt.Sprintf("%d although %v", p.Status, p.Robots)
	}
	return fmt.Sprint(p.Status)
}

// TestStatus is RFC 9309 §2.3.1 as a table: what the site is, what becomes of
// each turn for one page, what the server saw.
func TestStatus(t *testing.T) {
	long := strings.Repeat("# "+strings.Repeat("-", 1021)+"\n", 501) // more than 500 KiB
	for _, c := range []struct {
		name, web, page, turns, log string
	}{
		{"rules", "-- /robots.txt --\nUser-agent: trawl\nDisallow: /a\n-- /b --\n", "/b",
			"spent 200", "127.0.0.1/robots.txt 127.0.0.1/b"},
		{"a rule against it", "-- /robots.txt --\nUser-agent: *\nDisallow: /a*c\n", "/abc",
			"spent robots 2 Disallow: /a*c", "127.0.0.1/robots.txt"},
		{"rules for others", "-- /robots.txt --\nUser-agent: other\nDisallow: /\n-- / --\n", "/",
			"spent 200", "127.0.0.1/robots.txt 127.0.0.1/"},
		{"the query counts", "-- /robots.txt --\nUser-agent: *\nDisallow: /*?b\n", "/a?b",
			"spent robots 2 Disallow: /*?b", "127.0.0.1/robots.txt"},
		{"robots.txt itself", "-- /robots.txt --\nUser-agent: *\nDisallow: /\n", "/robots.txt",
			"200", "127.0.0.1/robots.txt"},
		{"beyond 500 KiB", "-- /robots.txt --\nUser-agent: *\n" + long + "Disallow: /\n-- / --\n", "/",
			"spent 200", "127.0.0.1/robots.txt 127.0.0.1/"},
		{"404", "-- / --\n", "/", "spent 200", "127.0.0.1/robots.txt 127.0.0.1/"},
		{"403", "-- /robots.txt --\nHTTP 403\n\nUser-agent: *\nDisallow: /\n-- / --\n", "/",
			"spent 200", "127.0.0.1/robots.txt 127.0.0.1/"},
		{"429", "-- /robots.txt --\nHTTP 429\n", "/", "robots_unavailable", "127.0.0.1/robots.txt"},
		{"500", "-- /robots.txt --\nHTTP 500\n", "/", "robots_unavailable", "127.0.0.1/robots.txt"},
		{"no class", "-- /robots.txt --\nHTTP 999\n", "/", "robots_unavailable", "127.0.0.1/robots.txt"},
		{"cut", "-- /robots.txt --\nHTTP\nAbort: 5\n\nUser-agent: *\n", "/", "robots_unavailable", "127.0.0.1/robots.txt"},
		{"redirect to another host", "-- 127.0.0.1/robots.txt --\nHTTP 301\nLocation: //127.0.0.2:{{PORT}}/r\n" +
			"-- 127.0.0.2/r --\nUser-agent: *\nDisallow: /\n", "/",
			"spent spent robots 2 Disallow: /", "127.0.0.1/robots.txt 127.0.0.2/r"},
		{"five hops", hops(5) + "-- /hop5 --\nUser-agent: *\nDisallow: /\n", "/",
			"spent spent spent spent spent spent robots 2 Disallow: /",
			"127.0.0.1/robots.txt 127.0.0.1/hop1 127.0.0.1/hop2 127.0.0.1/hop3 127.0.0.1/hop4 127.0.0.1/hop5"},
		{"six hops", hops(6) + "-- /hop6 --\nUser-agent: *\nDisallow: /\n-- / --\n", "/",
			"spent spent spent spent spent spent 200",
			"127.0.0.1/robots.txt 127.0.0.1/hop1 127.0.0.1/hop2 127.0.0.1/hop3 127.0.0.1/hop4 127.0.0.1/hop5 127.0.0.1/"},
		{"redirect to nowhere", "-- /robots.txt --\nHTTP 302\n-- / --\n", "/",
			"spent 200", "127.0.0.1/robots.txt 127.0.0.1/"},
		{"redirect to mail", "-- /robots.txt --\nHTTP 302\nLocation: mailto:a@b.c\n-- / --\n", "/",
			"spent 200", "127.0.0.1/robots.txt 127.0.0.1/"},
		{"redirect to bytes that are no UTF-8", "-- /robots.txt --\nHTTP 302\nLocation: /caf\xe9\n-- /caf%E9 --\nUser-agent: *\nDisallow: /\n", "/",
			"spent spent robots 2 Disallow: /", "127.0.0.1/robots.txt 127.0.0.1/caf%E9"},
		{"redirect to a failure", "-- /robots.txt --\nHTTP 302\nLocation: /r\n-- /r --\nHTTP 503\n", "/",
			"spent robots_unavailable", "127.0.0.1/robots.txt 127.0.0.1/r"},
		{"redirect to a host that is down", "-- /robots.txt --\nHTTP 302\nLocation: //127.0.0.9:{{PORT}}/\n", "/",
			"spent robots_unavailable", "127.0.0.1/robots.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := serve(t, c.web)
			g := gate.New(client(t), gate.Options{Agent: "trawl"})
			got := strings.Join(turns(t, g, server.URL("127.0.0.1", c.page)), " ")
			if diff := cmp.Diff(c.turns, got); diff != "" {
				t.Errorf("turns (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.log, log(server)); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// hops redirects from /robots.txt n times, to /hop1 and on.
func hops(n int) string {
	var web strings.Builder
	for from, i := "/robots.txt", 1; i <= n; i++ {
		to := fmt.Sprint("/hop", i)
		fmt.Fprintf(&web, "-- %s --\nHTTP 302\nLocation: %s\n", from, to)
		from = to
	}
	return web.String()
}

// Where robots.txt leads to another host, that one is asked at a turn of its own
// only: a call that was handed out before the redirect was known has none.
func TestAHopWaitsForTheTurnOfItsHost(t *testing.T) {
	server := serve(t, `
-- 127.0.0.1/robots.txt --
HTTP 302
Location: http://127.0.0.2:{{PORT}}/r
-- 127.0.0.2/r --
HTTP 302
Location: http://127.0.0.2:{{PORT}}/end
-- / --
`)
	there := url(t, server.URL("127.0.0.2", "/"))
	var told []string
	g := gate.New(client(t), gate.Options{Redirected: func(_, to weburl.URL) { told = append(told, to.Path()) }})
	for i, turn := range []struct{ beside, want, asked string }{
		{"", "spent", "127.0.0.1/robots.txt"},
		{"", "spent", ""}, // not asked: told once more
		{"127.0.0.3", "spent", ""},
		{there.Host(), "spent", "127.0.0.2/r"},
		{"", "spent", ""},
		{there.Host(), "spent", "127.0.0.2/end"},
		{"", "200", "127.0.0.1/"},
	} {
		before := log(server)
		p, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, server.URL("127.0.0.1", "/")), Beside: turn.beside, MaxBody: 1 << 20})
		asked := strings.TrimSpace(strings.TrimPrefix(log(server), before))
		if got := outcome(p, err); got != turn.want || asked != turn.asked {
			t.Errorf("turn %d beside %q: %s, asked for %q; want %s and %q", i, turn.beside, got, asked, turn.want, turn.asked)
		}
	}
	if got := strings.Join(told, " "); got != "/r /r /r /end /end" {
		t.Errorf("told of redirects to %s; want /r /r /r /end /end", got)
	}
}

func serve(t *testing.T, web string) *fetchtest.Server {
	t.Helper()
	parsed, err := fetchtest.Parse([]byte(web))
	if err != nil {
		t.Fatal(err)
	}
	return fetchtest.Start(t, parsed, "127.0.0.2")
}

func log(server *fetchtest.Server) string {
	var words []string
	for _, hit := range server.Log() {
		words = append(words, hit.Host+hit.URI)
	}
	return strings.Join(words, " ")
}

func TestHostDown(t *testing.T) {
	server := serve(t, "")
	down := server.URL("127.0.0.1", "/")
	server.Close()
	g := gate.New(client(t), gate.Options{})
	_, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, down)})
	if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != fetch.KindConnect || e.URL.String() != down || e.RetryAfter != 0 {
		t.Errorf("got %v, want the kind connect for %s and no pause", err, down)
	}
}

// A request for robots.txt that waits for the memory of other bodies is not late:
// no server was asked yet.
func TestTimeToWaitForMemoryIsNotTheServers(t *testing.T) {
	server := serve(t, "-- /robots.txt --\nUser-agent: *\n-- / --\na page")
	c, err := fetch.New(fetch.Options{Proxy: "none", MaxHeld: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	held, err := c.Fetch(t.Context(), fetch.Request{URL: url(t, server.URL("127.0.0.1", "/"))})
	if err != nil {
		t.Fatal(err)
	}
	const late = 100 * time.Millisecond
	defer time.AfterFunc(5*late, held.Release).Stop()
	g := gate.New(c, gate.Options{Timeout: late})
	if _, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, server.URL("127.0.0.2", "/"))}); !errors.Is(err, gate.ErrTurnSpent) {
		t.Errorf("got %v, want the turn spent", err)
	}
}

func TestReport(t *testing.T) {
	server := serve(t, `
-- 127.0.0.1/robots.txt --
User-agent: *
Disallow: /
-- 127.0.0.2/robots.txt --
HTTP 503
-- / --
`)
	g := gate.New(client(t), gate.Options{Mode: gate.Report})
	for host, want := range map[string][]string{
		"127.0.0.1": {"spent", "200 although &{false Disallow: / 2 *}"},
		"127.0.0.2": {"spent", "200 although &{false " + server.URL("127.0.0.2", "/robots.txt") + " answers 503 Service Unavailable 0 }"},
	} {
		if diff := cmp.Diff(want, turns(t, g, server.URL(host, "/"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", host, diff)
		}
	}
}

// learned is what a test compares of a Copy.
type learned struct {
	URL      string
	Status   int
	Delay    time.Duration
	HasDelay bool
	Sitemaps []string
	Err      bool
}

func TestLearned(t *testing.T) {
	server := serve(t, `
-- 127.0.0.1/robots.txt --
HTTP 301
Location: /elsewhere/robots.txt
-- 127.0.0.1/elsewhere/robots.txt --
Sitemap: http://127.0.0.2/a.xml
Sitemap: b.xml
Sitemap: ftp://127.0.0.1/c.xml
User-agent: trawl
Crawl-delay: 2.5
-- 127.0.0.2/robots.txt --
HTTP 503
-- / --
`)
	var got []learned
	g := gate.New(client(t), gate.Options{Agent: "trawl", Learned: func(c gate.Copy) {
		l := learned{URL: c.URL.String(), Status: c.Status, Delay: c.Delay, HasDelay: c.HasDelay, Err: c.Err != nil}
		for _, sitemap := range c.Sitemaps {
			l.Sitemaps = append(l.Sitemaps, sitemap.String())
		}
		if (c.File == nil) != l.Err {
			t.Errorf("File %v with Err %v", c.File, c.Err)
		}
		got = append(got, l)
	}})
	for range 2 {
		turns(t, g, server.URL("127.0.0.1", "/"))
		turns(t, g, server.URL("127.0.0.2", "/"))
	}
	want := []learned{
		{URL: server.URL("127.0.0.1", "/robots.txt"), Status: 200, Delay: 2500 * time.Millisecond, HasDelay: true,
			Sitemaps: []string{"http://127.0.0.2/a.xml", server.URL("127.0.0.1", "/elsewhere/b.xml")}},
		{URL: server.URL("127.0.0.2", "/robots.txt"), Status: 503, Err: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("learned (-want +got):\n%s", diff)
	}
}
