package http1_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
)

// A body that was read to its end has let go of the connection.
func TestTheContextEndsLater(t *testing.T) {
	s, tr := serve(t, func(string, int) string { return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" }), newTransport(t)
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		resp, err := tr.RoundTrip(request(t, ctx, "http://"+s.Addr().String()))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "hi" || err != nil {
			t.Errorf("%q, %v; want hi", body, err)
		}
		cancel()
		resp.Body.Close()
	}
	if got := s.accepted.Load(); got != 1 {
		t.Errorf("%d connections, want 1", got)
	}
}

// The end of a context ends what is under way, at once, and the connection.
func TestTheContextEnds(t *testing.T) {
	left := make(chan error, 2)
	for name, answer := range map[string]string{
		"before an answer": "",
		"within a header":  "HTTP/1.1 200",
		"within a body":    "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi",
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				conn, err := l.Accept()
				if err != nil {
					left <- err
					return
				}
				defer conn.Close()
				in := bufio.NewReader(conn)
				http.ReadRequest(in)
				io.WriteString(conn, answer)
				cancel()
				_, err = in.ReadByte()
				left <- err
			}()
			resp, err := newTransport(t).RoundTrip(request(t, ctx, "http://"+l.Addr().String()))
			if err == nil {
				_, err = io.ReadAll(resp.Body)
			}
			if err == nil {
				t.Error("there was an answer")
			}
			if err := <-left; err == nil {
				t.Error("the server was not left")
			}
		})
	}
}

// ownWay is a context that has an AfterFunc of its own.
type ownWay struct {
	context.Context
	asked *int
}

func (c ownWay) AfterFunc(f func()) func() bool {
	*c.asked++
	return context.AfterFunc(c.Context, f)
}

// A context that can tell its end by itself is asked to.
func TestTheContextTellsItsEnd(t *testing.T) {
	s, tr := serve(t, func(string, int) string { return "HTTP/1.1 204 No Content\r\n\r\n" }), newTransport(t)
	asked := 0
	if _, err := tr.RoundTrip(request(t, ownWay{t.Context(), &asked}, "http://"+s.Addr().String())); err != nil || asked != 1 {
		t.Errorf("%v, asked %d times; want once", err, asked)
	}
}

// Who gives up while a kept connection says nothing wants no new one.
func TestGivingUpOnAKeptConnection(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ string, nth int) string {
		if nth == 2 {
			cancel()
			<-ctx.Done()
			return ""
		}
		return "HTTP/1.1 204 No Content\r\n\r\n"
	})
	tr := newTransport(t)
	dial, dialed := tr.Dial, 0
	tr.Dial = func(ctx context.Context, scheme, address string) (net.Conn, error) {
		dialed++
		return dial(ctx, scheme, address)
	}
	for range 2 {
		tr.RoundTrip(request(t, ctx, "http://"+s.Addr().String()))
	}
	if dialed != 1 {
		t.Errorf("dialed %d times, want once", dialed)
	}
}
