// Package http1 asks over HTTP/1.1 in the goroutine that calls.
//
// net/http's Transport gives each connection two goroutines of its own, and a
// request passes through both and back. Here a request is written and its
// response read where it is asked for, which takes 24 µs for 39 (BenchmarkRoundTrip,
// the server's part in both), and 8 KiB less while it waits. Responses are read by
// net/http's own ReadResponse all the same, but for those of the usual form; what
// this package knows beyond it is how a request is written and when a connection is
// used again.
//
// A Transport takes requests without a body. What it does not do: proxies,
// HTTP/2 (which it hands on), waiting for 100 Continue.
package http1

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// A Transport is a http.RoundTripper. All fields are needed but HTTP2, none may
// change once it is used, and it is closed after use. It is safe for concurrent
// use.
type Transport struct {
	// Dial connects to a "host:port"; for the scheme https the connection is a
	// *tls.Conn after its handshake.
	Dial func(ctx context.Context, scheme, address string) (net.Conn, error)

	// HTTP2 goes on with a request for which Dial has made a connection whose
	// two ends agreed to speak HTTP/2 (RFC 7301). The connection is its own.
	HTTP2 func(conn net.Conn, r *http.Request, o Observer) (*http.Response, error)

	MaxHeader  int64 // bytes of a response's header, all that comes before the body
	ReadBuffer int   // bytes of a response that are read at once

	MaxIdle        int           // connections that are kept while nobody uses them
	MaxIdlePerHost int           // … of one origin
	IdleTimeout    time.Duration // for how long

	idle pool
}

// ErrHeader is the error of a response whose header is longer than MaxHeader.
var ErrHeader = errors.New("response headers exceeded the limit")

// An Observer is told of a request's way by who makes it, over HTTP/1.1 in the
// goroutine that asks. A httptrace.ClientTrace would be made for each request, and
// found in its context.
type Observer interface {
	Connected(conn net.Conn, reused bool) // the request is about to be written there
	Wrote()                               // it is on its way, or could not be written
}

// RoundTrip is Ask for those who want to be told nothing.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) { return t.Ask(r, unobserved{}) }

type unobserved struct{}

func (unobserved) Connected(net.Conn, bool) {}
func (unobserved) Wrote()                   {}

// Ask asks once. It asks again, on a new connection, only when it had used one
// that was kept and the server had closed that meanwhile: when not a byte came
// back on it (RFC 9112 §9.3.1). The connection is kept when the body has been read
// to its end, and closed when it is closed before.
func (t *Transport) Ask(r *http.Request, o Observer) (*http.Response, error) {
	text, err := appendRequest(make([]byte, 0, 512), r)
	if err != nil {
		return nil, err
	}
	key := origin{r.URL.Scheme, r.URL.Host}
	if c := t.idle.take(key, t.IdleTimeout); c != nil {
		resp, err := t.askOn(c, r, o, text)
		if err == nil || !c.silent || r.Context().Err() != nil {
			return resp, err
		}
	}
	conn, err := t.Dial(r.Context(), key.scheme, address(r.URL))
	if err != nil {
		return nil, err
	}
	if speaksHTTP2(conn) {
		return t.HTTP2(conn, r, o)
	}
	return t.askOn(newConn(conn, key, t.ReadBuffer), r, o, text)
}

// Close closes the connections that are kept.
func (t *Transport) Close() { t.idle.close() }

// askOn makes the exchange on one connection. When it fails c is closed, and
// silent if nothing came on it.
func (t *Transport) askOn(c *conn, r *http.Request, o Observer, text []byte) (*http.Response, error) {
	o.Connected(c.net, c.used)
	stop := afterFunc(r.Context(), c.abort)
	_, unsent := c.net.Write(text)
	o.Wrote()
	resp, err := c.response(r, t.MaxHeader)
	if err != nil {
		stop()
		c.net.Close()
		return nil, cmp.Or(unsent, err)
	}
	c.used = true
	b := &body{transport: t, conn: c, from: resp.Body, stop: stop,
		keep: unsent == nil && !resp.Close && resp.StatusCode != http.StatusSwitchingProtocols}
	if resp.Body == http.NoBody {
		b.end(io.EOF)
		return resp, nil
	}
	resp.Body = b
	return resp, nil
}

// afterFunc is context.AfterFunc, which asks a context's own method only after it
// has made a context to have ended by it.
func afterFunc(ctx context.Context, f func()) (stop func() bool) {
	if own, ok := ctx.(interface{ AfterFunc(func()) func() bool }); ok {
		return own.AfterFunc(f)
	}
	return context.AfterFunc(ctx, f)
}

// response reads the header of a response. There may be one though the request
// could not be written: some servers have read enough of it before its end.
func (c *conn) response(r *http.Request, maxHeader int64) (*http.Response, error) {
	c.silent, c.room = true, maxHeader
	defer func() { c.room = unlimited }()
	if _, err := c.in.Peek(1); err != nil {
		return nil, err
	}
	c.silent = false
	if resp := c.usual(r); resp != nil {
		return resp, nil
	}
	for {
		resp, err := http.ReadResponse(c.in, r)
		if err != nil && c.room <= 0 {
			err = ErrHeader
		}
		if err != nil || resp.StatusCode/100 != 1 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// A body is a response's, and gives the connection back at its end. It is not
// for two goroutines at a time.
type body struct {
	transport *Transport
	conn      *conn
	from      io.ReadCloser
	stop      func() bool // stops conn.abort; false if that is too late
	keep      bool        // the connection may be used again
	over      error       // what there is to read: nothing more
}

func (b *body) Read(p []byte) (int, error) {
	if b.over != nil {
		return 0, b.over
	}
	n, err := b.from.Read(p)
	if err != nil {
		b.end(err)
	}
	return n, err
}

func (b *body) Close() error {
	if b.over == nil {
		b.end(http.ErrBodyReadAfterClose)
	}
	return nil
}

// end takes leave of the connection, which is used again when all that came on
// it was the response.
func (b *body) end(why error) {
	b.over = why
	if !b.stop() || why != io.EOF || !b.keep || !b.conn.spent() {
		b.conn.net.Close()
		return
	}
	b.transport.idle.put(b.conn, b.transport)
}

// address is the "host:port" that a URL's server listens on.
func address(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
