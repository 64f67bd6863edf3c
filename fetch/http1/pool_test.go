package http1_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pipes are connections in memory, to servers that answer everything with a
// body of two bytes.
type pipes struct{ made, open atomic.Int32 }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	p.made.Add(1)
	p.open.Add(1)
	ours, theirs := net.Pipe()
	go func() {
		defer p.open.Add(-1)
		defer theirs.Close()
		for in := bufio.NewReader(theirs); ; {
			if _, err := http.ReadRequest(in); err != nil {
				return
			}
			io.WriteString(theirs, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
		}
	}()
	return ours, nil
}

// Connections are kept for a while, and not too many of them.
func TestHowManyAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTransport(t)
		var p pipes
		tr.Dial = p.dial
		for _, tt := range []struct {
			name  string
			wait  time.Duration
			hosts []string // asked at a time
			fresh int32    // connections that are made for them
			open  int32    // connections after that
		}{
			{"three are kept", 0, []string{"a", "b", "c"}, 3, 3},
			{"and used", 0, []string{"a", "b", "c"}, 0, 3},
			{"two are of one host", 0, []string{"c", "c", "c"}, 2, 3},
			{"and no more", 0, []string{"b"}, 0, 3},
			{"the one that is idle for longest goes", 0, []string{"d"}, 1, 3},
			{"as it did", 0, []string{"c", "c"}, 1, 3},
			{"others are idle for a minute", 59 * time.Second, []string{"c", "c", "d"}, 0, 3},
			{"and no longer", time.Minute, []string{"c"}, 1, 2},
			{"they go by themselves", 2 * time.Minute, nil, 0, 0},
			{"again", 0, []string{"a"}, 1, 1},
			{"and again", 70 * time.Second, nil, 0, 0},
		} {
			time.Sleep(tt.wait)
			before := p.made.Load()
			var bodies []io.ReadCloser
			for _, host := range tt.hosts {
				resp, err := tr.RoundTrip(request(t, t.Context(), "http://"+host))
				if err != nil {
					t.Fatal(err)
				}
				bodies = append(bodies, resp.Body)
			}
			for _, body := range bodies {
				io.Copy(io.Discard, body)
			}
			synctest.Wait()
			if fresh, open := p.made.Load()-before, p.open.Load(); fresh != tt.fresh || open != tt.open {
				t.Errorf("%s: %d new connections and %d open, want %d and %d", tt.name, fresh, open, tt.fresh, tt.open)
			}
		}
		tr.Close()
		get(t, tr, "http://c")
		synctest.Wait()
		if open := p.open.Load(); open != 0 {
			t.Errorf("%d connections are open after the end", open)
		}
	})
}
