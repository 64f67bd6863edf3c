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
	"syscall"
	"testing"
	"testing/synctest"
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

// A request is what net/http writes, byte for byte.
func TestRequestsAreNetHTTPs(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"plain":           func(r *http.Request) {},
		"HEAD":            func(r *http.Request) { r.Method = http.MethodHead },
		"another host":    func(r *http.Request) { r.Host = "other.test:81" },
		"no valid host":   func(r *http.Request) { r.Host = "a b" },
		"host in Unicode": func(r *http.Request) { r.Host = "bücher.test" },
		"opaque target":   func(r *http.Request) { r.URL.Opaque = "/a|b?c=\"" },
		"absolute target": func(r *http.Request) { r.URL.Opaque = "//127.0.0.1//a" },
		"long":            func(r *http.Request) { r.URL.Opaque = "/" + strings.Repeat("a", 5000) },
		"fields": func(r *http.Request) {
			r.Header = http.Header{"User-Agent": {"x", "y"}, "Accept": {"a", "b"}, "Cookie": {" a=1; b=2\t"}, "If-None-Match": {`"é"`}, "A": {""}}
		},
		"fields of a body": func(r *http.Request) {
			r.Header["Content-Length"], r.Header["Transfer-Encoding"], r.Header["Trailer"] = []string{"5"}, []string{"chunked"}, []string{"A"}
		},
		"no agent": func(r *http.Request) { r.Header.Set("User-Agent", "") },
	} {
		r := request(t, t.Context(), "http://127.0.0.1:80/a/b?c=d")
		r.Header.Set("User-Agent", "trawl")
		change(r)
		var want bytes.Buffer
		if err := r.Write(&want); err != nil {
			t.Fatal(err)
		}
		if got := sent(t, r); got != want.String() {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, want.String())
		}
	}
}

// sent is what a transport writes of a request.
func sent(t *testing.T, r *http.Request) string {
	t.Helper()
	ours, theirs := net.Pipe()
	got := make(chan string, 1)
	go func() {
		defer theirs.Close()
		var text []byte
		buf := make([]byte, 1<<10)
		for !bytes.HasSuffix(text, []byte("\r\n\r\n")) {
			n, err := theirs.Read(buf)
			if err != nil {
				break
			}
			text = append(text, buf[:n]...)
		}
		got <- string(text)
	}()
	tr := newTransport(t)
	tr.Dial = func(context.Context, string, string) (net.Conn, error) { return ours, nil }
	tr.RoundTrip(r)
	return <-got
}

// early is a connection to a server that answers without reading, each time that
// it is listened to.
type early struct {
	net.Conn
	answer string
}

func (early) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func (e early) Read(p []byte) (int, error) {
	if e.answer == "" {
		return 0, io.EOF
	}
	return copy(p, e.answer), nil
}

// An answer counts also when the request could not be written to its end; if
// there is none, that is what is said.
func TestAnAnswerBeforeTheRequestIsRead(t *testing.T) {
	for answer, status := range map[string]int{"HTTP/1.1 414 URI Too Long\r\nContent-Length: 0\r\n\r\n": 414, "": 0} {
		tr := newTransport(t)
		dialed := 0
		tr.Dial = func(context.Context, string, string) (net.Conn, error) {
			dialed++
			ours, theirs := net.Pipe()
			theirs.Close()
			return early{ours, answer}, nil
		}
		for range 2 {
			if got, _, err := get(t, tr, "http://host.test/"); got != status || status == 0 && !errors.Is(err, syscall.EPIPE) {
				t.Errorf("status %d, %v; want %d", got, err, status)
			}
		}
		if dialed != 2 {
			t.Errorf("%d connections for 2 requests", dialed)
		}
	}
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

// What would be more than one request is not sent.
func TestRequestsThatAreRefused(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"target": func(r *http.Request) { r.URL.Opaque = "/ HTTP/1.1\r\nA: b" },
		"name":   func(r *http.Request) { r.Header["A: b\r\nC"] = []string{"d"} },
		"value":  func(r *http.Request) { r.Header["A"] = []string{"b\r\nC: d"} },
	} {
		s, tr := serve(t, func(string, int) string { return "" }), newTransport(t)
		r := request(t, t.Context(), "http://"+s.Addr().String())
		change(r)
		if _, err := tr.RoundTrip(r); err == nil || !strings.Contains(err.Error(), "invalid") || s.asked.Load() > 0 {
			t.Errorf("%s: %v, asked %d times", name, err, s.asked.Load())
		}
	}
}

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
