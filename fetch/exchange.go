package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// An exchange is one request and its response. It is the raw body's reader
// too: every byte that comes is counted and tells the watchdog.
type exchange struct {
	client *Client
	asked  Request
	parent context.Context // the caller's
	ctx    context.Context // ends with it, or when the watchdog says so
	cancel context.CancelCauseFunc
	watch  *watchdog
	target url.URL // the request's

	proxied   bool
	relayed   bool          // … by a proxy that reads the request, and may answer it
	connected bool          // there was a connection
	conn      net.Conn      // … the last one
	reused    bool          // … which had been used before
	began     time.Time     // when the request was about to be written
	waited    time.Duration // of that, for room for the body
	ip        string
	started   atomic.Bool // Request.Started was called

	page    *heldPage // nil until there is a response
	body    io.Reader // the response's, as it comes
	room    int64     // raw bytes that may still come
	got     int64     // raw bytes that came
	ended   bool      // the body came to its end
	coded   bool      // it has a content coding
	bodyErr error     // what broke the body: the connection's error, not a decoder's
}

// watched is an exchange's context to those who know context.AfterFunc's other
// way: it is told by the watchdog, without a context or a channel of its own.
type watched struct {
	context.Context
	watch *watchdog
}

func (c watched) AfterFunc(f func()) (stop func() bool) { return c.watch.afterFunc(f) }

// begin starts the clock of an exchange. The caller ends it.
func (c *Client) begin(ctx context.Context, req Request) *exchange {
	x := &exchange{client: c, asked: req, parent: ctx}
	w, ok := c.watchdogs.take()
	if !ok {
		w = new(watchdog)
	}
	ctx, x.cancel = w.under(ctx)
	x.ctx = watched{ctx, w}
	limits := c.timeouts
	if req.Timeout > 0 {
		limits.total = min(limits.total, req.Timeout)
	}
	x.watch, x.began = w, time.Now()
	w.start(x.began, limits, x.cancel)
	return x
}

func (x *exchange) end() {
	x.watch.stop()
	if !x.client.watchdogs.put(x.watch) {
		x.watch.leave()
	}
}

// errRepeated ends an exchange that the transport would repeat.
var errRepeated = &plainError{KindReset, "the server broke the request off, and is not asked again at once", nil}

// Connected is called by the transport, in the goroutine that called Fetch, as
// the request is about to be written; again if a connection that was kept
// turns out to be closed and another is taken. Nothing else may be repeated:
// the transport asks a server that resets HTTP/2 streams with PROTOCOL_ERROR
// again and again until the time is over, and one that refuses them seven times
// on the same connection, past every politeness.
func (x *exchange) Connected(conn net.Conn, reused bool) {
	now := time.Now()
	if x.connected && (!x.reused || conn == x.conn) {
		x.cancel(errRepeated)
	}
	x.conn, x.reused = conn, reused
	x.watch.connected(now)
	if !x.proxied {
		if addr, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
			x.ip = addr.AddrPort().Addr().Unmap().String()
		}
	}
	if x.connected {
		return
	}
	x.connected, x.began = true, now
}

// Wrote is called by the transport, maybe in a goroutine of the connection, when
// the request is on its way: later than Connected on a busy machine, and it is the
// gap between requests on the wire that a server sees.
func (x *exchange) Wrote() {
	if x.asked.Started != nil && x.started.CompareAndSwap(false, true) {
		x.asked.Started(time.Now())
	}
}

// knocked counts a connection that was tried and came to nothing as a request:
// a server whose certificate has expired, or whose port is closed, must not be
// asked any faster than one that answers.
func (x *exchange) knocked(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return
	}
	switch e.Kind {
	case KindDNS, KindForbidden, KindCanceled, KindProxy: // nobody was reached
		return
	}
	x.Wrote()
}

// request is what the transport is asked.
func (x *exchange) request() (*http.Request, error) {
	u := x.asked.URL
	id := x.client.identities.of(u)
	x.target = target(u, false)
	r := (&http.Request{}).WithContext(x.ctx)
	r.Method = http.MethodGet
	r.URL = &x.target
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.Header = id.headerFor(x.asked, x.client.opts.Jar)
	r.Host = id.host
	proxy, err := x.client.proxy(r)
	if err != nil {
		return nil, &plainError{KindProxy, err.Error(), err}
	}
	if proxy == nil {
		return r, nil
	}
	x.proxied = true
	x.ctx = context.WithValue(x.ctx, throughProxy{}, true)
	x.relayed = u.Scheme() == "http" && !isSOCKS(proxy)
	x.target = target(u, x.relayed)
	return r.WithContext(x.ctx), x.client.dialer.Judge(x.ctx, net.JoinHostPort(u.Hostname(), u.Port()))
}
