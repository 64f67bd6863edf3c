package trap

import (
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

func TestStatic(t *testing.T) {
	tests := []struct{ uri, want string }{
		// Real URLs.
		{"/", ""},
		{"/a/a/a/", ""},
		{"/rust/rust/src/rust/rust", ""},
		{"/pool/a/a/a/a/a/a/a", ""}, // a directory for each digit of a hash
		{"/tiles/0/0/0/0/0/0/0", ""},
		{"/docs/docs/docs/guide", ""},
		{"/news/news/news/news", ""}, // if it goes on, it is deep enough soon
		{"/?&&&&&", ""},
		{"/node_modules/a/node_modules/b/node_modules/c/node_modules/d/node_modules/e/node_modules/f/node_modules/g", ""},
		{"/org/apache/maven/plugins/maven-compiler-plugin/src/main/java/org/apache/maven/plugin/compiler/CompilerMojo.java", ""},
		{"/search?f[]=a&f[]=b&f[]=c&f[]=d&f[]=e&f[]=f", ""},
		{"/search?q=a&q=a&page=2", ""},
		{"/login?next=%2Faccount%3Fnext%3D%252Fhome", ""},
		{"/proxy?url=http://a/?x=1?y=2", ""},
		{"/form?" + strings.Repeat("a", 2000), ""},

		// Traps.
		{"/a/a/a/a/a/a/a/a/", "a path that repeats /a 8 times"},
		{"/a/b/c/news/news/news/news/", "a path that repeats /news 4 times"},
		{"/news/shop/news/shop/news/shop/news/shop/", "a path that repeats /news/shop 4 times"},
		{"/en/a/b/c/a/b/c/a/b/c/a/b/c/index.html", "a path that repeats /a/b/c 4 times"},
		{"/news/shop/shop/news/news/shop/news/news/shop/shop/news/shop/", "a path of 12 segments with 2 different words"},
		{"/" + strings.Repeat("x/y/z/u/v/w/", 3) + strings.Repeat("q/r/s/", 14), "a path of 61 segments"},
		{"/?q=a&q=a&sort=up&q=a&q=a", "a query that repeats q=a 4 times"},
		{"/?to=/?to=/?to=/?to=/", "a query that repeats to=/ 4 times"},
		{"/login?to=%2525252Flogin", "a query that is nested in itself"},
		{"/?a" + strings.Repeat("&a", 200), "a query of 201 parameters"},
		{"/" + strings.Repeat("long", 1100), "a URL of 4414 bytes"},
	}
	for _, tt := range tests {
		u, err := weburl.Parse("http://h.test" + tt.uri)
		if err != nil {
			t.Fatal(err)
		}
		if got := Static(u); got != tt.want {
			t.Errorf("%.60s: got %q, want %q", tt.uri, got, tt.want)
		}
	}
}

func TestStaticDoesNotAllocate(t *testing.T) {
	for _, uri := range ordinary {
		u := weburl.FromCanonical("https://example.org" + uri)
		if n := testing.AllocsPerRun(10, func() { _ = Static(u) }); n > 0 {
			t.Errorf("%s: %v allocations", uri, n)
		}
	}
}

var ordinary = []string{
	"/docs/api/index.html",
	"/2026/01/15/a-post-about-something/comments/page/2/",
	"/search?q=word&page=2&sort=date&lang=en",
}

// FuzzStatic: whatever it says of a URL, it says without panicking, and of the
// URL's text alone.
func FuzzStatic(f *testing.F) {
	for _, uri := range ordinary {
		f.Add(uri)
	}
	f.Add("/a//b/;x=1/%2F?&&=&?a=?")
	f.Fuzz(func(t *testing.T, uri string) {
		u, err := weburl.Parse("http://h.test/" + uri)
		if err != nil {
			return
		}
		if a, b := Static(u), Static(u.Clone()); a != b {
			t.Errorf("%q, then %q", a, b)
		}
		var s, again shape
		s.of(u)
		again.of(u)
		for i := range s.groups {
			r := &s.groups[i]
			if p := s.pattern(r); keyOf(p) != r.key || again.groups[i].key != r.key || !strings.HasPrefix(p, u.Origin()) || len(p) > maxPattern {
				t.Errorf("pattern %q of %s", p, u)
			}
		}
	})
}

func BenchmarkStatic(b *testing.B) {
	for _, uri := range ordinary {
		u := weburl.FromCanonical("https://example.org" + uri)
		b.Run(uri[:8], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = Static(u)
			}
		})
	}
}
