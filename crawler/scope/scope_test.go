package scope_test

import (
	"regexp"
	"testing"

	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func parse(t *testing.T, raw string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestModes(t *testing.T) {
	for _, tt := range []struct {
		mode    scope.Mode
		seed    string
		in, out []string
	}{
		{scope.Page, "http://example.com/a", []string{"http://example.com/a"}, []string{"http://example.com/", "http://example.com/a?q"}},
		{scope.Path, "http://example.com/docs/intro",
			[]string{"http://example.com/docs/", "http://example.com/docs/x/y?q=1", "https://example.com/docs/z"},
			[]string{"http://example.com/", "http://example.com/docs", "http://example.com/docs2/", "http://example.com/other", "http://www.example.com/docs/"}},
		{scope.Host, "http://example.com/a",
			[]string{"http://example.com/", "https://example.com/", "http://EXAMPLE.com:80/x"},
			[]string{"http://www.example.com/", "http://example.com:8080/", "http://example.com.evil.net/", "http://evilexample.com/"}},
		{scope.Host, "http://127.0.0.1:8080/", []string{"http://127.0.0.1:8080/x"}, []string{"http://127.0.0.1:8081/", "http://127.0.0.2:8080/"}},
		{scope.Domain, "http://www.example.co.uk/",
			[]string{"http://example.co.uk/", "https://a.b.example.co.uk:8443/", "http://example.co.uk./"},
			[]string{"http://other.co.uk/", "http://evilexample.co.uk/", "http://example.co.uk.evil.net/"}},
		{scope.Domain, "http://alice.github.io/", []string{"http://alice.github.io/x"}, []string{"http://bob.github.io/", "http://github.io/"}},
		{scope.Domain, "http://10.0.0.1/", []string{"http://10.0.0.1:81/"}, []string{"http://11.0.0.1/", "http://0.0.1/"}},
		{scope.Domain, "http://[::1]/", []string{"http://[::1]:8080/"}, []string{"http://[::2]/"}},
		{scope.Domain, "http://localhost/", []string{"http://localhost:81/"}, []string{"http://other/"}},
		{scope.Any, "http://example.com/", []string{"https://elsewhere.net/"}, nil},
	} {
		s := scope.New(tt.mode, nil, nil, parse(t, tt.seed))
		for _, raw := range tt.in {
			if v := s.Decide(parse(t, raw)); !v.In {
				t.Errorf("%s of %s: %s is out (%s)", tt.mode, tt.seed, raw, v.Rule)
			}
		}
		for _, raw := range tt.out {
			if v := s.Decide(parse(t, raw)); v.In || v.Rule != "scope" || v.Detail != string(tt.mode) {
				t.Errorf("%s of %s: %s: %+v, want out of scope", tt.mode, tt.seed, raw, v)
			}
		}
	}
}

func TestPatterns(t *testing.T) {
	re := func(exprs ...string) (res []*regexp.Regexp) {
		for _, e := range exprs {
			res = append(res, regexp.MustCompile(e))
		}
		return res
	}
	s := scope.New(scope.Host, re(`/docs/`, `\.html$`), re(`/docs/old/`), parse(t, "http://h/"), parse(t, "http://h/docs/old/"))
	s.Widen(parse(t, "http://h/moved"))
	for raw, want := range map[string]scope.Verdict{
		"http://h/docs/a":          {In: true},
		"http://h/a.html":          {In: true},
		"http://h/":                {In: true}, // a seed
		"http://h/moved":           {In: true}, // … where it moved to
		"http://h/docs/old/":       {Rule: "exclude", Detail: "/docs/old/"},
		"http://h/a.php":           {Rule: "include", Detail: "none of 2 patterns matches"},
		"http://h/docs/old/a.html": {Rule: "exclude", Detail: "/docs/old/"}, // exclude wins
		"http://i/docs/a":          {Rule: "scope", Detail: "host"},
	} {
		if got := s.Decide(parse(t, raw)); got != want {
			t.Errorf("%s: %+v, want %+v", raw, got, want)
		}
	}
	one := scope.New(scope.Host, re(`/docs/`), nil, parse(t, "http://h/"))
	if got, want := one.Decide(parse(t, "http://h/a")), (scope.Verdict{Rule: "include", Detail: "/docs/ does not match"}); got != want {
		t.Errorf("of one pattern: %+v, want %+v", got, want)
	}
}

func TestWidenAddsSeeds(t *testing.T) {
	s := scope.New(scope.Path, nil, nil, parse(t, "http://h/a/"))
	if !s.Widen(parse(t, "https://www.h/b/c")) || s.Widen(parse(t, "https://www.h/b/d")) || s.Widen(parse(t, "http://h/a/")) {
		t.Error("Widen does not tell what is new")
	}
	for _, raw := range []string{"http://h/a/x", "https://www.h/b/y"} {
		if !s.Decide(parse(t, raw)).In {
			t.Errorf("%s is out of scope", raw)
		}
	}
}

func TestAkinIsTheRegistrableDomain(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"http://example.org/", "https://www.example.org/x", true},
		{"http://example.org/", "http://evilexample.org/", false},
		{"http://a.co.uk/", "http://b.co.uk/", false},
		{"http://example.org/", "http://example.org:8080/", false},
		{"http://example.org:8080/", "https://www.example.org/", true},
		{"http://example.org:8080/", "https://www.example.org:8080/", true},
		{"http://127.0.0.1:1/", "http://127.0.0.1:2/", false},
		{"http://127.0.0.1:1/", "http://127.0.0.1/", true},
		{"http://[::1]:1/", "https://[::1]/", true},
		{"http://[::1]/", "http://[::1]:81/", false},
		{"http://127.0.0.1/", "http://127.0.0.2/", false},
	} {
		if got := scope.Akin(parse(t, tt.a), parse(t, tt.b)); got != tt.want {
			t.Errorf("Akin(%s, %s) = %v", tt.a, tt.b, got)
		}
	}
}

// Where a seed may move within its own domain is near: what is there may come
// into the scope later.
func TestNear(t *testing.T) {
	s := scope.New(scope.Host, nil, nil, parse(t, "http://example.co.uk/"), parse(t, "http://www.b.test:81/"), parse(t, "http://10.0.0.1/"))
	for raw, want := range map[string]bool{
		"http://www.example.co.uk/": true, "https://a.b.example.co.uk:8443/": true, "http://b.test/": true, "http://shop.b.test/": true,
		"http://example.co.uk/": false, "http://other.co.uk/": false, "http://evilb.test/": false, "http://11.0.0.1/": false, "http://0.0.1/": false,
	} {
		if got := s.Decide(parse(t, raw)); got.Near != want {
			t.Errorf("%s: near %v, want %v (%+v)", raw, got.Near, want, got)
		}
	}
}
