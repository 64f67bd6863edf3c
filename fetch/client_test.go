package fetch_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t testing.TB, opts fetch.Options) *fetch.Client {
	t.Helper()
	c, err := fetch.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func newServer(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func parse(t testing.TB, raw string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func get(t testing.TB, c *fetch.Client, raw string) *fetch.Page {
	t.Helper()
	page, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, raw)})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// getKind fetches what must fail and gives the kind and the words.
func getKind(t testing.TB, c *fetch.Client, raw string) (fetch.Kind, string) {
	t.Helper()
	page, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, raw)})
	e, ok := errors.AsType[*fetch.Error](err)
	if !ok || page != nil {
		t.Fatalf("got page %v and error %v, want a *fetch.Error and no page", page, err)
	}
	if e.URL.String() != parse(t, raw).String() {
		t.Errorf("the error is about %s", e.URL)
	}
	return e.Kind, e.Err.Error()
}

// rawServer answers each connection with what answer does, after it has read
// the request's header.
func rawServer(t testing.TB, answer func(conn net.Conn)) string {
	return rawLines(t, func(conn net.Conn, _ []string) { answer(conn) })
}

// rawLines is rawServer for an answer that looks at the header.
func rawLines(t testing.TB, answer func(conn net.Conn, header []string)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(conn)
			var header []string
			for line := ""; line != "\r\n" && err == nil; {
				line, err = r.ReadString('\n')
				header = append(header, line)
			}
			answer(conn, header)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return "http://" + l.Addr().String() + "/"
}

func says(text string) func(net.Conn) {
	return func(conn net.Conn) { io.WriteString(conn, text) }
}

func TestPage(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "Text/HTML; charset=utf-8")
		w.Header().Set("ETag", `"1"`)
		w.WriteHeader(404)
		io.WriteString(w, "<p>gone</p>")
	})
	started := make(chan time.Time, 2)
	c := newClient(t, fetch.Options{})
	before := time.Now()
	page, err := c.Fetch(t.Context(), fetch.Request{
		URL:     parse(t, s.URL+"/a?b#c"),
		Started: func(at time.Time) { started <- at },
	})
	if err != nil {
		t.Fatal(err)
	}
	if at := <-started; at.Before(page.FetchedAt) || page.FetchedAt.Before(before) || len(started) != 0 {
		t.Errorf("started at %v, fetched at %v", at, page.FetchedAt)
	}
	if page.Elapsed <= 0 || page.Elapsed > time.Since(before) {
		t.Errorf("elapsed %v", page.Elapsed)
	}
	got := fmt.Sprint(page.URL, page.Status, page.MediaType, string(page.Body), page.Length, page.Truncated, page.IP, page.Protocol, page.Header.Get("ETag"))
	want := fmt.Sprint(parse(t, s.URL+"/a?b"), 404, "text/html", "<p>gone</p>", 11, false, "127.0.0.1", "HTTP/1.1", `"1"`)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What goes over the wire is the canonical text, byte for byte.
func TestRequestTarget(t *testing.T) {
	s, targets := targetServer(t)
	c := newClient(t, fetch.Options{})
	for _, target := range []string{
		"/", "/a/b", "/%ri", "/%3E&%0", "/a|b", "/a%2Fb", "/a%2fb", "/?q='x'", "/?", "/?a?b=%zz", "/a;b=c", "/[x]^`", "/~%7Eu", "/a:b@c", "/%E4%FF", "/*",
	} {
		u := parse(t, s+target)
		get(t, c, u.String())
		if got := <-targets; got != u.RequestURI() {
			t.Errorf("%s: the server read %q, want %q", u, got, u.RequestURI())
		}
	}
	// A path that begins with two slashes is sent in absolute form, the only
	// one in which net/http writes it as it is.
	for _, target := range []string{"//", "//a/%ri"} {
		u := parse(t, s+target)
		get(t, c, u.String())
		if got := <-targets; got != u.String() {
			t.Errorf("%s: the server read %q, want %q", u, got, u)
		}
	}
}

// targetServer is a server that does not read URLs, as net/http's does: it
// gives each request's target as it came.
func targetServer(t *testing.T) (origin string, targets <-chan string) {
	lines := make(chan string, 1)
	url := rawLines(t, func(conn net.Conn, header []string) {
		lines <- strings.Fields(header[0])[1]
		io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
	})
	return strings.TrimSuffix(url, "/"), lines
}

func TestHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.RequestURI, " ", r.Proto, " ", r.Host)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	c := newClient(t, fetch.Options{Roots: rootsOf(s)})
	starts := make(chan time.Time, 9)
	for _, target := range []string{"/", "/%41", "//a", "/a|b"} {
		u := parse(t, s.URL+target)
		page, err := c.Fetch(t.Context(), fetch.Request{URL: u, Started: func(at time.Time) { starts <- at }})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(page.Body), target+" HTTP/2.0 "+u.Host(); got != want || page.Protocol != "HTTP/2.0" || page.IP != "127.0.0.1" {
			t.Errorf("got %q over %s from %s, want %q", got, page.Protocol, page.IP, want)
		}
	}
	for range 4 {
		<-starts
	}
	if len(starts) != 0 {
		t.Errorf("%d starts for 4 requests", 4+len(starts))
	}
}

// net/http's server resets a stream whose path it cannot read, and its
// transport takes that as a reason to ask again, on one new connection after
// another, for as long as it may.
func TestNothingIsAskedAgain(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.EnableHTTP2 = true
	s.Config.ErrorLog = quiet
	s.StartTLS()
	t.Cleanup(s.Close)
	c := newClient(t, fetch.Options{Roots: rootsOf(s)})
	if kind, words := getKind(t, c, s.URL+"/%ri"); kind != fetch.KindReset || !strings.Contains(words, "broke the request off") {
		t.Errorf("%s: %s; want reset: … broke the request off", kind, words)
	}
}

func TestRedirectIsAPage(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			t.Errorf("the redirect was followed to %s", r.URL)
		}
		http.Redirect(w, r, "/next", http.StatusFound)
	})
	page := get(t, newClient(t, fetch.Options{}), s.URL)
	if page.Status != 302 || page.Header.Get("Location") != "/next" {
		t.Errorf("status %d, location %q", page.Status, page.Header.Get("Location"))
	}
}

func TestConditionalRequest(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"v1"` && r.Header.Get("If-Modified-Since") == "yesterday" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, "new")
	})
	c := newClient(t, fetch.Options{})
	page, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, s.URL), Validators: fetch.Validators{ETag: `"v1"`, LastModified: "yesterday"}})
	if err != nil || page.Status != 304 || page.Body != nil {
		t.Errorf("page %v, error %v; want status 304", page, err)
	}
	if page := get(t, c, s.URL); page.Status != 200 {
		t.Errorf("the validators stuck to the next request: status %d", page.Status)
	}
}

// Connections are used again, also after a small body that nobody wanted and
// not after a large one.
func TestKeepAlive(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		size := 100
		if r.URL.Path == "/large" {
			size = 1 << 20
		}
		w.Header().Set("Content-Type", "video/mp4")
		w.Header().Set("Content-Length", fmt.Sprint(size))
		w.Header().Set("Client", r.RemoteAddr)
		w.Write(make([]byte, size))
	})
	c := newClient(t, fetch.Options{Want: func(string) int64 { return 0 }})
	client := func(path string) string {
		page := get(t, c, s.URL+path)
		if page.Body != nil || page.Length != map[string]int64{"/small": 100, "/large": 1 << 20}[path] {
			t.Errorf("%s: body %v, length %d", path, page.Body, page.Length)
		}
		return page.Header.Get("Client")
	}
	if a, b := client("/small"), client("/small"); a != b {
		t.Error("the small body cost a connection")
	}
	if a, b := client("/large"), client("/small"); a == b {
		t.Error("the large body was read to its end")
	}
}

func TestWhichBodies(t *testing.T) {
	const page = "<!doctype html><title>x</title>"
	for _, tt := range []struct {
		name, contentType, body string
		wantType, wantBody      string
	}{
		{"wanted", "text/html", page, "text/html", page},
		{"budget of the type", "text/css", "a{}b{}", "text/css", "a{}"},
		{"not wanted", "video/mp4", "vvvv", "video/mp4", ""},
		{"parameters and case", " TEXT/HTML ;x=y", page, "text/html", page},
		{"no type", "", page, "text/html", page},
		{"no type, unwanted", "", "\x89PNG\r\n\x1a\n...", "image/png", ""},
		{"type that says nothing", "unknown/unknown", page, "text/html", page},
		{"type that is none", "html", page, "text/html", page},
		{"XHTML that begins as XML", "", `<?xml version="1.0"?><html xmlns="…">`, "text/html", `<?xml version="1.0"?><html xmlns="…">`},
		{"page that begins as text", "", "Hi <title>x</title>", "text/html", "Hi <title>x</title>"},
		{"empty", "", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = nil
				if tt.contentType != "" {
					w.Header().Set("Content-Type", tt.contentType)
				}
				io.WriteString(w, tt.body)
			})
			c := newClient(t, fetch.Options{Want: func(mediaType string) int64 {
				switch mediaType {
				case "text/html":
					return 1 << 20
				case "text/css":
					return 3
				}
				return 0
			}})
			p := get(t, c, s.URL)
			if p.MediaType != tt.wantType || string(p.Body) != tt.wantBody {
				t.Errorf("got %s %q, want %s %q", p.MediaType, p.Body, tt.wantType, tt.wantBody)
			}
			if p.Truncated != (tt.wantBody != "" && tt.wantBody != tt.body) {
				t.Errorf("truncated: %v", p.Truncated)
			}
			// Who says how much is wanted gets it, whatever the type.
			p, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, s.URL), MaxBody: 2})
			if err != nil || string(p.Body) != tt.body[:min(2, len(tt.body))] || p.Truncated != (len(tt.body) > 2) {
				t.Errorf("with MaxBody 2: %q, truncated %v, error %v", p.Body, p.Truncated, err)
			}
		})
	}
}

// The length of a body that is not downloaded is its Content-Length, unless that
// counts its coded bytes. One that is all there is known without.
func TestLengthOfWhatIsNotWanted(t *testing.T) {
	for answer, want := range map[string]int64{
		"Content-Type: image/png\r\nContent-Length: 5\r\n\r\n12345":                               5,
		"Content-Type: image/png\r\nContent-Encoding: identity\r\nContent-Length: 5\r\n\r\n12345": 5,
		"Content-Type: image/png\r\n\r\n12345":                                                    -1,
		"Content-Type: text/css\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\n12345":        -1,
		"Content-Type: text/css\r\nContent-Encoding: xz\r\nContent-Length: 5\r\n\r\n12345":        -1,
		"\r\n":        0,
		"\r\n\x89PNG": 4,
	} {
		c := newClient(t, fetch.Options{Want: func(string) int64 { return 0 }})
		p := get(t, c, rawServer(t, says("HTTP/1.1 200 OK\r\n"+answer)))
		if p.Length != want || p.Body != nil {
			t.Errorf("%q: length %d, body %q; want length %d", answer, p.Length, p.Body, want)
		}
	}
}

// A page that ends exactly at the limit is whole, one byte more is cut; of a
// body without a length as well.
func TestLimit(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		body := strings.Repeat("x", len(r.URL.Path)-1)
		if r.URL.RawQuery == "chunked" {
			w.(http.Flusher).Flush()
		}
		io.WriteString(w, body)
	})
	c := newClient(t, fetch.Options{MaxBody: 5})
	for _, query := range []string{"", "?chunked"} {
		for n, want := range []struct {
			length    int64
			truncated bool
		}{4: {4, false}, 5: {5, false}, 6: {5, true}, 50: {5, true}} {
			if n < 4 || n > 6 && n < 50 {
				continue
			}
			p := get(t, c, s.URL+"/"+strings.Repeat("x", n)+query)
			if p.Length != want.length || int64(len(p.Body)) != want.length || p.Truncated != want.truncated {
				t.Errorf("%d bytes%s: length %d, truncated %v; want %v", n, query, p.Length, p.Truncated, want)
			}
		}
	}
}

func TestCanceled(t *testing.T) {
	asked, release := make(chan struct{}, 1), make(chan struct{})
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-release
	})
	defer close(release)
	c := newClient(t, fetch.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	_, err := c.Fetch(ctx, fetch.Request{URL: parse(t, s.URL)})
	if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != fetch.KindCanceled {
		t.Errorf("%v, want kind canceled", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = c.Fetch(ctx, fetch.Request{URL: parse(t, s.URL)})
	if e, ok := errors.AsType[*fetch.Error](err); !ok || e.Kind != fetch.KindTimeout {
		t.Errorf("%v, want kind timeout", err)
	}
}
