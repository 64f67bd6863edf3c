package http1_test

import (
	"bufio"
	"context"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// says dials a server that reads one request, sends bytes and closes.
func says(answer []byte) func(context.Context) (net.Conn, error) {
	return func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			if _, err := http.ReadRequest(bufio.NewReader(theirs)); err == nil {
				theirs.Write(answer)
			}
		}()
		return ours, nil
	}
}

// heard is what becomes of a response.
type heard struct {
	failed, broken bool
	status         int
	proto          string
	length         int64
	header         http.Header
	body           string
}

func hear(t *testing.T, rt http.RoundTripper, method string) heard {
	t.Helper()
	r := request(t, t.Context(), "http://host.test/")
	r.Method = method
	resp, err := rt.RoundTrip(r)
	if err != nil {
		return heard{failed: true}
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols { // whose body net/http makes the connection
		return heard{status: resp.StatusCode, header: resp.Header}
	}
	body, err := io.ReadAll(resp.Body)
	return heard{false, err != nil, resp.StatusCode, resp.Proto, resp.ContentLength, resp.Header, string(body)}
}

// Whatever a server sends, it means the same as to net/http.
func FuzzResponse(f *testing.F) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, answer := range []string{
		"", "\n", "HTTP/1.1 200", ok, ok + "\r\nto its end", ok + "Content-Length: 2\r\n\r\nhi", ok + "Content-Length: 3\r\n\r\nhi",
		ok + "Content-Length: 2\r\n\r\nhi, and more", ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nhi", ok + "Content-Length: -1\r\n\r\n",
		ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n", ok + "Transfer-Encoding: chunked\r\n\r\nx\r\nhi\r\n",
		ok + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n2\r\nhi\r\n0\r\n\r\n", ok + "Transfer-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nhi", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\nhi", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nhi",
		"HTTP/2.0 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", ok + " A: b\r\n\r\n", ok + "A : b\r\n\r\n", ok + "A: b\r\n c\r\nA: d\r\n\r\n", ok + "\x00: b\r\n\r\n",
		ok + "Date: x\r\nSERVER:  a b \r\nx-a: 1\r\nX-A: 2\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi", ok + "Content-Length: 0\r\n\r\n",
		ok + "Connection: close\r\nContent-Length: 2\r\n\r\nhi", ok + "Pragma: no-cache\r\nContent-Length: 2\r\n\r\nhi", ok + "Content-Length: +2\r\n\r\nhi",
		ok + "Trailer: A\r\nContent-Length: 2\r\n\r\nhi", ok + "Content-Length: 2\n\nhi", ok + "A: b\rc\r\nContent-Length: 2\r\n\r\nhi",
		ok + "A b: c\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 404 \r\nContent-Length: 2\r\n\r\nhi",
		ok + strings.Repeat("A: b\r\n", 50) + "Content-Length: 2\r\n\r\nhi", ok + "Content-Length: 9223372036854775808\r\n\r\nhi",
	} {
		f.Add([]byte(answer), false)
		f.Add([]byte(answer), true)
	}
	log.SetOutput(io.Discard) // net/http logs what nobody asked for
	f.Fuzz(func(t *testing.T, answer []byte, head bool) {
		method := http.MethodGet
		if head {
			method = http.MethodHead
		}
		dial := says(answer)
		ours := newTransport(t)
		ours.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
		theirs := &http.Transport{
			DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
			DisableCompression:     true,
			MaxResponseHeaderBytes: ours.MaxHeader,
			ReadBufferSize:         ours.ReadBuffer,
		}
		defer theirs.CloseIdleConnections()
		got, want := hear(t, ours, method), hear(t, theirs, method)
		same := maps.EqualFunc(got.header, want.header, slices.Equal)
		got.header, want.header = nil, nil
		if !same || got.failed != want.failed || got.broken != want.broken || got.status != want.status ||
			got.proto != want.proto || got.length != want.length || got.body != want.body {
			t.Errorf("%q (%s):\ngot  %+v\nwant %+v", answer, method, got, want)
		}
	})
}
