package fetch

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/trawl-crawler/trawl/fetch/dial"
	"github.com/trawl-crawler/trawl/fetch/http1"
)

// A route is the way of a request to its server: over HTTP/1.1 by fetch/http1,
// over HTTP/2 or through a proxy by net/http.
//
// Which of the two protocols a server of https speaks is known once there is a
// connection. One of HTTP/2 is handed over to net/http, which further requests
// to the host go to at once.
type route struct {
	plain *http1.Transport
	rich  *http.Transport

	dialer   *dial.Dialer
	tls      *tls.Config
	connect  time.Duration // for a handshake, at the most
	speakers speakers
	given    atomic.Int64 // connections that rich got since those that nobody used were closed
}

// newRoute makes a route. With http2, servers are offered that protocol; a
// proxy may be spoken to over TLS only without: net/http offers a proxy the
// protocols that it would offer a site, and then speaks HTTP/1.1 to one that
// has chosen HTTP/2.
func newRoute(o Options, dialer *dial.Dialer, proxy proxyFunc, http2 bool) *route {
	r := &route{dialer: dialer, connect: o.ConnectTimeout, tls: &tls.Config{
		InsecureSkipVerify: o.Insecure,
		RootCAs:            o.Roots,
		ClientSessionCache: sessions{tls.NewLRUClientSessionCache(4 * o.Concurrency)}, // a resumed handshake costs a third
		NextProtos:         []string{"http/1.1"},
	}}
	if http2 {
		r.tls.NextProtos = []string{"h2", "http/1.1"}
	}
	r.plain = &http1.Transport{
		Dial:           r.dial,
		HTTP2:          r.overHTTP2,
		MaxHeader:      o.Limits.Header,
		ReadBuffer:     readAhead(o.Concurrency),
		MaxIdle:        idleConnections(o.Concurrency),
		MaxIdlePerHost: o.HostConcurrency,
		IdleTimeout:    keepFor,
	}
	r.rich = &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: refusedByProxy,
		DialContext:            r.counted(r.dialPlain),
		DialTLSContext:         r.counted(r.dialTLS),
		TLSHandshakeTimeout:    o.ConnectTimeout,
		TLSClientConfig:        r.tls.Clone(), // through proxies
		ForceAttemptHTTP2:      http2,
		DisableCompression:     true, // decoding is ours, under the limits
		MaxIdleConns:           idleConnections(o.Concurrency),
		MaxIdleConnsPerHost:    o.HostConcurrency,
		IdleConnTimeout:        keepFor,
		MaxResponseHeaderBytes: o.Limits.Header,
		ReadBufferSize:         readAhead(o.Concurrency),
		WriteBufferSize:        1 << 10, // a request is a few hundred bytes
		HTTP2: &http.HTTP2Config{
			// What a server may send before anybody reads: of a body that is
			// not wanted, all of it is wasted.
			MaxReceiveBufferPerStream: 512 << 10,
			// A connection that died unnoticed must not cost every later
			// request to its host a timeout.
			SendPingTimeout: o.IdleTimeout,
		},
	}
	return r
}

// keepFor is how long a connection is kept that nobody uses.
const keepFor = 90 * time.Second

// roundTrip asks once, as a http.RoundTripper does.
func (r *route) roundTrip(req *http.Request, x *exchange) (*http.Response, error) {
	if x.proxied || req.URL.Scheme == "https" && r.speakers.has(req.URL.Host) {
		return r.askRich(observed(req, x))
	}
	return r.plain.Ask(req, x)
}

// askRich asks by net/http. Of connections of HTTP/2 beyond MaxIdleConns that
// forgets the oldest, uses it no more, and leaves it open for IdleConnTimeout all
// the same: a crawl of a thousand hosts came to the end of its file descriptors.
// So whenever it got as many, those that nobody uses are closed.
func (r *route) askRich(req *http.Request) (*http.Response, error) {
	if n := r.given.Load(); n >= int64(r.rich.MaxIdleConns) && r.given.CompareAndSwap(n, 0) {
		r.rich.CloseIdleConnections()
	}
	return r.rich.RoundTrip(req)
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// counted is dial for rich.
func (r *route) counted(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		r.given.Add(1)
		return dial(ctx, network, address)
	}
}

// observed is a request of whose way net/http tells o.
func observed(req *http.Request, o http1.Observer) *http.Request {
	return req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn:      func(info httptrace.GotConnInfo) { o.Connected(info.Conn, info.Reused) },
		WroteRequest: func(httptrace.WroteRequestInfo) { o.Wrote() },
	}))
}

func (r *route) close() {
	r.plain.Close()
	r.rich.CloseIdleConnections()
}

// dial connects to an origin; for https the handshake has been made.
func (r *route) dial(ctx context.Context, scheme, address string) (net.Conn, error) {
	if scheme == "https" {
		return r.dialTLS(ctx, "tcp", address)
	}
	return r.dialPlain(ctx, "tcp", address)
}

// dialPlain leaves the address of a proxy unjudged: it is the user's word.
func (r *route) dialPlain(ctx context.Context, network, address string) (net.Conn, error) {
	if ctx.Value(throughProxy{}) != nil {
		return r.dialer.DialTrusted(ctx, network, address)
	}
	return r.dialer.DialContext(ctx, network, address)
}

// dialTLS gives the connection that is handed over, if there is one, or a new one.
func (r *route) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	if h, ok := ctx.Value(handover{}).(*handed); ok {
		if conn := h.take(); conn != nil {
			return conn, nil
		}
	}
	conn, err := r.dialPlain(ctx, network, address) // of a proxy, too
	if err != nil {
		return nil, err
	}
	config := r.tls.Clone()
	config.ServerName, _, _ = net.SplitHostPort(address)
	over := tls.Client(conn, config)
	limited, cancel := context.WithTimeout(ctx, r.connect)
	defer cancel()
	err = over.HandshakeContext(limited)
	if err == nil {
		return over, nil
	}
	conn.Close()
	if limited.Err() != nil && ctx.Err() == nil {
		err = &plainError{KindTimeout, "connect timeout: TLS handshake timeout", err}
	}
	return nil, err
}

// overHTTP2 has net/http go on with a request for which a connection was made.
func (r *route) overHTTP2(conn net.Conn, req *http.Request, o http1.Observer) (*http.Response, error) {
	r.speakers.add(req.URL.Host)
	h := &handed{}
	h.conn.Store(&conn)
	defer func() {
		if left := h.take(); left != nil { // another connection of the host was free
			left.Close()
		}
	}()
	req = observed(req, o)
	return r.askRich(req.WithContext(context.WithValue(req.Context(), handover{}, h)))
}

// handover is the key of a context with a connection that is handed over.
type handover struct{}

// handed is a connection that whoever comes first takes.
type handed struct{ conn atomic.Pointer[net.Conn] }

func (h *handed) take() net.Conn {
	if conn := h.conn.Swap(nil); conn != nil {
		return *conn
	}
	return nil
}

// speakers are hosts that speak HTTP/2. One that is forgotten costs a
// connection, which net/http may not need, when it is asked again.
type speakers struct {
	mu    sync.Mutex
	hosts map[string]struct{}
}

// maxSpeakers are remembered, some 10 MB of them.
const maxSpeakers = 100_000

func (s *speakers) has(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.hosts[host]
	return ok
}

func (s *speakers) add(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hosts == nil || len(s.hosts) >= maxSpeakers {
		s.hosts = make(map[string]struct{})
	}
	s.hosts[strings.Clone(host)] = struct{}{} // not the whole URL that it is of
}
