package fetch_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/dial"
)

// site is a server for many names, that sets the cookies its query says and
// answers with those it got.
func site(t *testing.T, opts fetch.Options, hosts ...string) *fetch.Client {
	t.Helper()
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		for _, c := range r.URL.Query()["set"] {
			w.Header().Add("Set-Cookie", c)
		}
		io.WriteString(w, r.Header.Get("Cookie"))
	})
	opts.Proxy = "none"
	opts.Dial = dial.Options{Resolve: map[string]string{}}
	for _, h := range hosts {
		opts.Dial.Resolve[h+":80"] = s.Listener.Addr().String()
	}
	return newClient(t, opts)
}

func set(t *testing.T, c *fetch.Client, origin string, cookies ...string) {
	t.Helper()
	q := ""
	for _, cookie := range cookies {
		q += "&set=" + url.QueryEscape(cookie)
	}
	get(t, c, origin+"?"+q)
}

func TestCookiesOfTheSession(t *testing.T) {
	c := site(t, fetch.Options{Credentials: []fetch.Credential{{Host: "www.example.test", Cookies: "user=1; b=users"}}},
		"www.example.test", "example.test", "evil.test", "a.co.uk", "b.co.uk")
	set(t, c, "http://www.example.test/dir/page", "a=1", "b=sites; Path=/", "wide=1; Domain=example.test; Path=/; Max-Age=60", "secure=1; Secure; Path=/", "gone=1; Max-Age=0")
	set(t, c, "http://evil.test/", "stolen=1; Domain=example.test")
	set(t, c, "http://a.co.uk/", "uk=1; Domain=co.uk")
	for _, tt := range []struct{ url, want string }{
		{"http://www.example.test/dir/other", "a=1; b=sites; wide=1; user=1"},
		{"http://www.example.test/", "b=sites; wide=1; user=1"},
		{"http://example.test/", "wide=1"},
		{"http://evil.test/", ""},
		{"http://b.co.uk/", ""},
	} {
		if got := string(get(t, c, tt.url).Body); got != tt.want {
			t.Errorf("%s got %q, want %q", tt.url, got, tt.want)
		}
	}
}

// A site cannot fill the jar, nor the request with cookies.
func TestCookieLimits(t *testing.T) {
	c := site(t, fetch.Options{}, "a.test", "b.test")
	for i := range 60 {
		set(t, c, "http://a.test/", fmt.Sprintf("c%d=1", i))
	}
	set(t, c, "http://a.test/", "c0=new", "c1=; Max-Age=0", "huge="+strings.Repeat("x", 4096))
	got := string(get(t, c, "http://a.test/").Body)
	if n := strings.Count(got, "="); n != 49 || !strings.Contains(got, "c0=new") || strings.Contains(got, "huge") {
		t.Errorf("%d cookies, want 50 less the one deleted: %s", n, got)
	}
	for i := range 5 {
		set(t, c, "http://b.test/", fmt.Sprintf("c%d=%s", i, strings.Repeat("x", 3000)))
	}
	if got := get(t, c, "http://b.test/").Body; len(got) != 2*3000+len("c0=; c1=") {
		t.Errorf("a request with %d bytes of cookies", len(got))
	}
}

// A jar that was saved and loaded sends what it sent before.
func TestCookieFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cookies.txt")
	if _, err := fetch.LoadJar(path); err != nil { // not there yet
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("www.example.test\tFALSE\t/\tTRUE\t0\tsecure\t1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	jar, err := fetch.LoadJar(path)
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"www.example.test", "example.test"}
	c := site(t, fetch.Options{Jar: jar}, hosts...)
	set(t, c, "http://www.example.test/dir/page", "host=1; HttpOnly", "wide=2; Domain=.example.test; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
		"refused=1; Domain=other.test", "gone=1; Max-Age=0")
	set(t, c, "http://example.test/", "wide=3; Domain=example.test; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT")
	if err := jar.Save(path); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Netscape HTTP Cookie File
# domain, subdomains too, path, https only, expires (Unix; 0 with the session), name, value

.example.test	TRUE	/	FALSE	4102444800	wide	3
www.example.test	FALSE	/	TRUE	0	secure	1
#HttpOnly_www.example.test	FALSE	/dir	FALSE	0	host	1
`
	if string(file) != want {
		t.Errorf("the file has\n%s\nwant\n%s", file, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v; want 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}

	loaded, err := fetch.LoadJar(path)
	if err != nil {
		t.Fatal(err)
	}
	c = site(t, fetch.Options{Jar: loaded}, hosts...)
	if got := string(get(t, c, "http://www.example.test/dir/").Body); got != "host=1; wide=3" {
		t.Errorf("after loading, sent %q", got)
	}
	if err := loaded.Save(path); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(path); string(again) != want {
		t.Errorf("saved again, the file has\n%s", again)
	}
}

func TestBadCookieFile(t *testing.T) {
	for _, tt := range []struct{ line, words string }{
		{"a=1; b=2", "cookies.txt:2: 1 fields between tabs, want 7"},
		{"a.test\tTRUE\t/\tFALSE\tsoon\tn\tv", `cookies.txt:2: expires "soon"`},
	} {
		path := filepath.Join(t.TempDir(), "cookies.txt")
		if err := os.WriteFile(path, []byte("# Netscape\n"+tt.line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := fetch.LoadJar(path); err == nil || !strings.Contains(err.Error(), tt.words) {
			t.Errorf("%v; want … %s", err, tt.words)
		}
	}
	if err := fetch.NewJar().Save(filepath.Join(t.TempDir(), "no", "cookies.txt")); err == nil || !strings.Contains(err.Error(), "save cookies to") {
		t.Errorf("saved to a folder that is not there: %v", err)
	}
}

// A cookie that its server binds to its own site is not sent where a page of
// another one leads.
func TestSameSite(t *testing.T) {
	c := site(t, fetch.Options{}, "www.example.test", "shop.example.test", "evil.test")
	set(t, c, "http://www.example.test/", "strict=1; Domain=example.test; SameSite=Strict", "lax=1; SameSite=Lax", "plain=1", "was=1; SameSite=Strict", "was=2")
	for _, tt := range []struct {
		via, to  string
		embedded bool
		want     string
	}{
		{"", "http://www.example.test/", false, "strict=1; lax=1; plain=1; was=2"},
		{"http://shop.example.test/", "http://www.example.test/", true, "strict=1; lax=1; plain=1; was=2"},
		{"http://evil.test/", "http://www.example.test/", false, "lax=1; plain=1; was=2"},
		{"http://evil.test/", "http://www.example.test/", true, "plain=1; was=2"},
		{"http://evil.test/", "http://shop.example.test/", false, ""},
		{"https://www.example.test/", "http://www.example.test/", false, "lax=1; plain=1; was=2"},
	} {
		req := fetch.Request{URL: parse(t, tt.to), Embedded: tt.embedded}
		if tt.via != "" {
			req.Via = parse(t, tt.via)
		}
		page, err := c.Fetch(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(page.Body); got != tt.want {
			t.Errorf("from %q to %s (embedded: %v) got %q, want %q", tt.via, tt.to, tt.embedded, got, tt.want)
		}
		page.Release()
	}
}

// What one site says of a cookie of another changes nothing for it.
func TestSameSiteIsNoOtherSitesToSay(t *testing.T) {
	c := site(t, fetch.Options{}, "www.example.test", "evil.test", "127.0.0.1", "10.0.0.1")
	set(t, c, "http://www.example.test/", "strict=1; SameSite=Strict", "plain=1")
	set(t, c, "http://127.0.0.1/", "plain=1")
	set(t, c, "http://evil.test/", "strict=2; Domain=www.example.test", "plain=2; Domain=test; SameSite=Strict")
	set(t, c, "http://10.0.0.1/", "plain=2; Domain=0.0.1; SameSite=Strict")
	for _, host := range []string{"www.example.test", "127.0.0.1"} {
		page, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, "http://"+host+"/"), Via: parse(t, "http://evil.test/")})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(page.Body); got != "plain=1" {
			t.Errorf("from evil.test to %s got %q, want %q", host, got, "plain=1")
		}
		page.Release()
	}
}
