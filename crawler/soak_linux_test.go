package crawler_test

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

const (
	soakHosts = 2000
	soakEvery = time.Second // a host is asked at most so often
	soakFault = 5 * time.Second
)

// BenchmarkSoak crawls 2,000 hosts for ten minutes, or for TRAWL_SOAK, while
// faults are switched on and off on a third of them. Then the counts add up, no
// host got more than its rate, and goroutines, descriptors and heap are what
// they were before.
//
//	go test ./crawler -run '^$' -bench Soak -benchtime 1x -timeout 30m
//	TRAWL_SOAK=1m go test ./crawler -run '^$' -bench Soak -benchtime 1x
func BenchmarkSoak(b *testing.B) {
	lasts, err := time.ParseDuration(cmp.Or(os.Getenv("TRAWL_SOAK"), "10m"))
	if err != nil {
		b.Fatalf("TRAWL_SOAK: %v", err)
	}
	if _, err := fetch.FitDescriptors(2 * soakHosts); err != nil {
		b.Fatal(err)
	}
	soak(b, 2*time.Second) // what is made once is made
	before := resourcesNow(b)
	for b.Loop() {
		sum := soak(b, lasts)
		b.ReportMetric(float64(sum.Fetched)/lasts.Seconds(), "pages/s")
		b.ReportMetric(float64(sum.Failed), "failed")
	}
	after := resourcesNow(b)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(after.heap-before.heap)/(1<<20), "MiB-kept")
	if after.goroutines > before.goroutines || after.descriptors > before.descriptors || after.heap > before.heap+8<<20 {
		b.Errorf("there are %+v, and were %+v before", after, before)
	}
}

type resources struct {
	goroutines, descriptors int
	heap                    int64
}

func resourcesNow(b *testing.B) resources {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.GC() // what the first one found in pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return resources{runtime.NumGoroutine(), len(fds), int64(m.HeapAlloc)}
}

// soak crawls for so long.
func soak(b *testing.B, lasts time.Duration) crawler.Summary {
	hosts := startFaulty(b, lasts)
	defer hosts.close()
	client, err := fetch.New(fetch.Options{UserAgent: "trawl", Concurrency: 512, MaxHeld: 64 << 20, Timeout: 10 * time.Second})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	written := &paced{Fetcher: client, last: make(map[string]time.Time)}
	o := options(nil, &sink{}, hosts.seeds...)
	o.Fetcher, o.Concurrency, o.Emit = written, 512, 0
	o.Scope = scope.New(scope.Host, nil, nil, o.Seeds...)
	o.Limits.Duration, o.Timing.Grace = lasts, 5*time.Second
	o.Politeness.Rate, o.Politeness.ParkBase = rate.Every(soakEvery), time.Second
	sum, err := crawler.Run(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	if sum.Known != sum.Fetched+sum.Failed+sum.Skipped+sum.Left {
		b.Errorf("known %d is not fetched %d + failed %d + skipped %d + left %d", sum.Known, sum.Fetched, sum.Failed, sum.Skipped, sum.Left)
	}
	if n := written.early.Load(); n > 0 {
		b.Errorf("%d requests were written sooner than their host's rate allows", n)
	}
	return sum
}

// paced is a Fetcher that counts requests written too soon after the one before.
type paced struct {
	fetch.Fetcher
	mu    sync.Mutex
	last  map[string]time.Time // by host
	early atomic.Int64
}

func (p *paced) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	started := req.Started
	req.Started = func(at time.Time) {
		p.mu.Lock()
		host := req.URL.Host()
		if at.Sub(p.last[host]) < soakEvery-5*time.Millisecond {
			p.early.Add(1)
		}
		p.last[host] = at
		p.mu.Unlock()
		started(at)
	}
	return p.Fetcher.Fetch(ctx, req)
}

// faulty are the hosts: one site each, and one of three has faults from time
// to time.
type faulty struct {
	seeds  []string
	web    *fetchtest.Web
	began  time.Time
	server *http.Server
	work   sync.WaitGroup
	asked  atomic.Int64
}

func startFaulty(b *testing.B, lasts time.Duration) *faulty {
	pages := int(lasts/soakEvery) + 10 // as many as there is time for
	f := &faulty{web: fetchtest.Generate(fetchtest.Site{Pages: pages, Links: 3, Size: 2 << 10, Seed: 1}), began: time.Now()}
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	port := "0"
	for _, host := range fetchtest.Hosts(soakHosts) {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			f.close()
			b.Fatal(err)
		}
		_, port, _ = net.SplitHostPort(l.Addr().String())
		f.seeds = append(f.seeds, fmt.Sprintf("http://%s/p/0", l.Addr()))
		f.work.Go(func() { _ = f.server.Serve(l) }) // ErrServerClosed, always
	}
	return f
}

func (f *faulty) close() {
	_ = f.server.Close()
	f.work.Wait()
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := f.asked.Add(1)
	local := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	bad := local.IP[len(local.IP)-1]%3 == 0 && time.Since(f.began)/soakFault%2 == 1
	if !bad || r.URL.Path == "/robots.txt" {
		f.web.ServeHTTP(w, r)
		return
	}
	switch n % 6 {
	case 0: // the connection ends
		panic(http.ErrAbortHandler)
	case 1: // in the body
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("<title>half"))
	case 2:
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusServiceUnavailable)
	case 3:
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("this is no gzip"))
	case 4: // longer than a fault lasts, for some
		select {
		case <-time.After(time.Duration(n%10) * time.Second):
		case <-r.Context().Done():
		}
	case 5:
		w.WriteHeader(500 + int(n/6%5))
		_, _ = w.Write([]byte("fault " + strconv.FormatInt(n, 10)))
	}
}
