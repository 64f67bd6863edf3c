package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
)

// The load: requests in flight, to servers that take their time.
const (
	loadRequests = 10_000
	loadHosts    = 100
	loadTakes    = 2 * time.Second
	loadEach     = 32 << 10 // bytes of memory that each may cost
)

// asSlow in the environment has TestSlowServers be the servers, of so many
// requests.
const asSlow = "TRAWL_TEST_IS_SLOW"

// BenchmarkLoad has the real program hold 10,000 requests in flight over plain
// HTTP. The memory of each is what the process has more than one with a hundred
// at its peak. That all were in flight at once the servers say.
//
//	go test ./cmd/trawl -run '^$' -bench Load -benchtime 1x
func BenchmarkLoad(b *testing.B) {
	binary := buildTrawl(b)
	for b.Loop() {
		_, few, idle := load(b, binary, loadHosts)
		most, many, busy := load(b, binary, loadRequests)
		each := (many - few) / (loadRequests - loadHosts)
		b.ReportMetric(float64(most), "in-flight")
		b.ReportMetric(float64(each)/1024, "KiB/request")
		b.ReportMetric(float64((busy-idle).Microseconds())/(loadRequests-loadHosts), "cpu-µs/request")
		if most < loadRequests || each > loadEach {
			b.Errorf("%d requests were in flight at once and took %d bytes each, want %d and %d at most", most, each, loadRequests, loadEach)
		}
	}
	b.ReportMetric(0, "ns/op") // is that of the servers
}

// load asks n URLs at once, and returns how many were in flight, and the memory
// and the processor's time that it took.
func load(b *testing.B, binary string, n int) (most, rss int64, cpu time.Duration) {
	port, end := startSlow(b, n)
	defer end()
	var seeds, stderr bytes.Buffer
	for i := range n {
		fmt.Fprintf(&seeds, "http://127.0.0.%d:%s/%d\n", 1+i%loadHosts, port, i/loadHosts)
	}
	file := filepath.Join(b.TempDir(), "records.jsonl")
	crawl := exec.CommandContext(b.Context(), binary, "crawl", "-i", "-", "-o", file, "-d", "0", "--rate", "0", "--robots", "ignore", "--retries", "0",
		"--concurrency", strconv.Itoa(n), "--host-concurrency", strconv.Itoa(n), "--connect-timeout", "30s", "--timeout", "60s", "--idle-timeout", "60s", "--fail-on", "any")
	crawl.Stdin, crawl.Stderr = &seeds, &stderr
	err := crawl.Run()
	records, readErr := os.ReadFile(file)
	if err != nil || readErr != nil || bytes.Count(records, []byte(`"status":200`)) != n || strings.Contains(stderr.String(), "descriptors") {
		b.Fatalf("%v, %v: %d of %d fetched: %s", err, readErr, bytes.Count(records, []byte(`"status":200`)), n, &stderr)
	}
	state := crawl.ProcessState
	return end(), int64(state.SysUsage().(*syscall.Rusage).Maxrss) << 10, state.UserTime() + state.SystemTime()
}

// startSlow starts the servers, in a process of their own. They listen at one
// port of a hundred addresses; end stops them and tells how many requests they
// had, all at once.
func startSlow(b *testing.B, n int) (port string, end func() int64) {
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^TestSlowServers$", "-test.timeout", "5m")
	cmd.Env = append(os.Environ(), asSlow+"="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	stop, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	out := bufio.NewReader(stdout)
	if _, err := fmt.Fscanln(out, &port); err != nil {
		b.Fatalf("the servers named no port: %v", err)
	}
	return port, sync.OnceValue(func() (most int64) {
		stop.Close()
		_, _ = fmt.Fscanln(out, &most) // 0 if they do not say
		_ = cmd.Wait()
		return most
	})
}

// TestSlowServers is the servers of BenchmarkLoad, and else nothing.
func TestSlowServers(t *testing.T) {
	n, err := strconv.ParseInt(os.Getenv(asSlow), 10, 64)
	if err != nil {
		t.Skip("only BenchmarkLoad needs them")
	}
	if err := serveSlowly(t.Context(), n, os.Stdin, os.Stdout); err != nil {
		t.Fatal(err)
	}
}

// serveSlowly answers each request after two seconds, but none before all n are
// there. To ask for 10,000 takes two seconds of processor time here and as much
// there: more than two seconds, unless two processors have nothing else to do.
func serveSlowly(ctx context.Context, n int64, stop io.Reader, out io.Writer) error {
	if _, err := fetch.FitDescriptors(2 * loadRequests); err != nil {
		return err
	}
	var come atomic.Int64
	all := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if come.Add(1) == n {
			close(all)
		}
		for _, until := range []<-chan struct{}{after(loadTakes), all} {
			select {
			case <-until:
			case <-r.Context().Done():
				come.Add(-1) // it is not waited for any more
				return
			}
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<title>slow</title>")
	})}
	port := "0"
	var serving sync.WaitGroup
	for i := range loadHosts {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.%d:%s", 1+i, port))
		if err != nil {
			return err
		}
		_, port, _ = net.SplitHostPort(l.Addr().String())
		serving.Go(func() { _ = server.Serve(l) }) // ErrServerClosed, always
	}
	fmt.Fprintln(out, port)
	_, _ = io.Copy(io.Discard, stop)
	fmt.Fprintln(out, come.Load())
	err := server.Close()
	serving.Wait()
	return err
}

func after(d time.Duration) <-chan struct{} {
	over := make(chan struct{})
	time.AfterFunc(d, func() { close(over) })
	return over
}
