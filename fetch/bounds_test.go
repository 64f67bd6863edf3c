package fetch_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
)

// Of a coded body without an end no more is decoded than is wanted, whatever
// its ratio, and however many bytes of it may come.
func TestEndlessCodedBody(t *testing.T) {
	noise := make([]byte, 64<<10)
	rand.NewChaCha8([32]byte{}).Read(noise)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for err := error(nil); err == nil; {
			_, err = z.Write(noise)
		}
	})
	c := newClient(t, fetch.Options{MaxBody: 100_000, Limits: fetch.Limits{Compressed: 1 << 40, Ratio: 1 << 30}, Timeout: 5 * time.Second})
	if page := get(t, c, s.URL); len(page.Body) != 100_000 || page.Limit != fetch.LimitBody {
		t.Errorf("%d bytes, limit %q", len(page.Body), page.Limit)
	}
}

// Of a body that is not wanted, or that has been cut, only so much is read as
// costs less than a new connection: not all that the server promises.
func TestNotDrained(t *testing.T) {
	const promised = 8 << 20
	sent := make(chan int, 1)
	url := rawServer(t, func(conn net.Conn) {
		n, _ := fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n", promised)
		chunk := make([]byte, 4<<10)
		for err := error(nil); err == nil && n < promised; {
			var k int
			k, err = conn.Write(chunk)
			n += k
		}
		sent <- n
	})
	unwanted := fetch.Options{Want: func(string) int64 { return 0 }}
	for name, opts := range map[string]fetch.Options{"unwanted": unwanted, "cut": {MaxBody: 1000}} {
		c := newClient(t, opts)
		get(t, c, url)
		if n := <-sent; n >= promised {
			t.Errorf("%s: all of the body was read", name)
		}
	}
}

// A server that promises much and sends nothing gets no room for what it
// promises: there is some for the next.
func TestPromiseIsNotBelieved(t *testing.T) {
	hold := make(chan struct{})
	asked := make(chan struct{})
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/next" {
			io.WriteString(w, "next")
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(10<<20))
		io.WriteString(w, "<p>")
		w.(http.Flusher).Flush()
		close(asked)
		<-hold
	})
	c := newClient(t, fetch.Options{MaxHeld: 3 << 20})
	ended := make(chan error, 1)
	go func() {
		_, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, s.URL+"/much")})
		ended <- err
	}()
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for range 20 { // in one of these at the latest the first has its room
		page, err := c.Fetch(ctx, fetch.Request{URL: parse(t, s.URL+"/next")})
		if err != nil {
			t.Error(err)
			break
		}
		page.Release()
	}
	close(hold)
	if err := <-ended; err == nil {
		t.Error("a part was taken for the page")
	}
}

// A handshake that stalls is broken off, also where nobody waits for it any
// more: else each would hold a connection for good.
func TestStalledHandshakeIsBrokenOff(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := newClient(t, fetch.Options{ConnectTimeout: 50 * time.Millisecond})
	if kind, words := getKind(t, c, "https://"+l.Addr().String()); kind != fetch.KindTimeout {
		t.Errorf("%s: %s", kind, words)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection is open: %v", err)
	}
}

// What a failure quotes of a response has an end, however long the line was.
func TestLongFailureIsToldInFewWords(t *testing.T) {
	long := strings.Repeat("\xff", 200_000)
	for _, answer := range []string{
		long + "\r\n\r\n",
		"HTTP/1.1 " + long + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\n" + long + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: " + long + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + long + "\r\n\r\n",
	} {
		kind, words := getKind(t, newClient(t, fetch.Options{}), rawServer(t, says(answer)))
		if kind != fetch.KindProtocol || len(words) > 1100 || !strings.HasSuffix(words, "…") {
			t.Errorf("%.40q: %s, %d bytes: %.80s", answer, kind, len(words), words)
		}
	}
}
