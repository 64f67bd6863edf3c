package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/dial"
)

// An HTTP proxy gets the whole URL, its password, and no credentials of ours
// beside those of the host; it may stand where no page may point.
func TestHTTPProxy(t *testing.T) {
	p := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") == "" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		fmt.Fprintf(w, "%s %s", r.RequestURI, r.Host)
	})
	private := func(_ string, a netip.AddrPort) error {
		if a.Addr().IsLoopback() {
			return errors.New("loopback")
		}
		return nil
	}
	opts := fetch.Options{
		Proxy: strings.Replace(p.URL, "//", "//user:pass@", 1),
		Dial:  dial.Options{Deny: private, Resolver: resolver{addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}}},
	}
	c := newClient(t, opts)
	for _, target := range []string{"/a/b?c", "//a", "/a|b", "/"} {
		page := get(t, c, "http://site.test"+target)
		if want := "http://site.test" + target + " site.test"; string(page.Body) != want || page.IP != "" {
			t.Errorf("the proxy read %q, page from %q; want %q", page.Body, page.IP, want)
		}
	}
	if kind, words := getKind(t, c, "http://127.0.0.1:1/"); kind != fetch.KindForbidden {
		t.Errorf("%s: %s; want the target's address judged before the proxy is asked", kind, words)
	}
	opts.Proxy = p.URL
	for _, url := range []string{"http://site.test/", "https://site.test/"} {
		if kind, words := getKind(t, newClient(t, opts), url); kind != fetch.KindProxy || !strings.Contains(words, "wants a user and password") {
			t.Errorf("%s without a password: %s: %s", url, kind, words)
		}
	}
}

// A proxy of the environment that cannot be read is a mistake, which is said
// without the password in it, and no reason to go past the proxy; NO_PROXY is.
func TestProxyOfTheEnvironment(t *testing.T) {
	p := newServer(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the proxy") })
	names := dial.Options{Resolver: resolver{addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}}
	noProxies(t)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		for _, bad := range []string{"http://u:sekret%zz@127.0.0.1:1", "http://u:sekret", "u:sekret@127.0.0.1:1x", "ftp://u:sekret@127.0.0.1:1", "socks4://127.0.0.1:1", "http://:1"} {
			t.Run(name+" "+bad, func(t *testing.T) {
				t.Setenv(name, bad)
				_, err := fetch.New(fetch.Options{Dial: names})
				if err == nil || !strings.HasPrefix(err.Error(), name) || strings.Contains(err.Error(), "sek") {
					t.Errorf("error %v", err)
				}
				newClient(t, fetch.Options{Proxy: "none"})
			})
		}
	}
	t.Setenv("HTTP_PROXY", strings.TrimPrefix(p.URL, "http://"))
	t.Setenv("NO_PROXY", "direct.test")
	c := newClient(t, fetch.Options{Dial: names})
	if got := string(get(t, c, "http://site.test/").Body); got != "the proxy" {
		t.Errorf("the proxy was passed by: %q", got)
	}
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the site") })
	if got := string(get(t, c, strings.Replace(s.URL, "127.0.0.1", "direct.test", 1)).Body); got != "the site" {
		t.Errorf("not past the proxy: %q", got)
	}
}

// A tunnel's failures are the proxy's; what comes through it is the site's.
func TestTunnel(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/407" {
			w.WriteHeader(http.StatusProxyAuthRequired)
		}
		io.WriteString(w, r.RequestURI)
	}))
	t.Cleanup(s.Close)
	proxy := rawLines(t, func(conn net.Conn, header []string) {
		if !strings.HasPrefix(header[0], "CONNECT example.com:443 ") {
			t.Errorf("the proxy was asked %s", header[0])
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		relay(conn, s.Listener.Addr().String())
	})
	c := newClient(t, fetch.Options{Proxy: proxy, Roots: rootsOf(s)}) // the test certificate is for example.com
	if got := string(get(t, c, "https://example.com/a|b?c").Body); got != "/a|b?c" {
		t.Errorf("the site read %q", got)
	}
	if page := get(t, c, "https://example.com/407"); page.Status != http.StatusProxyAuthRequired {
		t.Errorf("the site's own 407 is %d", page.Status)
	}
	c = newClient(t, fetch.Options{Proxy: rawServer(t, says("HTTP/1.1 502 Bad Gateway\r\n\r\n"))})
	if kind, words := getKind(t, c, "https://down.test/"); kind != fetch.KindProxy || !strings.Contains(words, "502 Bad Gateway") {
		t.Errorf("%s: %s", kind, words)
	}
}

// A proxy over TLS is spoken to in HTTP/1.1, though it would rather have HTTP/2.
func TestProxyOverTLS(t *testing.T) {
	site := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "the site") }))
	t.Cleanup(site.Close)
	p := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			io.WriteString(w, "the proxy")
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("a tunnel over %s: %v", r.Proto, err)
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		relay(conn, site.Listener.Addr().String())
	}))
	p.EnableHTTP2 = true
	p.StartTLS()
	t.Cleanup(p.Close)
	roots := rootsOf(p)
	roots.AddCert(site.Certificate())
	noProxies(t)
	for name, opts := range map[string]fetch.Options{"of the options": {Proxy: p.URL}, "of the environment": {}} {
		t.Setenv("HTTP_PROXY", p.URL)
		t.Setenv("HTTPS_PROXY", p.URL)
		opts.Roots = roots
		c := newClient(t, opts)
		for url, want := range map[string]string{"http://example.com/": "the proxy", "https://example.com/": "the site"} {
			if got := string(get(t, c, url).Body); got != want {
				t.Errorf("%s by the proxy %s: %q, want %q", url, name, got, want)
			}
		}
	}
}

// A proxy over TLS is the user's word like any other: its address is not judged,
// and when it goes away, that is no fault of the sites.
func TestProxyOverTLSIsTrusted(t *testing.T) {
	noProxies(t)
	p := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		io.WriteString(w, "the proxy")
	}))
	c := newClient(t, fetch.Options{Proxy: p.URL, Roots: rootsOf(p), Dial: dial.Options{
		Resolver: resolver{addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}},
		Deny: func(_ string, addr netip.AddrPort) error {
			if addr.Addr().IsLoopback() {
				return errors.New("loopback")
			}
			return nil
		},
	}})
	if got := string(get(t, c, "http://site.test/").Body); got != "the proxy" {
		t.Errorf("got %q", got)
	}
	p.Close()
	_, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, "http://site.test/")})
	if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != fetch.KindProxy || !e.Offline {
		t.Errorf("%v; want the proxy to be away", err)
	}
}

// noProxies has the environment of the tests name no proxy.
func noProxies(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"} {
		t.Setenv(name, "")
	}
}

// relay copies between conn and the server at addr until either is done.
func relay(conn net.Conn, addr string) {
	up, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		io.Copy(up, conn)
		up.Close()
		close(done)
	}()
	io.Copy(conn, up)
	conn.Close()
	<-done
}

// A target that cannot be judged before a proxy is asked for it is refused when
// its name does not exist; one that cannot be looked up for now is worth another
// try, and no fault of its own when no name can be.
func TestProxyTargetThatCannotBeLookedUp(t *testing.T) {
	for name, want := range map[string]fetch.Error{
		"missing.test": {Kind: fetch.KindForbidden},
		"later.test":   {Kind: fetch.KindDNS, Offline: true},
	} {
		r := &answers{}
		c := newClient(t, fetch.Options{Proxy: "http://127.0.0.1:1", Dial: dial.Options{Resolver: r, Deny: func(_ string, addr netip.AddrPort) error {
			if !addr.IsValid() {
				return errors.New("a name without an address")
			}
			return nil
		}}})
		getKind(t, c, "http://found.test/")
		r.down = true
		_, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, "http://"+name+"/")})
		if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != want.Kind || e.Offline != want.Offline {
			t.Errorf("%s: %#v (%v), want %s, offline %v", name, e, err, want.Kind, want.Offline)
		}
	}
}

// answers is a resolver that finds every name but one, until it is down and
// answers nothing about the others.
type answers struct{ down bool }

func (r *answers) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if host == "missing.test" || r.down {
		return nil, &net.DNSError{Err: "no answer", Name: host, IsNotFound: host == "missing.test", IsTemporary: host != "missing.test"}
	}
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}

// That a proxy goes away is no fault of the sites, and will pass; one that never
// was there is a mistake. A connection to it may have been kept.
func TestProxyThatGoesAway(t *testing.T) {
	for _, was := range []bool{true, false} {
		for _, scheme := range []string{"http", "socks5"} {
			for _, url := range []string{"http://site.test/", "https://site.test/"} {
				addr, leave := passing(t)
				c := newClient(t, fetch.Options{Proxy: scheme + "://" + addr})
				if was {
					_, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, url)})
					if e, ok := errors.AsType[*fetch.Error](err); ok && e.Offline {
						t.Errorf("%s through a %s proxy that is there: %v: offline", url, scheme, err)
					}
				}
				leave()
				_, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, url)})
				if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != fetch.KindProxy || e.Offline != was {
					t.Errorf("%s through a %s proxy that is gone: %v, offline %v; want %s, %v", url, scheme, err, ok && e.Offline, fetch.KindProxy, was)
				}
			}
		}
	}
}

// passing is a proxy that answers whatever comes first on a connection as HTTP,
// and keeps it until the proxy leaves.
func passing(t *testing.T) (addr string, leave func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var conns []net.Conn
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
			conn.Read(make([]byte, 1<<10))
			io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		}
	}()
	return l.Addr().String(), func() {
		l.Close()
		<-done
		for _, conn := range conns {
			conn.Close()
		}
	}
}

func TestSOCKS(t *testing.T) {
	s, targets := targetServer(t)
	for _, tt := range []struct {
		scheme string
		reply  byte
	}{{"socks5", 0}, {"socks5h", 0}, {"socks5", 5}} {
		addr := socks(t, strings.TrimPrefix(s, "http://"), tt.reply)
		c := newClient(t, fetch.Options{Proxy: tt.scheme + "://" + addr})
		if tt.reply != 0 {
			if kind, words := getKind(t, c, "http://site.test/a|b"); kind != fetch.KindProxy || !strings.Contains(words, "connection refused") {
				t.Errorf("%s: %s; want the proxy's reply", kind, words)
			}
			continue
		}
		page := get(t, c, "http://site.test/a|b")
		if got := <-targets; got != "/a|b" || page.IP != "" {
			t.Errorf("%s: the site read %q, page from %q", tt.scheme, got, page.IP)
		}
	}
}

// socks is a SOCKS5 proxy (RFC 1928) to one address, for one connection.
func socks(t *testing.T, target string, reply byte) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		b := make([]byte, 256)
		conn.Read(b) // version, methods
		conn.Write([]byte{5, 0})
		conn.Read(b) // version, connect, the name
		conn.Write([]byte{5, reply, 0, 1, 0, 0, 0, 0, 0, 0})
		if reply == 0 {
			relay(conn, target)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}
