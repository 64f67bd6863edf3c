package http1_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/trawl-crawler/trawl/fetch/http1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A server answers requests by their paths, as it is told to, byte for byte.
type server struct {
	net.Listener
	accepted atomic.Int32
	asked    atomic.Int32
	done     sync.WaitGroup
}

// serve listens on the loopback. The answer to a request is given by its path and
// what number it has on its connection; after one of no bytes, and one that
// ends with closes, the connection is closed.
func serve(t testing.TB, answer func(path string, nth int) string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Listener: l}
	s.done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.accepted.Add(1)
			s.done.Go(func() { s.talk(conn, answer) })
		}
	})
	t.Cleanup(func() { l.Close(); s.done.Wait() })
	return s
}

const closes = "\x00"

func (s *server) talk(conn net.Conn, answer func(string, int) string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for nth := 1; ; nth++ {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		s.asked.Add(1)
		text, last := strings.CutSuffix(answer(r.URL.Path, nth), closes)
		if _, err := io.WriteString(conn, text); err != nil || last || text == "" {
			return
		}
	}
}

// newTransport keeps three connections, two of an origin; the last to be cleaned
// up, so that servers see the end of them.
func newTransport(t testing.TB) *http1.Transport {
	tr := &http1.Transport{
		Dial: func(ctx context.Context, _, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
		MaxHeader: 4 << 10, ReadBuffer: 1 << 10, MaxIdle: 3, MaxIdlePerHost: 2, IdleTimeout: time.Minute,
	}
	t.Cleanup(tr.Close)
	return tr
}

func request(t testing.TB, ctx context.Context, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// get reads a response to its end.
func get(t testing.TB, rt http.RoundTripper, url string) (status int, body string, err error) {
	t.Helper()
	resp, err := rt.RoundTrip(request(t, t.Context(), url))
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text := bytes.NewBuffer(make([]byte, 0, 8<<10)) // room for what is read past the transport's buffer
	_, err = text.ReadFrom(resp.Body)
	return resp.StatusCode, text.String(), err
}

// A connection is used again when the response ends where it says, and is all
// that came.
func TestWhenAConnectionIsUsedAgain(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	long := strings.Repeat("b", 5000)
	for _, tt := range []struct {
		name, answer, body string
		again              bool
	}{
		{"length", ok + "Content-Length: 2\r\n\r\nhi", "hi", true},
		{"chunks", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "hi", true},
		{"chunks and a trailer", ok + "Transfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n", "hi", true},
		{"no bytes", ok + "Content-Length: 0\r\n\r\n", "", true},
		{"no body", "HTTP/1.1 204 No Content\r\n\r\n", "", true},
		{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", "", true},
		{"interim", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nhi", "hi", true},
		{"asked to close", ok + "Connection: close\r\nContent-Length: 2\r\n\r\nhi", "hi", false},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", false},
		{"HTTP/1.0, kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", "hi", true},
		{"until it is closed", ok + "\r\nhi" + closes, "hi", false},
		{"more than the length", ok + "Content-Length: 2\r\n\r\nhi!", "hi", false},
		{"more than a long one", ok + "Content-Length: 5000\r\n\r\n" + long + "\r\n", long, false},
		{"a long one", ok + "Content-Length: 5000\r\n\r\n" + long, long, true},
		{"two responses", strings.Repeat(ok+"Content-Length: 2\r\n\r\nhi", 2), "hi", false},
		{"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, tr := serve(t, func(string, int) string { return tt.answer }), newTransport(t)
			for range 2 {
				if _, body, err := get(t, tr, "http://"+s.Addr().String()); body != tt.body || err != nil {
					t.Errorf("%q, %v; want %q", body, err, tt.body)
				}
			}
			if again := s.accepted.Load() == 1; again != tt.again {
				t.Errorf("used again: %v, want %v", again, tt.again)
			}
		})
	}
}

// A body that is left before its end takes the connection with it.
func TestLeavingABody(t *testing.T) {
	s, tr := serve(t, func(path string, _ int) string { return "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + path[1:] }), newTransport(t)
	for _, begins := range []string{"", "hi"} {
		resp, err := tr.RoundTrip(request(t, t.Context(), "http://"+s.Addr().String()+"/"+begins))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if n, err := resp.Body.Read(make([]byte, 2)); n > 0 || err == nil {
			t.Errorf("read %d bytes of a closed body", n)
		}
	}
	if got := s.accepted.Load(); got != 2 {
		t.Errorf("%d connections, want 2", got)
	}
}

// What is asked again, and what is not.
func TestAskingAgain(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
	for _, tt := range []struct {
		name   string
		answer func(nth int) string
		fails  bool // the second request
		asked  int32
	}{
		{"closed without an answer when it was kept", func(nth int) string { return map[int]string{1: ok}[nth] }, false, 3},
		{"closed within an answer", func(nth int) string { return map[int]string{1: ok, 2: "HTTP/1.1 2" + closes}[nth] }, true, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, tr := serve(t, func(_ string, nth int) string { return tt.answer(nth) }), newTransport(t)
			url := "http://" + s.Addr().String()
			if _, _, err := get(t, tr, url); err != nil {
				t.Fatal(err)
			}
			if _, _, err := get(t, tr, url); err != nil != tt.fails {
				t.Errorf("the second request: %v; want an error: %v", err, tt.fails)
			}
			if got := s.asked.Load(); got != tt.asked {
				t.Errorf("asked %d times, want %d", got, tt.asked)
			}
		})
	}
	t.Run("closed without an answer when it was new", func(t *testing.T) {
		s, tr := serve(t, func(string, int) string { return "" }), newTransport(t)
		if _, _, err := get(t, tr, "http://"+s.Addr().String()); !errors.Is(err, io.EOF) || s.asked.Load() != 1 {
			t.Errorf("%v after %d requests; want EOF after 1", err, s.asked.Load())
		}
	})
}

// A header has a limit, of all of it, interim responses too.
func TestLimitsOfAHeader(t *testing.T) {
	interim := "HTTP/1.1 103 Early Hints\r\n\r\n"
	long := "HTTP/1.1 103 Early Hints\r\nX: " + strings.Repeat("x", 1000) + "\r\n\r\n"
	ok := "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + strings.Repeat("b", 5000)
	for _, tt := range []struct{ name, answer, words string }{
		{"within", strings.Repeat(interim, 9) + ok, ""},
		{"a line without end", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 5000), "response headers exceeded the limit"},
		{"of all together", strings.Repeat(long, 5) + ok, "response headers exceeded the limit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, tr := serve(t, func(string, int) string { return tt.answer + closes }), newTransport(t)
			_, body, err := get(t, tr, "http://"+s.Addr().String())
			if tt.words == "" && (err != nil || len(body) != 5000) || tt.words != "" && (err == nil || err.Error() != tt.words) {
				t.Errorf("%d bytes, %v; want %q", len(body), err, tt.words)
			}
		})
	}
}

// Each answer reaches who asked for it, whatever comes between.
func TestManyAtATime(t *testing.T) {
	s := serve(t, func(path string, nth int) string {
		end := ""
		if nth%7 == 0 {
			end = closes
		}
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s", len(path), path, end)
	})
	tr := newTransport(t)
	tr.MaxIdle, tr.MaxIdlePerHost = 8, 8
	var clients sync.WaitGroup
	for i := range 16 {
		clients.Go(func() {
			for j := range 200 {
				path := fmt.Sprintf("/%d/%d", i, j)
				if _, body, err := get(t, tr, "http://"+s.Addr().String()+path); body != path || err != nil {
					t.Errorf("%s: %q, %v", path, body, err)
					return
				}
			}
		})
	}
	clients.Wait()
}

// An error is the body's end for good, so that none takes it for a whole one.
func TestAnErrorStays(t *testing.T) {
	s, tr := serve(t, func(string, int) string {
		return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nx\r\n"
	}), newTransport(t)
	resp, err := tr.RoundTrip(request(t, t.Context(), "http://"+s.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	_, first := io.ReadAll(resp.Body)
	_, second := resp.Body.Read(make([]byte, 1))
	resp.Body.Close()
	if _, third := resp.Body.Read(make([]byte, 1)); first == nil || second != first || third != first {
		t.Errorf("%v, then %v and %v", first, second, third)
	}
}
