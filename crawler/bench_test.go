//go:build unix

package crawler_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"go.uber.org/goleak"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// The site and the crawl of BenchmarkCrawl.
const (
	benchPages    = 5000
	benchLinks    = 33
	benchSize     = 10 << 10
	benchFetchers = 16
	benchRounds   = 5
)

// serverEnv makes this test binary the benchmark's server: one in the same
// process would have its CPU time counted as the crawler's.
const serverEnv = "TRAWL_BENCH_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(serverEnv) == "" {
		goleak.VerifyTestMain(m)
		return
	}
	if err := serveBench(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// BenchmarkCrawl crawls a site with all that a crawl has (robots.txt, a rate
// limit that never makes it wait, links, records to a file) and, in turns,
// reads the same pages in a bare net/http loop. Its ratio is that of the two
// CPU times, user and system, of this process: wall time would measure the
// server as well, and whoever else uses the machine.
//
//	go test ./crawler -run '^$' -bench Crawl
func BenchmarkCrawl(b *testing.B) {
	origin := startBenchServer(b)
	file := filepath.Join(b.TempDir(), "records.jsonl")
	var crawls, bares, ratios []float64
	round := func() {
		bare := cpuOf(b, func() error { return bareLoop(b.Context(), origin) })
		crawl := cpuOf(b, func() error { return benchCrawl(b.Context(), origin, file, nil) })
		bares, crawls = append(bares, bare), append(crawls, crawl)
		ratios = append(ratios, crawl/bare)
	}
	for b.Loop() {
		round()
	}
	for len(ratios) < benchRounds {
		round()
	}
	b.ReportMetric(0, "ns/op") // says nothing: leave it out
	b.ReportMetric(median(crawls), "crawl-µs/page")
	b.ReportMetric(median(bares), "bare-µs/page")
	b.ReportMetric(median(ratios), "crawl/bare")
}

// BenchmarkCrawlFields crawls the site with four CSS fields and, in turns, has
// goquery make a document of each page and find the same four things. Both fetch
// the pages themselves. The bar is 1.25.
//
//	go test ./crawler -run '^$' -bench CrawlFields
func BenchmarkCrawlFields(b *testing.B) {
	origin := startBenchServer(b)
	file := filepath.Join(b.TempDir(), "records.jsonl")
	plan := &extract.Plan{Fields: fromFlags(b, recipe.Flags{CSS: []string{"title=title", "head=h1", "text=p", "next=a@href"}})}
	var crawls, documents, ratios []float64
	round := func() {
		document := cpuOf(b, func() error { return eachPage(origin, documentOf(b.Context())) })
		crawl := cpuOf(b, func() error { return benchCrawl(b.Context(), origin, file, plan) })
		documents, crawls = append(documents, document), append(crawls, crawl)
		ratios = append(ratios, crawl/document)
	}
	for b.Loop() {
		round()
	}
	for len(ratios) < 3 {
		round()
	}
	b.ReportMetric(0, "ns/op") // says nothing: leave it out
	b.ReportMetric(median(crawls), "crawl-µs/page")
	b.ReportMetric(median(documents), "goquery-µs/page")
	b.ReportMetric(median(ratios), "crawl/goquery")
}

// documentOf has goquery read a page.
func documentOf(ctx context.Context) func(*http.Client, string, []byte) error {
	return func(client *http.Client, url string, _ []byte) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		d, err := goquery.NewDocumentFromReader(resp.Body)
		if err != nil {
			return err
		}
		next, _ := d.Find("a").First().Attr("href")
		if d.Find("title").First().Text()+d.Find("h1").First().Text()+d.Find("p").First().Text()+next == "" {
			return fmt.Errorf("%s: nothing found", url)
		}
		return nil
	}
}

// benchCrawl is a whole crawl of the site, from opening to closing all it uses.
func benchCrawl(ctx context.Context, origin, file string, plan *extract.Plan) error {
	seed, err := weburl.Parse(origin + "/p/0")
	if err != nil {
		return err
	}
	sink, err := jsonl.Open(file, jsonl.Options{Mode: jsonl.Overwrite})
	if err != nil {
		return err
	}
	client, err := fetch.New(fetch.Options{Concurrency: benchFetchers, HostConcurrency: benchFetchers})
	if err != nil {
		return err
	}
	defer client.Close()
	sum, err := crawler.Run(ctx, crawler.Options{
		Seeds:       []weburl.URL{seed},
		Fetcher:     client,
		Store:       memory.New(),
		Sink:        sink,
		Scope:       scope.New(scope.Host, nil, nil, seed),
		Extract:     plan,
		Emit:        output.EmitPages | output.EmitErrors,
		Robots:      crawler.Robots{Agent: "trawl"},
		Follow:      crawler.Follow{Depth: -1, Redirects: 10},
		Politeness:  frontier.Politeness{Rate: 1e9, HostConcurrency: benchFetchers},
		Retry:       crawler.Retry{Max: 2, Wait: time.Second},
		Concurrency: benchFetchers,
	})
	if err != nil {
		return err
	}
	if sum.Fetched != benchPages || sum.Statuses["200"] != benchPages {
		return fmt.Errorf("fetched %d pages (%v), want %d", sum.Fetched, sum.Statuses, benchPages)
	}
	return sink.Close()
}

// bareLoop reads the same pages and does nothing with them.
func bareLoop(ctx context.Context, origin string) error {
	return eachPage(origin, func(client *http.Client, url string, buf []byte) error { return bareGet(ctx, client, url, buf) })
}

// eachPage has as many workers as the crawl has fetchers get the site's pages.
func eachPage(origin string, get func(*http.Client, string, []byte) error) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchFetchers}}
	defer client.CloseIdleConnections()
	var (
		next    atomic.Int64
		workers sync.WaitGroup
		errs    = make([]error, benchFetchers)
	)
	for i := range errs {
		workers.Go(func() {
			buf := make([]byte, 32<<10)
			for n := next.Add(1) - 1; n < benchPages && errs[i] == nil; n = next.Add(1) - 1 {
				errs[i] = get(client, origin+"/p/"+strconv.FormatInt(n, 10), buf)
			}
		})
	}
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func bareGet(ctx context.Context, client *http.Client, url string, buf []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	// Not io.Copy: to io.Discard it takes a pool's buffer and would hide the read.
	for err == nil {
		_, err = resp.Body.Read(buf)
	}
	if err != io.EOF {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}

// cpuOf is the CPU time that run takes of this process, in µs a page.
func cpuOf(b *testing.B, run func() error) float64 {
	runtime.GC() // what the other contender left is not this one's to clear up
	before := cpuTime(b)
	if err := run(); err != nil {
		b.Fatal(err)
	}
	return float64((cpuTime(b) - before).Microseconds()) / benchPages
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// startBenchServer starts the server, in a process of its own, and gives its
// origin.
func startBenchServer(b *testing.B) string {
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"=1")
	cmd.Stderr = os.Stderr
	stop, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stop.Close()
		_ = cmd.Wait() // how it ends is no matter once it is not needed
	})
	origin, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("the server named no address: %v", err)
	}
	return strings.TrimSpace(origin)
}

// serveBench serves the site until stop ends. All bodies are made before the
// first request.
func serveBench(stop io.Reader, origin io.Writer) error {
	web := fetchtest.Generate(fetchtest.Site{Pages: benchPages, Links: benchLinks, Size: benchSize, Seed: 1})
	pages := map[string][]byte{"/robots.txt": []byte("User-agent: *\nDisallow: /private/\nDisallow: /*?sort=\n")}
	for i := range benchPages {
		uri := "/p/" + strconv.Itoa(i)
		page := httptest.NewRecorder()
		web.ServeHTTP(page, httptest.NewRequest(http.MethodGet, uri, nil))
		pages[uri] = page.Body.Bytes()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // a crawl that has ended does not read it
	})}
	fmt.Fprintf(origin, "http://%s\n", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, stop)
		server.Close()
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}
