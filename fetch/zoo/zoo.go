package zoo

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Options of a Zoo. The zero value of each field is its default.
type Options struct {
	Addr string // of the index page, on loopback; 127.0.0.1:0

	// Pace is the time between two bytes of the slow cases: the idle timeout of
	// a crawl should be some times as long. 1 s.
	Pace time.Duration

	// Lifetime is the longest that one connection is served, for clients that
	// never give up. 10 min.
	Lifetime time.Duration
}

// A Zoo serves all cases.
type Zoo struct {
	options   Options
	host      string // the address of all listeners
	origin    string // of the index page
	authority *authority
	sites     map[string]*site // by name

	ctx       context.Context // ends at Close
	cancel    context.CancelFunc
	http      *http.Server
	byAddr    map[string]*site // those with origins of their own, by local address
	listeners []net.Listener
	work      sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool // those that net/http does not know of; nil once closed
	queued []func()          // what is to be served once all sites are up
}

// Start serves all cases until Close. It refuses an address that is not
// loopback: what is served here does harm.
func Start(ctx context.Context, o Options) (*Zoo, error) {
	o.Addr = cmp.Or(o.Addr, "127.0.0.1:0")
	o.Pace = cmp.Or(o.Pace, time.Second)
	o.Lifetime = cmp.Or(o.Lifetime, 10*time.Minute)
	main, err := listenLoopback(o.Addr)
	if err != nil {
		return nil, err
	}
	z := &Zoo{
		options:   o,
		origin:    "http://" + main.Addr().String(),
		sites:     make(map[string]*site),
		byAddr:    make(map[string]*site),
		conns:     make(map[net.Conn]bool),
		listeners: []net.Listener{main},
	}
	z.host, _, _ = net.SplitHostPort(main.Addr().String())
	z.ctx, z.cancel = context.WithCancel(ctx)
	z.http = &http.Server{
		Handler:        http.HandlerFunc(z.route),
		BaseContext:    func(net.Listener) context.Context { return z.ctx },
		ReadTimeout:    o.Lifetime,
		WriteTimeout:   o.Lifetime,
		MaxHeaderBytes: 8 << 20, // a URL too long to be asked for must be seen to be asked for
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	if err := z.build(); err != nil {
		z.Close()
		return nil, err
	}
	z.serveHTTP(main)
	for _, serve := range z.queued {
		serve()
	}
	return z, nil
}

func listenLoopback(addr string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: want host:port, as in 127.0.0.1:0: %w", addr, err)
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("address %q: want a loopback address, as in 127.0.0.1:0, for what is served here does harm", addr)
	}
	return net.Listen("tcp", addr)
}

// build brings up a site for each case. Nothing is served before all are up.
func (z *Zoo) build() error {
	var err error
	if z.authority, err = newAuthority(z.host); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	for _, c := range Cases() {
		s := &site{zoo: z, name: c.Name, never: c.Never, seeds: []string{""}}
		if err := c.up(s); err != nil {
			return fmt.Errorf("case %s: %w", c.Name, err)
		}
		z.sites[c.Name] = s
	}
	return nil
}

// handle has net/http serve a site on what it listens on: l itself, or l
// with TLS around it.
func (z *Zoo) handle(s *site, l, wrapped net.Listener) {
	z.byAddr[l.Addr().String()] = s
	z.queued = append(z.queued, func() { z.serveHTTP(wrapped) })
}

func (z *Zoo) serveHTTP(l net.Listener) {
	z.work.Go(func() { _ = z.http.Serve(l) }) // ErrServerClosed, always
}

// enter counts one more to wait for; false when the zoo is closed.
func (z *Zoo) enter() bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.conns != nil {
		z.work.Add(1)
	}
	return z.conns != nil
}

// route finds the site of a request.
func (z *Zoo) route(w http.ResponseWriter, r *http.Request) {
	if !z.enter() {
		return
	}
	defer z.work.Done()
	local := r.Context().Value(http.LocalAddrContextKey).(net.Addr).String()
	if s := z.byAddr[local]; s != nil {
		s.serve(w, r)
		return
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if s := z.sites[name]; s != nil && s.origin[0] == z.origin {
		s.serve(w, r)
		return
	}
	if r.URL.Path == "/" {
		z.index(w)
		return
	}
	http.NotFound(w, r)
}

// URL is the index page, which links to every case.
func (z *Zoo) URL() string { return z.origin + "/" }

// Roots holds the authority that the zoo's good certificates are signed by.
func (z *Zoo) Roots() *x509.CertPool { return z.authority.pool() }

// RootPEM is the authority's certificate, for clients that read a file.
func (z *Zoo) RootPEM() []byte { return z.authority.pem() }

// Seeds gives the URLs that a crawl of a case starts from; none if there is
// no such case.
func (z *Zoo) Seeds(name string) []string {
	s := z.sites[name]
	if s == nil {
		return nil
	}
	seeds := make([]string, len(s.seeds))
	for i, ref := range s.seeds {
		seeds[i] = s.expand(ref)
	}
	return seeds
}

// Fetches counts the requests so far for pages of a case. Where it breaks
// before a request can be read, connections count.
func (z *Zoo) Fetches(name string) int {
	s := z.sites[name]
	if s == nil {
		return 0
	}
	n, _ := s.seen()
	return n
}

// Close ends all connections and waits for what serves them. Closing twice
// is harmless.
func (z *Zoo) Close() {
	z.cancel()
	_ = z.http.Close()
	for _, l := range z.listeners {
		_ = l.Close()
	}
	z.mu.Lock()
	for c := range z.conns {
		_ = c.Close()
	}
	z.conns = nil
	z.mu.Unlock()
	z.work.Wait()
}
