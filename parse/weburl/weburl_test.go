package weburl_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
	"github.com/trawl-crawler/trawl/testdata/heaptest"
)

// TestResolve shows what is done to references, one thing a line; what all of the standard asks is in TestURLTestData.
func TestResolve(t *testing.T) {
	const base = "http://example.org:8080/a/b/c?q"
	for _, c := range []struct{ about, ref, want string }{
		{"path", "/x/y", "http://example.org:8080/x/y"},
		{"relative path", "x", "http://example.org:8080/a/b/x"},
		{"query alone", "?x=1", "http://example.org:8080/a/b/c?x=1"},
		{"fragment alone", "#x", "http://example.org:8080/a/b/c?q"},
		{"nothing", "", "http://example.org:8080/a/b/c?q"},
		{"other host", "//example.com/x", "http://example.com/x"},
		{"other scheme", "https://example.com/x", "https://example.com/x"},
		{"the base's scheme is no scheme", "http:x", "http://example.org:8080/a/b/x"},
		{"another scheme needs no slashes", "https:example.com", "https://example.com/"},

		{"scheme and host in lower case", "HTTP://EXAMPLE.com/A", "http://example.com/A"},
		{"empty path", "http://example.com?q", "http://example.com/?q"},
		{"empty query stays", "/x?", "http://example.org:8080/x?"},
		{"fragment", "/x?y#z?a", "http://example.org:8080/x?y"},
		{"user and password", "http://u:p@w@example.com/x@y", "http://example.com/x@y"},
		{"default port", "http://example.com:80/", "http://example.com/"},
		{"default port with zeros", "https://example.com:00443/", "https://example.com/"},
		{"the other scheme's default port", "https://example.com:80/", "https://example.com:80/"},
		{"empty port", "http://example.com:/", "http://example.com/"},

		{"dot segments", "./x/../y/./z", "http://example.org:8080/a/b/y/z"},
		{"escaped dot segments", "%2e/x/.%2E/y", "http://example.org:8080/a/b/y"},
		{"last dot segment", "..", "http://example.org:8080/a/"},
		{"above the root", "../../../../x", "http://example.org:8080/x"},
		{"three dots are a name", ".../x", "http://example.org:8080/a/b/.../x"},
		{"empty segments", "/x//y/..", "http://example.org:8080/x//"},
		{"backslashes", `\\example.com\x\y?\`, `http://example.com/x/y?\`},

		{"spaces around", " \t/x \n", "http://example.org:8080/x"},
		{"tabs and line ends inside", "/x\ty\r\nz", "http://example.org:8080/xyz"},
		{"a tab between dots", "/x/.\t./y", "http://example.org:8080/y"},
		{"escapes in a path", "/ \"<>`{}^|'[]", "http://example.org:8080/%20%22%3C%3E%60%7B%7D%5E|'[]"},
		{"escapes in a query", "?? \"<>`{}^|'[]", "http://example.org:8080/a/b/c??%20%22%3C%3E`{}^|%27[]"},
		{"escapes stay as they are", "/%41%zz%", "http://example.org:8080/%41%zz%"},
		{"beyond ASCII", "/é?é", "http://example.org:8080/%C3%A9?%C3%A9"},
		{"one U+FFFD for a part of a sequence", "/\xe2\x82x\xff", "http://example.org:8080/%EF%BF%BDx%EF%BF%BD"},

		{"IDNA", "http://BÜCHER.example/", "http://xn--bcher-kva.example/"},
		{"IDNA does not turn ß into ss", "http://faß.de/", "http://xn--fa-hia.de/"},
		{"IDNA with an underscore", "http://ü_x.de/", "http://xn--_x-wka.de/"},
		{"escaped host", "http://%45xample.com/", "http://example.com/"},
		{"full width and ideographic dots", "http://ｅx。com/", "http://ex.com/"},
		{"hyphens anywhere", "http://r3---sn-apo3qvuoxuxbt-j5pe-/", "http://r3---sn-apo3qvuoxuxbt-j5pe-/"},
		{"final dot stays", "http://example.com./", "http://example.com./"},
		{"IPv4 in hexadecimal", "http://0x7F.1/", "http://127.0.0.1/"},
		{"IPv4 in octal", "http://0300.0250.01/", "http://192.168.0.1/"},
		{"IPv4 as a number", "http://2130706433/", "http://127.0.0.1/"},
		{"IPv4 in full width", "http://１２７.1./", "http://127.0.0.1/"},
		{"IPv6", "http://[2001:DB8:0:0:1::]:80/", "http://[2001:db8:0:0:1::]/"},
		{"IPv6 with an IPv4 end", "http://[::ffff:1.2.3.4]/", "http://[::ffff:102:304]/"},
	} {
		u, err := mustParse(t, base).Resolve(c.ref)
		if err != nil || u.String() != c.want {
			t.Errorf("%s: %q = %v, %v\nwant %v", c.about, c.ref, u, err, c.want)
		}
	}
}

// TestErrors shows the errors as a person reads them.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		raw  string
		kind error
		text string
	}{
		{"htp://x", weburl.ErrScheme, `"htp://x": unsupported scheme "htp" (http and https are)`},
		{"mailto:a@b.c", weburl.ErrScheme, `"mailto:a@b.c": unsupported scheme "mailto" (http and https are)`},
		{"localhost:80", weburl.ErrScheme, `"localhost:80": unsupported scheme "localhost" (for the host of that name write "http://localhost:80")`},
		{"example.org:x", weburl.ErrScheme, `"example.org:x": unsupported scheme "example.org" (for the host of that name write "https://example.org:x")`},
		{"127.0.0.1:80", weburl.ErrInvalid, `"127.0.0.1:80": not a URL: no scheme (write "http://127.0.0.1:80")`},
		{"not a url", weburl.ErrInvalid, `"not a url": not a URL: no scheme`},
		{"example.org", weburl.ErrInvalid, `"example.org": not a URL: no scheme (write "https://example.org")`},
		{"//example.org/x", weburl.ErrInvalid, `"//example.org/x": not a URL: no scheme (write "https://example.org/x")`},
		{"", weburl.ErrInvalid, `"": not a URL: no scheme (write https://…)`},
		{"http://", weburl.ErrInvalid, `"http://": not a URL: no host`},
		{"http://u@/", weburl.ErrInvalid, `"http://u@/": not a URL: no host`},
		{"http://a b/", weburl.ErrInvalid, `"http://a b/": not a URL: a character that no host name may have`},
		{"http://h/caf\xe9", weburl.ErrInvalid, `"http://h/caf\xe9": not a URL: not in UTF-8 (convert it with iconv, or write %E9 for the byte E9)`},
		{"http://a%2fb/", weburl.ErrInvalid, `"http://a%2fb/": not a URL: a character that no host name may have`},
		{"http://a.xn--/", weburl.ErrInvalid, `"http://a.xn--/": not a URL: not a valid internationalized host name`},
		{"http://ü.ｘn--.de/", weburl.ErrInvalid, `"http://ü.ｘn--.de/": not a URL: not a valid internationalized host name`},
		{"http://\u0378/", weburl.ErrInvalid, `"http://\u0378/": not a URL: not a valid internationalized host name`},
		{"http://%ff/", weburl.ErrInvalid, `"http://%ff/": not a URL: not a valid internationalized host name`},
		{"http://1.2.3.256/", weburl.ErrInvalid, `"http://1.2.3.256/": not a URL: the host ends in a number but is no IPv4 address`},
		{"http://a.09/", weburl.ErrInvalid, `"http://a.09/": not a URL: the host ends in a number but is no IPv4 address`},
		{"http://[1::2%25eth0]/", weburl.ErrInvalid, `"http://[1::2%25eth0]/": not a URL: no IPv6 address between the brackets`},
		{"http://[1.2.3.4]/", weburl.ErrInvalid, `"http://[1.2.3.4]/": not a URL: no IPv6 address between the brackets`},
		{"http://[::1/", weburl.ErrInvalid, `"http://[::1/": not a URL: no IPv6 address between the brackets`},
		{"http://a:65536/", weburl.ErrInvalid, `"http://a:65536/": not a URL: the port is not a number from 0 to 65535`},
		{"http://a:x/", weburl.ErrInvalid, `"http://a:x/": not a URL: the port is not a number from 0 to 65535`},
		{"http://u@a:x/", weburl.ErrInvalid, `"http://u@a:x/": not a URL: the port is not a number from 0 to 65535`},
		{"http://u:pw@a:x/", weburl.ErrInvalid, `"http://(hidden)@a:x/": not a URL: the port is not a number from 0 to 65535`},
		{"http://u:p/w@a/", weburl.ErrInvalid, `"http://(hidden)@a/": not a URL: the port is not a number from 0 to 65535`},
		{`http:\u:p@w@a:x/`, weburl.ErrInvalid, `"http:\\(hidden)@a:x/": not a URL: the port is not a number from 0 to 65535`},
		{"htp://u:pw@a/", weburl.ErrScheme, `"htp://(hidden)@a/": unsupported scheme "htp" (http and https are)`},
		{"u:pw@a", weburl.ErrScheme, `"(hidden)@a": unsupported scheme "u" (http and https are)`},
		{"//u:pw@a/", weburl.ErrInvalid, `"(hidden)@a/": not a URL: no scheme (write "https://(hidden)@a/")`},
	} {
		u, err := weburl.Parse(c.raw)
		if !errors.Is(err, c.kind) || err.Error() != c.text {
			t.Errorf("%q = %v, %v\nwant %s", c.raw, u, err, c.text)
		}
		if !u.IsZero() {
			t.Errorf("%q = %v beside an error", c.raw, u)
		}
	}
}

// TestLongValues checks that no value is too long to be dealt with: not in an error's text, and not in IDNA.
func TestLongValues(t *testing.T) {
	if _, err := weburl.Parse("data:" + strings.Repeat("x", 1<<20)); len(err.Error()) > 300 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
	if _, err := weburl.Parse("http://" + strings.Repeat("ü", 1<<20)); !errors.Is(err, weburl.ErrInvalid) {
		t.Errorf("a host of 1 Mi characters that need IDNA: %v", err)
	}
	for n, tooLong := range map[int]bool{500: false, 600: true} {
		if _, err := weburl.Parse("http://" + strings.Repeat("ü", n) + "/"); (err != nil) != tooLong {
			t.Errorf("a host of %d characters that need IDNA: %v", n, err)
		}
	}
	long := "http://" + strings.Repeat("a", 1<<20) + "/" + strings.Repeat("b/../", 1<<20)
	if u, err := weburl.Parse(long); err != nil || u.String() != long[:len("http://")+1<<20+1] {
		t.Errorf("a host and a path of a million characters: %.40q, %v", u, err)
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct{ text, scheme, host, hostname, port, origin, path, query, uri string }{
		{"http://example.org/", "http", "example.org", "example.org", "80", "http://example.org", "/", "", "/"},
		{"https://example.org/a/b?c/d?e", "https", "example.org", "example.org", "443", "https://example.org", "/a/b", "c/d?e", "/a/b?c/d?e"},
		{"https://example.org:8443/?", "https", "example.org:8443", "example.org", "8443", "https://example.org:8443", "/", "", "/?"},
		{"http://127.0.0.1:8080/x", "http", "127.0.0.1:8080", "127.0.0.1", "8080", "http://127.0.0.1:8080", "/x", "", "/x"},
		{"https://[::1]:80/x", "https", "[::1]:80", "::1", "80", "https://[::1]:80", "/x", "", "/x"},
		{"http://[2001:db8::1]/", "http", "[2001:db8::1]", "2001:db8::1", "80", "http://[2001:db8::1]", "/", "", "/"},
		{"", "", "", "", "", "", "", "", ""},
	} {
		u := weburl.FromCanonical(c.text)
		for _, part := range []struct{ name, got, want string }{
			{"String", u.String(), c.text}, {"Scheme", u.Scheme(), c.scheme}, {"Host", u.Host(), c.host},
			{"Hostname", u.Hostname(), c.hostname}, {"Port", u.Port(), c.port}, {"Origin", u.Origin(), c.origin},
			{"Path", u.Path(), c.path}, {"Query", u.Query(), c.query}, {"RequestURI", u.RequestURI(), c.uri},
		} {
			if part.got != part.want {
				t.Errorf("%s of %q = %q, want %q", part.name, c.text, part.got, part.want)
			}
		}
		if parsed, err := weburl.Parse(c.text); c.text != "" && (parsed != u || err != nil) {
			t.Errorf("Parse(%q) = %v, %v, want the text itself", c.text, parsed, err)
		}
	}
}

func TestUserinfo(t *testing.T) {
	for _, c := range []struct {
		raw, user, password string
		ok                  bool
	}{
		{"https://me:se%63ret@example.org/", "me", "secret", true},
		{"https://me@example.org/", "me", "", true},
		{"https://:p@example.org", "", "p", true},
		{"http:\\\\m\te:a:b@c@example.org\\@x", "me", "a:b@c", true},
		{"https://%25:%@example.org/", "%", "%", true},
		{"https://@example.org/", "", "", false},
		{"https://example.org/me:secret@x", "", "", false},
		{"https://example.org?me:secret@x", "", "", false},
		{"https://me:secret@", "", "", false},
		{"ftp://me:secret@example.org/", "", "", false},
		{"//me:secret@example.org/", "", "", false},
	} {
		user, password, ok := weburl.Userinfo(c.raw)
		if user != c.user || password != c.password || ok != c.ok {
			t.Errorf("%q has %q, %q, %v, want %q, %q, %v", c.raw, user, password, ok, c.user, c.password, c.ok)
		}
	}
}

func TestValue(t *testing.T) {
	a, b := mustParse(t, "HTTP://example.org"), mustParse(t, "http://EXAMPLE.org:80/#x")
	if a != b || a.Clone() != a || a.Compare(b) != 0 {
		t.Errorf("%v and %v are not equal", a, b)
	}
	if later := mustParse(t, "http://example.org/a"); a.Compare(later) >= 0 || later.Compare(a) <= 0 {
		t.Errorf("%v does not come before %v", a, later)
	}
	// The fingerprint is stored on disk: this number may not change.
	if got, want := a.Fingerprint(), uint64(0xb73dc5b066f53581); got != want {
		t.Errorf("fingerprint of %v is %#x, want %#x", a, got, want)
	}
}

func TestText(t *testing.T) {
	type row struct{ A, B weburl.URL }
	want := row{A: mustParse(t, "http://example.org/?a&b")}
	text, err := json.Marshal(want)
	if err != nil || string(text) != `{"A":"http://example.org/?a\u0026b","B":""}` {
		t.Fatalf("Marshal: %s, %v", text, err)
	}
	var got row
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("Unmarshal: %v, %v, want %v", got, err, want)
	}
	if err := json.Unmarshal([]byte(`{"A":"ftp://x"}`), &got); !errors.Is(err, weburl.ErrScheme) {
		t.Errorf("Unmarshal of ftp: %v, want ErrScheme", err)
	}
}

// TestAppend checks what Resolver promises beyond the answers: it appends, is reused, and allocates for no usual reference.
func TestAppend(t *testing.T) {
	r := weburl.NewResolver(mustParse(t, "http://example.org/a/"))
	dst, err := r.Append([]byte("1 "), []byte("x"))
	if string(dst) != "1 http://example.org/a/x" || err != nil {
		t.Errorf("Append: %q, %v", dst, err)
	}
	for _, ref := range []string{"http://a b/", "mailto:x", "http://\u0378"} {
		if after, err := r.Append(dst, []byte(ref)); string(after) != string(dst) || err == nil {
			t.Errorf("Append of %q: %q, %v, want what there was, and an error", ref, after, err)
		}
	}
	r.Reset(weburl.URL{})
	if _, err := r.Append(nil, []byte("x")); !errors.Is(err, weburl.ErrInvalid) {
		t.Errorf("a relative reference without a base: %v", err)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	r, dst := weburl.NewResolver(mustParse(t, benchBase)), make([]byte, 0, 1024)
	for _, ref := range asBytes(append(benchRefs, "http://a b/", "http://a:x/", "\\x", "?'", "/x/../y")) {
		if n := testing.AllocsPerRun(10, func() { dst, _ = r.Append(dst[:0], ref) }); n != 0 {
			t.Errorf("%q costs %v allocations", ref, n)
		}
	}
}

func mustParse(t *testing.T, raw string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Who keeps a scheme, as net/http does with a connection, keeps no URL.
func TestASchemeKeepsNoURL(t *testing.T) {
	const urls, size = 64, 1 << 20
	schemes := make([]string, urls)
	kept := heaptest.Grown(schemes, func() {
		for i := range schemes {
			schemes[i] = weburl.FromCanonical([]string{"http", "https"}[i%2] + "://h/" + strings.Repeat("a", size)).Scheme()
		}
	})
	if schemes[0] != "http" || schemes[1] != "https" || kept > urls*size/2 {
		t.Errorf("%q and so on of URLs of %d KiB keep %d KiB", schemes[:2], size>>10, kept>>10)
	}
	if got := (weburl.URL{}).Scheme(); got != "" {
		t.Errorf("the scheme of no URL is %q", got)
	}
}
