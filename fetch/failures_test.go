package fetch_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/dial"
)

func rootsOf(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// What servers do wrong on the wire, and what is said of it.
func TestFailuresOfServers(t *testing.T) {
	reset := func(conn net.Conn) { conn.(*net.TCPConn).SetLinger(0) }
	const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	for _, tt := range []struct {
		name   string
		answer func(net.Conn)
		kind   fetch.Kind
		words  string
	}{
		{"closes at once", says(""), fetch.KindReset, "closed the connection without an answer"},
		{"resets", reset, fetch.KindReset, "connection reset by peer"},
		{"half a header", says("HTTP/1.1 200 OK\r\nContent-Type: text/h"), fetch.KindReset, "closed the connection"},
		{"HTTP/0.9", says("<html>hello</html>"), fetch.KindProtocol, `malformed HTTP response "<html>hello</html>"`},
		{"another protocol", says("SSH-2.0-OpenSSH_9.6\r\n"), fetch.KindProtocol, `malformed HTTP response "SSH-2.0-OpenSSH_9.6"`},
		{"status that is no number", says("HTTP/1.1 OK\r\n\r\n"), fetch.KindProtocol, "malformed HTTP status code"},
		{"header that is none", says("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"), fetch.KindProtocol, "malformed MIME header"},
		{"transfer coding that nobody has", says(ok + "Transfer-Encoding: gzip\r\n\r\n"), fetch.KindProtocol, "unsupported transfer encoding"},
		{"two lengths", says(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), fetch.KindProtocol, "Content-Length"},
		{"chunk without a size", says(ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), fetch.KindProtocol, "chunk length"},
		{"switches protocols", says("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), fetch.KindProtocol, "status 101"},
		{"body cut short", says(ok + "Content-Length: 100\r\n\r\nshort"), fetch.KindReset, "ended after 5 of 100 bytes"},
		{"chunked body cut short", says(ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"), fetch.KindReset, "cut after 5 bytes"},
		{"endless header", func(conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			for range 300 {
				if _, err := io.WriteString(conn, "X: "+strings.Repeat("x", 1000)+"\r\n"); err != nil {
					return
				}
			}
		}, fetch.KindTooLarge, "header is larger"},
		{"gzip that is none", says(ok + "Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n<p>hello</p>"), fetch.KindDecode, "content coding gzip: gzip: invalid header"},
		{"gzip cut short", says(ok + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"), fetch.KindDecode, "content coding gzip: the data end too early"},
		{"four codings", says(ok + "Content-Encoding: gzip, gzip, gzip, gzip\r\nContent-Length: 5\r\n\r\nhello"), fetch.KindDecode, "4 content codings"},
		{"coding that nobody has", says(ok + "Content-Encoding: compress\r\nContent-Length: 5\r\n\r\nhello"), fetch.KindDecode, `"compress"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kind, words := getKind(t, newClient(t, fetch.Options{}), rawServer(t, tt.answer))
			if kind != tt.kind || !strings.Contains(words, tt.words) {
				t.Errorf("%s: %s; want %s: … %s", kind, words, tt.kind, tt.words)
			}
			noWrapping(t, words)
		})
	}
}

// A response that is not 2xx has its say in its header, whatever becomes of its
// body: a redirect that is no gzip leads on, a busy server that breaks off is
// left alone for as long as it asked, and there is no robots.txt where a 404 is cut.
func TestBrokenBodyOfAnotherStatus(t *testing.T) {
	const header = "Content-Type: text/html\r\nLocation: /to\r\nRetry-After: 7\r\n"
	for name, body := range map[string]string{
		"gzip that is none":      "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
		"coding that nobody has": "Content-Encoding: xz\r\nContent-Length: 5\r\n\r\nhello",
		"cut short":              "Content-Length: 100\r\n\r\nhello",
		"chunk without a size":   "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		for _, status := range []string{"301 Moved", "404 Not Found", "429 Too Many Requests", "503 Busy"} {
			t.Run(status+" "+name, func(t *testing.T) {
				c := newClient(t, fetch.Options{MaxHeld: 1 << 20})
				p := get(t, c, rawServer(t, says("HTTP/1.1 "+status+"\r\n"+header+body)))
				got := fmt.Sprint(p.Status, p.Header.Get("Location"), p.Header.Get("Retry-After"), p.Body == nil, p.Length, p.Truncated)
				if want := fmt.Sprint(status[:3], "/to", "7", true, -1, false); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				c.Hold(1) // what the body held is free again: else there is no room for another
				get(t, c, rawServer(t, says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")))
			})
		}
	}
}

// noWrapping fails when a message has net/http's inside in it.
func noWrapping(t *testing.T, words string) {
	t.Helper()
	for _, noise := range []string{"net/http", "transport connection broken", "Get \"", "dial tcp", "read tcp", "EOF", "x509:", "tls:"} {
		if strings.Contains(words, noise) {
			t.Errorf("%q in the message %q", noise, words)
		}
	}
}

// resolver answers every name with the same.
type resolver struct {
	addrs []netip.Addr
	err   error
}

func (r resolver) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return r.addrs, r.err
}

// What keeps a connection from being made.
func TestFailuresToConnect(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	policy, err := dial.NewPolicy(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, url string
		opts      fetch.Options
		kind      fetch.Kind
		words     string
	}{
		{"nobody listens", "http://" + closed, fetch.Options{}, fetch.KindConnect, "connect to " + closed + ": connection refused"},
		{"no such name", "http://missing.test/", fetch.Options{Dial: dial.Options{Resolver: resolver{}}}, fetch.KindDNS, "no such host: missing.test"},
		{"name server down", "http://example.test/", fetch.Options{Dial: dial.Options{
			Resolver: resolver{err: &net.DNSError{Err: "server misbehaving", Name: "example.test", IsTemporary: true}},
		}}, fetch.KindDNS, "could not be looked up for now: server misbehaving"},
		{"name server silent", "http://example.test/", fetch.Options{Dial: dial.Options{
			Resolver: resolver{err: &net.DNSError{Err: "i/o timeout", Name: "example.test", IsTimeout: true}},
		}}, fetch.KindDNS, "no answer about the name example.test in time"},
		{"refused address", "http://example.test/", fetch.Options{Dial: dial.Options{
			Resolver: resolver{addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}},
			Deny:     policy.Deny,
		}}, fetch.KindForbidden, "127.0.0.1:80 of example.test may not be asked: a loopback address"},
		{"proxy that is not there", "http://example.test/", fetch.Options{Proxy: "http://" + closed}, fetch.KindProxy, "proxy " + closed + ": connection refused"},
		{"… for TLS", "https://example.test/", fetch.Options{Proxy: "http://" + closed}, fetch.KindProxy, "proxy " + closed + ": connection refused"},
		{"… SOCKS", "https://example.test/", fetch.Options{Proxy: "socks5://" + closed}, fetch.KindProxy, "proxy " + closed + ": connection refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, tt.opts)
			kind, words := getKind(t, c, tt.url)
			if kind != tt.kind || !strings.Contains(words, tt.words) {
				t.Errorf("%s: %s; want %s: … %s", kind, words, tt.kind, tt.words)
			}
			noWrapping(t, words)
			if got, want := started(t, c, tt.url), kind == fetch.KindConnect; got != want {
				t.Errorf("counted as a request: %v, want %v", got, want)
			}
		})
	}
}

// started tells whether an exchange counts as a request to its host.
func started(t *testing.T, c *fetch.Client, url string) (was bool) {
	_, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, url), Started: func(time.Time) { was = true }})
	if err == nil {
		t.Errorf("%s was fetched", url)
	}
	return was
}

// certificate makes one that signs itself.
func certificate(t *testing.T, names []string, from, to time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Testing CA"}, DNSNames: names,
		NotBefore: from, NotAfter: to, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestFailuresOfTLS(t *testing.T) {
	now := time.Now()
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	for _, tt := range []struct {
		name     string
		names    []string
		from, to time.Time
		trusted  bool
		newest   uint16
		words    string
	}{
		{"expired", []string{"site.test"}, day(-20), day(-10), true, 0, "the certificate expired on " + day(-10).UTC().Format(time.DateOnly)},
		{"too early", []string{"site.test"}, day(10), day(20), true, 0, "the certificate is not valid before " + day(10).UTC().Format(time.DateOnly)},
		{"another host's", []string{"a.test", "b.test", "c.test", "d.test"}, day(-1), day(1), true, 0, "the certificate is not for site.test but for a.test, b.test, c.test and 1 more"},
		{"unknown authority", []string{"site.test"}, day(-1), day(1), false, 0, "signed by an authority unknown here (CN=Testing CA)"},
		{"only old TLS", []string{"site.test"}, day(-1), day(1), true, tls.VersionTLS10, "protocol version not supported"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cert, roots := certificate(t, tt.names, tt.from, tt.to)
			s := httptest.NewUnstartedServer(http.NotFoundHandler())
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tt.newest, Certificates: []tls.Certificate{cert}}
			s.Config.ErrorLog = quiet
			s.StartTLS()
			defer s.Close()
			if !tt.trusted {
				roots = x509.NewCertPool()
			}
			opts := fetch.Options{Roots: roots, Dial: dial.Options{Resolve: map[string]string{"site.test:443": s.Listener.Addr().String()}}}
			c := newClient(t, opts)
			if !started(t, c, "https://site.test/") {
				t.Error("a handshake does not count as a request")
			}
			kind, words := getKind(t, c, "https://site.test/")
			if kind != fetch.KindTLS || !strings.Contains(words, tt.words) {
				t.Errorf("%s: %s; want tls: … %s", kind, words, tt.words)
			}
			noWrapping(t, words)
			if tt.newest == 0 {
				opts.Insecure = true
				if p := get(t, newClient(t, opts), "https://site.test/"); p.Status != 404 {
					t.Errorf("insecure: status %d", p.Status)
				}
			}
		})
	}
}

// A port that speaks something else than TLS, or hangs up.
func TestNoTLS(t *testing.T) {
	plain := newServer(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, fetch.Options{})
	kind, words := getKind(t, c, strings.Replace(plain.URL, "http:", "https:", 1))
	if kind != fetch.KindTLS || !strings.Contains(words, "does not speak TLS") {
		t.Errorf("%s: %s", kind, words)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 1)) // the rest of it stays unread: closing resets
			conn.Close()
		}
	}()
	if kind, words := getKind(t, c, "https://"+l.Addr().String()); kind != fetch.KindConnect {
		t.Errorf("hangs up in the handshake: %s: %s; want connect", kind, words)
	}
}

// A stream that the server refuses is not asked for again at the same turn, on
// the connection that was kept: what net/http would do up to seven times.
func TestRefusedStreamIsNotRepeated(t *testing.T) {
	var streams atomic.Int32
	s := httptest.NewUnstartedServer(nil)
	s.TLS = &tls.Config{NextProtos: []string{"h2"}}
	s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) { refuseStreams(conn, &streams) },
	}
	s.StartTLS()
	defer s.Close()
	c := newClient(t, fetch.Options{Insecure: true})
	get(t, c, s.URL)
	for n := range int32(2) {
		if kind, words := getKind(t, c, s.URL); kind != fetch.KindReset {
			t.Errorf("%s: %s; want reset", kind, words)
		}
		if got := streams.Load(); got != 2+n {
			t.Errorf("request %d was made %d times", 2+n, got-1-n)
		}
	}
}

// refuseStreams answers the first stream and no other.
func refuseStreams(conn net.Conn, streams *atomic.Int32) {
	if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(conn, conn)
	_ = framer.WriteSettings()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		if head, ok := frame.(*http2.HeadersFrame); ok && streams.Add(1) == 1 {
			_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: head.StreamID, BlockFragment: []byte{0x88}, EndStream: true, EndHeaders: true}) // :status 200
		} else if ok {
			_ = framer.WriteRSTStream(head.StreamID, http2.ErrCodeRefusedStream)
		}
	}
}
