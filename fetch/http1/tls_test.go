package http1_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// corked sends what is written to it in one piece, before it reads.
type corked struct {
	net.Conn
	out *bufio.Writer
}

func (c corked) Write(p []byte) (int, error) { return c.out.Write(p) }

func (c corked) Read(p []byte) (int, error) {
	if err := c.out.Flush(); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// An answer that nobody asked for is not the next request's either when TLS has
// it already.
func TestMoreThanTheResponseOverTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	certified.Close()
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
	for _, tt := range []struct {
		name, more string
		dialed     int32
	}{
		{"one answer", "", 1},
		{"two answers", answer + "no", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTransport(t)
			var dialed atomic.Int32
			tr.Dial = func(context.Context, string, string) (net.Conn, error) {
				dialed.Add(1)
				ours, theirs := net.Pipe()
				go func() {
					defer theirs.Close()
					server := tls.Server(corked{theirs, bufio.NewWriter(theirs)}, &tls.Config{Certificates: certified.TLS.Certificates})
					for in := bufio.NewReader(server); ; {
						if _, err := http.ReadRequest(in); err != nil {
							return
						}
						io.WriteString(server, answer+"hi")
						io.WriteString(server, tt.more)
					}
				}()
				return tls.Client(ours, &tls.Config{InsecureSkipVerify: true}), nil
			}
			for range 2 {
				if _, body, err := get(t, tr, "https://host.test"); body != "hi" || err != nil {
					t.Errorf("%q, %v; want hi", body, err)
				}
			}
			if got := dialed.Load(); got != tt.dialed {
				t.Errorf("%d connections, want %d", got, tt.dialed)
			}
		})
	}
}
