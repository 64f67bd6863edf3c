package fetch

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/parse/weburl"
	"github.com/trawl-crawler/trawl/testdata/heaptest"
)

// All hosts together do not fill the jar without end.
func TestJarIsBounded(t *testing.T) {
	j := NewJar()
	j.count = maxCookies - 1
	set := []*http.Cookie{{Name: "a", Value: "1"}}
	for _, tt := range []struct {
		host    string
		refused int
	}{
		{"last.test", 0},
		{"more.test", 1},
		{"last.test", 0}, // is there already
	} {
		if n := j.set(jarURL("http", tt.host, "/"), set, time.Now()); n != tt.refused {
			t.Errorf("%s: %d refused, want %d", tt.host, n, tt.refused)
		}
	}
}

// A jar keeps its cookies, and nothing of the headers that they came in: the other
// values of those, and the attributes that nobody knows, are longer. Nor has it the
// URLs that set them, which its domains and paths are of.
func TestJarKeepsNothingButCookies(t *testing.T) {
	const headers, size = 256, 64 << 10
	j := NewJar()
	kept := heaptest.Grown(j, func() {
		for i := range headers {
			path, tail := []string{"", "Path=/p; "}[i%2], strings.Repeat("b", size)
			values := fmt.Sprintf("a=%d; %s%s", i, path, tail) // one string, as http1 makes it
			cookie := values[:strings.LastIndexByte(values, ';')+1+i%3*size/2]
			j.keep(weburl.FromCanonical(fmt.Sprintf("http://h%d.test/p/%s", i, tail)), http.Header{"Set-Cookie": {cookie}})
		}
	})
	if j.count != headers || kept > headers*size/4 {
		t.Errorf("%d cookies keep %d KiB, of headers of %d KiB", j.count, kept>>10, headers*size>>10)
	}
}

// What a jar takes can be read again from its file, also a cookie that has no path
// but its URL's.
func TestAPathOfAURLIsPartOfACookie(t *testing.T) {
	for bytes, refused := range map[int]int{maxCookieBytes - 8: 0, maxCookieBytes: 1} {
		j, u := NewJar(), weburl.FromCanonical("http://h.test/"+strings.Repeat("a", bytes)+"/b")
		if got := j.keep(u, http.Header{"Set-Cookie": {"a=1"}}); got != refused {
			t.Errorf("of a path of %d bytes %d cookies are refused, want %d", bytes, got, refused)
		}
		if err := NewJar().read("jar", strings.NewReader(j.text())); err != nil {
			t.Errorf("of a path of %d bytes: %.80v", bytes, err)
		}
	}
}

// What came in the clear, where anybody may have written it, neither sets nor
// hides a cookie that goes over TLS, and a name that promises where a cookie
// comes from keeps its word.
func TestCookiesOfTLSAreItsOwn(t *testing.T) {
	for _, tt := range []struct{ origin, set, want string }{
		{"https", "id=2; Secure", "id=2"},
		{"https", "id=2", "id=2"},
		{"http", "id=2", "id=1"},
		{"http", "id=2; Path=/", "id=1"},
		{"http", "id=2; Path=/dir/deeper", "id=1"},
		{"http", "id=2; Domain=example.test", "id=1"},
		{"http", "id=; Max-Age=0", "id=1"},
		{"http", "other=2; Secure", "id=1"},
		{"http", "other=2", "id=1; other=2"},
		{"https", "__Secure-a=2", "id=1"},
		{"https", "__Secure-a=2; Secure", "id=1; __Secure-a=2"},
		{"http", "__Secure-a=2; Secure", "id=1"},
		{"https", "__secure-a=2", "id=1"},
		{"https", "__Host-a=2; Secure; Path=/", "id=1; __Host-a=2"},
		{"https", "__Host-a=2; Secure", "id=1"},
		{"https", "__Host-a=2; Path=/", "id=1"},
		{"https", "__Host-a=2; Secure; Path=/; Domain=www.example.test", "id=1"},
		{"http", "__Host-a=2; Secure; Path=/", "id=1"},
	} {
		j := NewJar()
		j.set(jarURL("https", "www.example.test", "/"), setCookies(http.Header{"Set-Cookie": {"id=1; Secure; Path=/"}}), time.Now())
		if n := j.set(jarURL(tt.origin, "www.example.test", "/"), setCookies(http.Header{"Set-Cookie": {tt.set}}), time.Now()); n != 0 {
			t.Errorf("%s sets %q: %d are told as beyond the limit", tt.origin, tt.set, n)
		}
		var got []string
		for _, c := range j.rules.Cookies(jarURL("https", "www.example.test", "/dir/deeper/")) {
			got = append(got, c.Name+"="+c.Value)
		}
		if got := strings.Join(got, "; "); got != tt.want {
			t.Errorf("%s sets %q: over TLS goes %q, want %q", tt.origin, tt.set, got, tt.want)
		}
	}
}
