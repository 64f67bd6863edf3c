package fetch_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/dial"
)

// Over TLS the server's protocol is known after the handshake, and whichever it
// is, that connection is the one that all requests go over.
func TestOneConnectionOfEitherProtocol(t *testing.T) {
	for _, tt := range []struct {
		protocol string
		http2    bool
	}{{"HTTP/1.1", false}, {"HTTP/2.0", true}} {
		t.Run(tt.protocol, func(t *testing.T) {
			var accepted atomic.Int32
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
			s.EnableHTTP2 = tt.http2
			s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					accepted.Add(1)
				}
			}
			s.StartTLS()
			t.Cleanup(s.Close)
			c := newClient(t, fetch.Options{Roots: rootsOf(s)})
			for range 3 {
				if page := get(t, c, s.URL); page.Protocol != tt.protocol || string(page.Body) != tt.protocol {
					t.Errorf("%s, the server says %s; want %s", page.Protocol, page.Body, tt.protocol)
				}
			}
			if got := accepted.Load(); got != 1 {
				t.Errorf("%d connections, want 1", got)
			}
		})
	}
}

// A connection that was made before it was known that there is one to the host
// already is not left open.
func TestAConnectionTooMany(t *testing.T) {
	closed := make(chan string, 2)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RemoteAddr) }))
	s.EnableHTTP2 = true
	s.Config.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- conn.RemoteAddr().String()
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	var dials atomic.Int32
	dialing, goOn := make(chan bool), make(chan bool)
	c := newClient(t, fetch.Options{Roots: rootsOf(s), Dial: dial.Options{Deny: func(string, netip.AddrPort) error {
		if dials.Add(1) == 1 { // the first to ask is the last to be let go
			dialing <- true
			<-goOn
		}
		return nil
	}}})
	late := make(chan string)
	go func() {
		page, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, s.URL)})
		if err != nil {
			t.Error(err)
		}
		late <- string(page.Body)
	}()
	<-dialing
	used := string(get(t, c, s.URL).Body)
	goOn <- true
	if got := <-late; got != used {
		t.Errorf("the second request went over %s, want %s, as the first did", got, used)
	}
	if got := <-closed; got == used {
		t.Errorf("%s was closed, which is in use", got)
	}
}

// Connections of HTTP/2 that nobody uses are bounded in number as those of
// HTTP/1.1 are, not in time alone, and a host whose connection was closed for it
// is asked over a new one.
func TestConnectionsKeptOfManyHosts(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			const hosts, kept = 40, 4 // by idleConnections of one exchange
			closed := make(chan bool, 2*hosts)
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) }))
			s.EnableHTTP2 = protocol == "HTTP/2.0"
			s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateClosed {
					closed <- true
				}
			}
			s.StartTLS()
			t.Cleanup(s.Close)
			resolve := make(map[string]string)
			for i := range hosts {
				resolve[fmt.Sprintf("%d.example.com:443", i)] = s.Listener.Addr().String()
			}
			c := newClient(t, fetch.Options{Roots: rootsOf(s), Concurrency: 1, Dial: dial.Options{Resolve: resolve}})
			for i := range 2 * hosts {
				host := fmt.Sprintf("%d.example.com", i%hosts)
				if page := get(t, c, "https://"+host); page.Protocol != protocol || string(page.Body) != host {
					t.Errorf("%s: %s says %q", host, page.Protocol, page.Body)
				}
			}
			for n := range 2*hosts - 2*kept {
				select {
				case <-closed:
				case <-time.After(5 * time.Second):
					t.Fatalf("%d of %d connections were closed, want all but %d", n, 2*hosts, 2*kept)
				}
			}
		})
	}
}
