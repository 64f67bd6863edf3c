package fetchtest_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"

	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

func parse(t *testing.T, archive string) *fetchtest.Web {
	t.Helper()
	web, err := fetchtest.Parse([]byte(archive))
	if err != nil {
		t.Fatal(err)
	}
	return web
}

// answer is what a test compares of a response.
type answer struct {
	Status int
	Type   string
	Body   string
}

// get asks once, on a connection of its own, and decodes nothing.
func get(t *testing.T, url string, header ...string) (*http.Response, answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, answer{resp.StatusCode, resp.Header.Get("Content-Type"), string(body)}, err
}

const small = `
-- /robots.txt --
User-agent: *
Disallow: /private/
-- / --
<a href="http://127.0.0.2:{{PORT}}/">next</a>
-- 127.0.0.2/ --
<p>{{HOST}}
-- /old --
HTTP 301
Location: http://{{HOST}}:{{PORT}}/new?page=1
-- /new?page=1 --
HTTP
X-Robots-Tag: noindex
Content-Type: text/plain

new
-- /untyped --
HTTP 200
Content-Type:

<p>who knows
-- /style.css --
body {}
-- /dir.css/ --
page
-- /HTTPS --
HTTPS is no head
-- /gone --
HTTP 410

gone
`

func TestServes(t *testing.T) {
	server := fetchtest.Start(t, parse(t, small), fetchtest.Hosts(3)...)
	html, port := "text/html; charset=utf-8", strings.TrimPrefix(server.URL("", ""), "http://:")
	for _, c := range []struct {
		host, uri string
		want      answer
	}{
		{"127.0.0.1", "/robots.txt", answer{200, "text/plain; charset=utf-8", "User-agent: *\nDisallow: /private/\n"}},
		{"127.0.0.1", "/", answer{200, html, `<a href="http://127.0.0.2:` + port + `/">next</a>` + "\n"}},
		{"127.0.0.2", "/", answer{200, html, "<p>127.0.0.2\n"}},
		{"127.0.0.3", "/?a", answer{404, "text/plain; charset=utf-8", "404 page not found\n"}},
		{"127.0.0.1", "/old", answer{301, html, ""}},
		{"127.0.0.1", "/new?page=1", answer{200, "text/plain", "new\n"}},
		{"127.0.0.1", "/new", answer{404, "text/plain; charset=utf-8", "404 page not found\n"}},
		{"127.0.0.1", "/untyped", answer{200, "", "<p>who knows\n"}},
		{"127.0.0.1", "/style.css", answer{200, "text/css; charset=utf-8", "body {}\n"}},
		{"127.0.0.1", "/dir.css/", answer{200, html, "page\n"}},
		{"127.0.0.1", "/HTTPS", answer{200, html, "HTTPS is no head\n"}},
		{"127.0.0.1", "/gone", answer{410, html, "gone\n"}},
	} {
		resp, got, err := get(t, server.URL(c.host, c.uri))
		if err != nil {
			t.Errorf("%s%s: %v", c.host, c.uri, err)
		} else if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s%s (-want +got):\n%s", c.host, c.uri, diff)
		} else if want := server.URL(c.host, "/new?page=1"); got.Status == 301 && resp.Header.Get("Location") != want {
			t.Errorf("Location %q, want %q", resp.Header.Get("Location"), want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ archive, want string }{
		{"-- index.html --\n", `fake web, file "index.html": no path in the name: want "/index.html" or "host/index.html"`},
		{"-- /a --\n-- /a --\n", `fake web, file "/a": named twice`},
		{"-- /a --\nHTTP OK\n", `fake web, file "/a": head: "OK" is no status; allowed are 200 to 999`},
		{"-- /a --\nHTTP 200\n<p>\n", `fake web, file "/a": head: "<p>" is no "Header: value"; a blank line ends the head`},
		{"-- /a --\nHTTP\nDelay: soon\n", `fake web, file "/a": head: Delay "soon": time: invalid duration "soon"`},
		{"-- /a --\nHTTP\nAbort: no\n", `fake web, file "/a": head: Abort "no": want true or a number of bytes`},
		{"-- /a --\nHTTP\nAbort: -1\n", `fake web, file "/a": head: Abort "-1": want true or a number of bytes`},
		{"-- /a --\nHTTP\nEncoding: rot13\n", `fake web, file "/a": head: Encoding "rot13": allowed are br, deflate, gzip, raw-deflate, zstd`},
		{"-- GENERATE pages=many --\n", `fake web, file "GENERATE pages=many": GENERATE: "pages=many": want a number, such as pages=2000 or size=10KiB`},
		{"-- GENERATE hosts=2 --\n", `fake web, file "GENERATE hosts=2": GENERATE: unknown "hosts"; allowed are pages, links, size, seed`},
		{"-- GENERATE --\n-- GENERATE seed=2 --\n", `fake web, file "GENERATE seed=2": there is a generated site already`},
	} {
		if _, err := fetchtest.Parse([]byte(c.archive)); err == nil || err.Error() != c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.archive, err, c.want)
		}
	}
}

func TestConditional(t *testing.T) {
	server := fetchtest.Start(t, parse(t, `
-- /etag --
HTTP
ETag: "a"

body
-- /dated --
HTTP
Last-Modified: Mon, 02 Jan 2006 15:04:05 GMT

body
`))
	for _, c := range []struct {
		uri, header, value string
		want               int
	}{
		{"/etag", "If-None-Match", `"a"`, 304},
		{"/etag", "If-None-Match", `W/"a"`, 304},
		{"/etag", "If-None-Match", `"b"`, 200},
		{"/dated", "If-None-Match", `"a"`, 200},
		{"/dated", "If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT", 304},
		{"/dated", "If-Modified-Since", "Mon, 02 Jan 2006 15:04:04 GMT", 200},
		{"/etag", "If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT", 200},
	} {
		_, got, err := get(t, server.URL("127.0.0.1", c.uri), c.header, c.value)
		if err != nil || got.Status != c.want || (got.Body == "") != (c.want == 304) {
			t.Errorf("%s with %s: %s: got %v, %v, want status %d", c.uri, c.header, c.value, got, err, c.want)
		}
	}
}

func TestEncoding(t *testing.T) {
	body := strings.Repeat("All work and no play makes Jack a dull boy.\n", 50)
	for _, c := range []struct {
		name, sent string
		open       func(io.Reader) (io.Reader, error)
	}{
		{"gzip", "gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"deflate", "deflate", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }},
		{"raw-deflate", "deflate", func(r io.Reader) (io.Reader, error) { return flate.NewReader(r), nil }},
		{"br", "br", func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }},
		{"zstd", "zstd", func(r io.Reader) (io.Reader, error) {
			return zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
		}},
	} {
		server := fetchtest.Start(t, parse(t, "-- / --\nHTTP\nEncoding: "+c.name+"\n\n"+body))
		resp, got, err := get(t, server.URL("127.0.0.1", "/"))
		if err != nil {
			t.Fatal(err)
		}
		if coding := resp.Header.Get("Content-Encoding"); coding != c.sent || len(got.Body) > len(body)/2 {
			t.Errorf("%s: sent as %q, %d bytes", c.name, coding, len(got.Body))
		}
		checkDecodes(t, c.name, got.Body, body, c.open)
	}
}

func checkDecodes(t *testing.T, name, sent, want string, open func(io.Reader) (io.Reader, error)) {
	t.Helper()
	r, err := open(strings.NewReader(sent))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != want {
		t.Errorf("%s: decoded to %q, %v", name, got, err)
	}
}

// A compressed sitemap is a file that is gzip, not a page in a content coding.
func TestGzipFile(t *testing.T) {
	server := fetchtest.Start(t, parse(t, "-- /sitemap.xml.gz --\n<loc>http://{{HOST}}/</loc>\n"))
	resp, got, err := get(t, server.URL("127.0.0.1", "/sitemap.xml.gz"))
	if err != nil || got.Type != "application/gzip" || resp.Header.Get("Content-Encoding") != "" {
		t.Fatalf("got %q, %v, %v", got.Type, resp.Header, err)
	}
	checkDecodes(t, ".gz", got.Body, "<loc>http://127.0.0.1/</loc>\n",
		func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
}

func TestSequenceDelayAbort(t *testing.T) {
	server := fetchtest.Start(t, parse(t, `
-- /flaky --
HTTP
Status-Sequence: 503, 500,200
Retry-After: 1

up
-- /slow --
HTTP
Delay: 60ms

slow
-- /cut --
HTTP
Abort: true
-- /cut-late --
HTTP
Abort: 4

some bytes
`))
	var got []answer
	for range 4 {
		_, a, err := get(t, server.URL("127.0.0.1", "/flaky"))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a)
	}
	html := "text/html; charset=utf-8"
	want := []answer{{503, html, "Service Unavailable\n"}, {500, html, "Internal Server Error\n"}, {200, html, "up\n"}, {200, html, "up\n"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Status-Sequence (-want +got):\n%s", diff)
	}

	asked := time.Now()
	if _, a, err := get(t, server.URL("127.0.0.1", "/slow")); err != nil || a.Body != "slow\n" || time.Since(asked) < 60*time.Millisecond {
		t.Errorf("Delay: got %v, %v after %v", a, err, time.Since(asked))
	}
	if _, a, err := get(t, server.URL("127.0.0.1", "/cut")); err == nil {
		t.Errorf("Abort: true: got %v", a)
	}
	if _, a, err := get(t, server.URL("127.0.0.1", "/cut-late")); err == nil || a.Body != "some" {
		t.Errorf("Abort: 4: got %v, %v", a, err)
	}
}

func TestLog(t *testing.T) {
	server := fetchtest.Start(t, parse(t, small), "127.0.0.2")
	for _, url := range []string{server.URL("127.0.0.1", "/robots.txt"), server.URL("127.0.0.1", "/%7Ea?b=%20"), server.URL("127.0.0.2", "/old")} {
		if _, _, err := get(t, url, "User-Agent", "trawl-test"); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	for _, hit := range server.Log() {
		lines = append(lines, hit.String())
		if agent := hit.Header.Get("User-Agent"); agent != "trawl-test" {
			t.Errorf("%v: User-Agent %q", hit, agent)
		}
	}
	if want := []string{"GET 127.0.0.1/robots.txt 200", "GET 127.0.0.1/%7Ea?b=%20 404", "GET 127.0.0.2/old 301"}; !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
	if a, b := server.Gaps("127.0.0.1"), server.Gaps("127.0.0.2"); len(a) != 1 || a[0] <= 0 || len(b) != 0 {
		t.Errorf("gaps %v and %v", a, b)
	}
}

func TestGenerate(t *testing.T) {
	site := fetchtest.Site{Pages: 300, Links: 7, Size: 4 << 10, Seed: 3}
	server := fetchtest.Start(t, fetchtest.Generate(site))
	again := fetchtest.Start(t, parse(t, "-- GENERATE pages=300 links=7 size=4KiB seed=3 --\n"))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()

	seen, todo := map[string]bool{"/p/0": true}, []string{"/p/0"}
	for len(todo) > 0 {
		page := todo[0]
		todo = todo[1:]
		body := read(t, client, server.URL("127.0.0.1", page))
		if !bytes.Equal(body, read(t, client, again.URL("127.0.0.1", page))) {
			t.Fatalf("%s differs between two servers of the same site", page)
		}
		links := strings.Split(string(body), `<a href="`)[1:]
		if len(links) != site.Links || len(body) < site.Size || len(body) > site.Size+64 {
			t.Fatalf("%s: %d links, %d bytes", page, len(links), len(body))
		}
		for _, link := range links {
			if link, _, _ = strings.Cut(link, `"`); !seen[link] {
				seen[link] = true
				todo = append(todo, link)
			}
		}
	}
	if len(seen) != site.Pages {
		t.Errorf("%d pages can be reached, want %d", len(seen), site.Pages)
	}
	for _, uri := range []string{"/p/300", "/p/-1", "/p/01", "/p/", "/"} {
		if _, got, err := get(t, server.URL("127.0.0.1", uri)); err != nil || got.Status != 404 {
			t.Errorf("%s: got %v, %v", uri, got, err)
		}
	}
}

func read(t *testing.T, client *http.Client, url string) []byte {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return body
}
