package fetch_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
)

// Each limit ends an exchange and says which one it was.
func TestTimeouts(t *testing.T) {
	const short = 30 * time.Millisecond
	hold := make(chan struct{})
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/half":
			io.WriteString(w, "<p>half")
			w.(http.Flusher).Flush()
			<-hold
		case "/endless":
			for r.Context().Err() == nil {
				io.WriteString(w, "<p>and so on")
				w.(http.Flusher).Flush()
			}
		default:
			<-hold
		}
	})
	defer close(hold)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // connects, and then says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	drips := rawServer(t, func(conn net.Conn) {
		for _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: "); err == nil; {
			_, err = io.WriteString(conn, "x")
		}
	})
	for _, tt := range []struct {
		name, url string
		opts      fetch.Options
		words     string
	}{
		{"no header", s.URL, fetch.Options{IdleTimeout: short}, "header timeout: no complete header within 30ms"},
		{"no header in time", s.URL, fetch.Options{HeaderTimeout: short}, "header timeout: no complete header within 30ms"},
		{"header without an end", drips, fetch.Options{HeaderTimeout: short, Limits: fetch.Limits{Header: 1 << 40}}, "header timeout: no complete header within 30ms"},
		{"half a body", s.URL + "/half", fetch.Options{IdleTimeout: short}, "idle timeout: not a byte for 30ms"},
		{"endless body", s.URL + "/endless", fetch.Options{Timeout: short, MaxBody: 1 << 40}, "total timeout: not done within 30ms"},
		{"no handshake", "https://" + silent.Addr().String(), fetch.Options{ConnectTimeout: short}, "connect timeout: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kind, words := getKind(t, newClient(t, tt.opts), tt.url)
			if kind != fetch.KindTimeout || !strings.Contains(words, tt.words) {
				t.Errorf("%s: %s; want timeout: %s", kind, words, tt.words)
			}
		})
	}
}

// A request may have less time than the client gives others.
func TestTimeoutOfARequest(t *testing.T) {
	silent := rawServer(t, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	_, err := newClient(t, fetch.Options{}).Fetch(t.Context(), fetch.Request{URL: parse(t, silent), Timeout: 30 * time.Millisecond})
	if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != fetch.KindTimeout || e.Message() != "total timeout: not done within 30ms" {
		t.Errorf("%v; want timeout", err)
	}
}
