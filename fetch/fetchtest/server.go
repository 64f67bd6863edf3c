package fetchtest

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server serves a web over real loopback connections, on one port of one or
// more addresses, and remembers every request.
type Server struct {
	web  *Web
	http *http.Server
	port int

	mu   sync.Mutex
	hits []*Hit
	done sync.WaitGroup // one for each listener
}

// A Hit is one request as the server saw it.
type Hit struct {
	Host   string // as the request named it, without the port
	Method string
	URI    string    // path and query, as they were sent
	Status int       // 0 while none was sent, or never
	At     time.Time // when its header had been read
	Header http.Header
}

// String is the hit as one short line: "GET 127.0.0.1/robots.txt 200".
func (h Hit) String() string {
	return fmt.Sprintf("%s %s%s %d", h.Method, h.Host, h.URI, h.Status)
}

// Hosts names the first n loopback addresses, 127.0.0.1 and so on: as many
// hosts as a test wants.
func Hosts(n int) []string {
	hosts := make([]string, n)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("127.0.%d.%d", (i+1)/256, (i+1)%256)
	}
	return hosts
}

// Start serves a web until the test ends: see Listen.
func Start(tb testing.TB, web *Web, addrs ...string) *Server {
	tb.Helper()
	server, err := Listen(web, addrs...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(server.Close)
	return server
}

// Listen serves a web on a free port of 127.0.0.1 and on the same port of each
// of addrs, until Close.
func Listen(web *Web, addrs ...string) (*Server, error) {
	addrs = slices.Compact(slices.Sorted(slices.Values(append([]string{"127.0.0.1"}, addrs...))))
	listeners, err := listen(addrs)
	if err != nil {
		return nil, fmt.Errorf("fake web: %w", err)
	}
	server := &Server{web: web, port: listeners[0].Addr().(*net.TCPAddr).Port}
	server.http = &http.Server{
		Handler:           server,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // cut connections are no news here
	}
	for _, l := range listeners {
		server.done.Go(func() { _ = server.http.Serve(l) }) // ErrServerClosed, always
	}
	return server, nil
}

// listen finds a port that is free on every address: a free one of the first
// may be taken on another.
func listen(addrs []string) ([]net.Listener, error) {
	const tries = 20
	var last error
	for range tries {
		var listeners []net.Listener
		port := "0"
		for _, addr := range addrs {
			l, err := net.Listen("tcp", net.JoinHostPort(addr, port))
			if err != nil {
				last = err
				break
			}
			listeners = append(listeners, l)
			port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		}
		if len(listeners) == len(addrs) {
			return listeners, nil
		}
		for _, l := range listeners {
			_ = l.Close()
		}
	}
	return nil, fmt.Errorf("no port is free on all of %s: %w", strings.Join(addrs, ", "), last)
}

// Close stops the server and cuts its connections. Closing twice is harmless.
func (s *Server) Close() {
	_ = s.http.Close()
	s.done.Wait()
}

// Port is the port, the same on every address.
func (s *Server) Port() int { return s.port }

// URL is where the server answers for a path on one of its addresses.
func (s *Server) URL(host, path string) string {
	return fmt.Sprintf("http://%s:%d%s", host, s.port, path)
}

// ServeHTTP answers as the web does and logs the request, whatever becomes of it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hit := &Hit{Host: hostname(r), Method: r.Method, URI: requestURI(r), At: time.Now(), Header: r.Header.Clone()}
	s.mu.Lock()
	s.hits = append(s.hits, hit)
	s.mu.Unlock()
	s.web.ServeHTTP(&statusWriter{w, func(status int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		hit.Status = status
	}}, r)
}

// Log gives the requests so far, in the order of their arrival.
func (s *Server) Log() []Hit {
	s.mu.Lock()
	defer s.mu.Unlock()
	hits := make([]Hit, len(s.hits))
	for i, hit := range s.hits {
		hits[i] = *hit
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return a.At.Compare(b.At) })
	return hits
}

// Gaps gives the time between the starts of one host's requests and those
// before them, every path counted: what politeness is judged by.
func (s *Server) Gaps(host string) []time.Duration {
	var gaps []time.Duration
	var last time.Time
	for _, hit := range s.Log() {
		if hit.Host != host {
			continue
		}
		if !last.IsZero() {
			gaps = append(gaps, hit.At.Sub(last))
		}
		last = hit.At
	}
	return gaps
}

// statusWriter tells which status was sent, before the client can know it: a
// test that has its answer finds it in the log.
type statusWriter struct {
	http.ResponseWriter
	sent func(status int)
}

func (w *statusWriter) WriteHeader(status int) {
	if w.sent != nil {
		w.sent(status)
		w.sent = nil
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.sent != nil {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController flush.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
