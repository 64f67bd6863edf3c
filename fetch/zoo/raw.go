package zoo

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// conn is a connection that a case writes to by itself. Writes to a client
// that has gone do nothing: there is nobody to tell.
type conn struct {
	net.Conn
	in   *bufio.Reader
	site *site
	n    int64 // which of its listener's connections this is, from 1
	asks int   // requests read from it for pages of the case
}

// raw answers requests for pages of the case with bytes of its own. All other
// requests, those for robots.txt and sitemaps, get a 404, so that the pages
// are asked for.
func raw(f func(c *conn, r *http.Request)) server {
	return accept("http", func(c *conn) { c.answer(f) })
}

// accept serves connections from their first moment.
func accept(scheme string, f func(c *conn)) server {
	return func(s *site) error {
		l, err := s.listen(scheme)
		if err == nil {
			s.zoo.queued = append(s.zoo.queued, func() { s.zoo.work.Go(func() { s.accept(l, f) }) })
		}
		return err
	}
}

func (s *site) accept(l net.Listener, f func(c *conn)) {
	var count atomic.Int64
	for {
		nc, err := l.Accept()
		if err != nil {
			return // closed
		}
		if !s.zoo.keep(nc) {
			_ = nc.Close()
			return
		}
		s.zoo.work.Go(func() {
			defer s.zoo.drop(nc)
			_ = nc.SetDeadline(time.Now().Add(s.zoo.options.Lifetime))
			f(&conn{Conn: nc, in: bufio.NewReader(nc), site: s, n: count.Add(1)})
		})
	}
}

// keep remembers a connection for Close; false when that has been.
func (z *Zoo) keep(c net.Conn) bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.conns == nil {
		return false
	}
	z.conns[c] = true
	return true
}

func (z *Zoo) drop(c net.Conn) {
	z.mu.Lock()
	delete(z.conns, c)
	z.mu.Unlock()
	_ = c.Close()
}

// answer reads requests and has f answer those for the case's pages, until
// one of them ends the connection.
func (c *conn) answer(f func(c *conn, r *http.Request)) {
	for {
		r, err := http.ReadRequest(c.in)
		if err != nil {
			return
		}
		if !strings.HasPrefix(r.URL.Path, c.site.dir()) {
			c.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
			continue
		}
		c.asks++
		c.site.hit(c.site.path(r))
		if f(c, r); c.in == nil {
			return
		}
	}
}

// end closes the connection in good order and makes answer return.
func (c *conn) end() {
	_ = c.Close()
	c.in = nil
}

func (c *conn) send(text string) bool {
	_, err := io.WriteString(c.Conn, text)
	return err == nil
}

// page sends a whole response that keeps the connection.
func (c *conn) page(body string) bool { return c.send(response(body)) }

// drip sends text a byte at a time.
func (c *conn) drip(text string) bool {
	for i := range len(text) {
		if !c.pause() || !c.send(text[i:i+1]) {
			return false
		}
	}
	return true
}

// pause waits as long as is between two bytes of a slow case; false when the
// zoo closes meanwhile.
func (c *conn) pause() bool {
	timer := time.NewTimer(c.site.zoo.options.Pace)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.site.zoo.ctx.Done():
		return false
	}
}

// dripping sends text a byte at a time, again and again for ever.
func (c *conn) dripping(text string) {
	for c.drip(text) {
	}
	c.end()
}

// flood sends text again and again, as fast as it is read, for ever.
func (c *conn) flood(text string) {
	chunk := strings.Repeat(text, max(1, 32<<10/len(text)))
	for c.send(chunk) {
	}
	c.end()
}

// hold says nothing more until the client leaves.
func (c *conn) hold() {
	_, _ = io.Copy(io.Discard, c.in)
	c.end()
}

// reset ends the connection with a RST.
func (c *conn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	c.end()
}

// halfClose ends what the server says, and goes on listening.
func (c *conn) halfClose() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	c.hold()
}

// secure makes the connection TLS.
func (c *conn) secure(config *tls.Config) bool {
	t := tls.Server(c.Conn, config)
	if t.HandshakeContext(c.site.zoo.ctx) != nil {
		return false
	}
	c.Conn, c.in = t, bufio.NewReader(t)
	return true
}
