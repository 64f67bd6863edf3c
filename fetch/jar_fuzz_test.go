package fetch

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whatever a server sets, the jar's file can be read again, and holds the same.
func FuzzSetCookie(f *testing.F) {
	for _, header := range []string{
		"a=1", "a=1; Path=/x; Domain=example.test; Secure; HttpOnly", "a=1; Max-Age=100; SameSite=Lax", `a="quoted, value"`, "=1", "a=",
		"a=1; Path=/\tFALSE\t0\tb\t2", "a=1; Path=/" + strings.Repeat("x", 100_000), "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=1; Domain=.",
		"a=1; Path=/\u00e9; Domain=EXAMPLE.test", "#a=1", "a=1; Path=/a b", "__Host-a=1; Path=/", "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if strings.ContainsAny(header, "\r\n\x00") {
			return // is no header's value
		}
		j := NewJar()
		set := (&http.Response{Header: http.Header{"Set-Cookie": {header}}}).Cookies()
		j.set(jarURL("https", "www.example.test", "/dir/page"), set, time.Now())
		again := NewJar()
		if err := again.read("cookies.txt", strings.NewReader(j.text())); err != nil {
			t.Fatalf("%q: %v", header, err)
		}
		had, has := j.list(), again.list()
		if len(had) != len(has) {
			t.Fatalf("%q: %v is %v in the file", header, had, has)
		}
		for i := range had {
			if had[i].line() != has[i].line() {
				t.Errorf("%q: %q is %q in the file", header, had[i].line(), has[i].line())
			}
		}
	})
}
