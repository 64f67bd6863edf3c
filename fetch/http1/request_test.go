package http1_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

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
