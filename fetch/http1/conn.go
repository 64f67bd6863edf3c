package http1

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"time"
)

// unlimited is the room of a connection that reads no header.
const unlimited = math.MaxInt64

// A conn is a connection that HTTP/1.1 is spoken on, by one exchange at a time.
type conn struct {
	net    net.Conn // TLS, if it is
	key    origin
	quiet  func() bool // nothing has come since all was read, not even the end
	in     *bufio.Reader
	room   int64 // bytes that may still be read
	more   bool  // the socket may have had more than was read of it at last
	used   bool  // there was an exchange before this one
	silent bool  // nothing has come yet of the response

	since        time.Time // it is idle
	older, newer *conn     // … in the pool's chain
}

func newConn(n net.Conn, key origin, readBuffer int) *conn {
	key = origin{strings.Clone(key.scheme), strings.Clone(key.host)} // not the whole URL that they are of
	c := &conn{net: n, key: key, room: unlimited, quiet: quiet(socket(n))}
	c.in = bufio.NewReaderSize(limited{c}, readBuffer)
	return c
}

// abort ends an exchange from outside. It does not wait until the server has
// been told goodbye, as closing a TLS connection does.
func (c *conn) abort() { socket(c.net).Close() }

// spent tells whether all that came has been read: a connection with more is not
// kept. The socket is asked only when the last read of it took all that it could.
// What TLS has taken from the socket and not given yet is there to be read after
// any deadline.
func (c *conn) spent() bool {
	if c.in.Buffered() > 0 || c.more && !c.quiet() {
		return false
	}
	t, ok := c.net.(*tls.Conn)
	if !ok {
		return true
	}
	t.SetReadDeadline(time.Unix(1, 0))
	_, err := t.Read(make([]byte, 1))
	t.SetReadDeadline(time.Time{})
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// limited reads a connection as far as there is room.
type limited struct{ *conn }

func (l limited) Read(p []byte) (int, error) {
	if l.room <= 0 {
		return 0, ErrHeader
	}
	p = p[:min(int64(len(p)), l.room)]
	n, err := l.net.Read(p)
	l.room -= int64(n)
	l.more = n == len(p)
	return n, err
}

var _ io.Reader = limited{}

// socket is what is below TLS, if that is spoken.
func socket(n net.Conn) net.Conn {
	if t, ok := n.(*tls.Conn); ok {
		return t.NetConn()
	}
	return n
}

func speaksHTTP2(n net.Conn) bool {
	t, ok := n.(*tls.Conn)
	return ok && t.ConnectionState().NegotiatedProtocol == "h2"
}
