//go:build unix

package http1

import (
	"io"
	"net"
	"testing"
	"time"
)

// tcp is a connection over the loopback, where what is written has arrived.
func tcp(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// A connection on which something has come while it was kept is not given again,
// and not kept for longer.
func TestWhatComesOnAKeptConnection(t *testing.T) {
	for name, comes := range map[string]func(net.Conn){
		"nothing":       nil,
		"an answer":     func(c net.Conn) { io.WriteString(c, "HTTP/1.1 408 Request Timeout\r\n\r\n") },
		"its end":       func(c net.Conn) { c.Close() },
		"an abrupt end": func(c net.Conn) { c.(*net.TCPConn).SetLinger(0); c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			key, limits := origin{"http", "host.test"}, &Transport{MaxIdle: 9, MaxIdlePerHost: 9, IdleTimeout: time.Hour}
			var p pool
			defer p.close()
			keep := func() *conn {
				client, server := tcp(t)
				c := newConn(client, key, 1<<10)
				p.put(c, limits)
				c.since = c.since.Add(-time.Minute)
				if comes != nil {
					comes(server)
				}
				return c
			}
			c := keep()
			if got := p.take(key, time.Hour); (got == c) != (comes == nil) {
				t.Errorf("taken: %v", got == c)
			}
			c = keep()
			if stale := p.stale(time.Hour); (len(stale) == 1 && stale[0] == c) != (comes != nil) {
				t.Errorf("%d of 1 are stale", len(stale))
			}
		})
	}
}
