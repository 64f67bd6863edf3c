package weburl

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzPlain holds the fast path to the complete one: where it answers, both give the same.
func FuzzPlain(f *testing.F) {
	for _, base := range []string{"", "http://a.example/b/c/d?q", "https://a.example:8443/", "http://[::1]/x/"} {
		for _, ref := range []string{
			"", "#f", "?q", "/", "/a/b?c#d", "x", "./x", "../x", "../../../x", "a/../b", "a/.b", "/%2e/x", "a%2e",
			"//h.example/x", "//h.example", "http://a.example/y", "https://a.example:8443/y", "https://a.example:84431/y",
			"https://h--i.example/", "https://1.2.3/", "https://a.0/", "https://a./", "https:///x", "httpx/y", "http:y",
			"a:b", "mailto:a@b", "/a b", "/\\b", "\\b", "/^", "/é", "/\xff", "/a\tb", " /a", "/a ", "/'?'", "http://a.example@b/",
		} {
			f.Add(base, []byte(ref))
		}
	}
	f.Fuzz(func(t *testing.T, baseText string, ref []byte) {
		base, err := Parse(baseText)
		if err != nil && baseText != "" {
			return
		}
		var r Resolver
		r.Reset(base)
		prefix := []byte("kept")
		fast, ok := r.appendPlain(prefix, ref)
		if !ok {
			if !bytes.Equal(fast, prefix) {
				t.Fatalf("%q in %v: dst is %q after giving up", ref, base, fast)
			}
			return
		}
		if slow, err := r.appendAny(prefix, ref); err != nil || !bytes.Equal(fast, slow) {
			t.Fatalf("%q in %v: fast %q, complete %q, %v", ref, base, fast, slow, err)
		}
	})
}

// FuzzCanonical checks what holds for every result: it is ASCII, it parses to itself, its parts make up the whole; and
// an error leaves dst alone and is one of two.
func FuzzCanonical(f *testing.F) {
	for _, ref := range []string{
		"http://User@EXAMPLE.org:80/a/../b?c#d", "https://bücher.example", "http://0x7f.1/", "http://[1::0:1]:81/", "http://a.xn--/",
		"/\xe2\x82", "http://ａ.%41。/", "htp://x", "http://\u0378", "http://1\u2260/",
	} {
		f.Add("http://a/b", []byte(ref))
	}
	f.Fuzz(func(t *testing.T, baseText string, ref []byte) {
		base, err := Parse(baseText)
		if err != nil {
			return
		}
		text, err := NewResolver(base).Append([]byte("kept"), ref)
		if err != nil {
			if string(text) != "kept" || errors.Is(err, ErrScheme) == errors.Is(err, ErrInvalid) {
				t.Fatalf("%q in %v: %q, %v", ref, base, text, err)
			}
			return
		}
		u := FromCanonical(string(text[len("kept"):]))
		checkCanonical(t, u)
		if v, err := base.Resolve(string(ref)); v != u || err != nil {
			t.Fatalf("%q in %v: Append %v, Resolve %v, %v", ref, base, u, v, err)
		}
	})
}

func checkCanonical(t *testing.T, u URL) {
	t.Helper()
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7f || c == '#' || c == '\\' && u.Query() == "" {
			t.Fatalf("%q has %q", u, c)
		}
	}
	again, err := Parse(u.String())
	if again != u || err != nil {
		t.Fatalf("%q parsed again is %q, %v", u, again, err)
	}
	if u.Scheme()+"://"+u.Host() != u.Origin() || u.Origin()+u.RequestURI() != u.String() || u.Path()[0] != '/' {
		t.Fatalf("%q: parts do not make up the whole", u)
	}
	if u.Hostname() == "" || u.Port() == "" {
		t.Fatalf("%q: host name %q, port %q", u, u.Hostname(), u.Port())
	}
}
