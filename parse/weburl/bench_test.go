package weburl_test

import (
	"net/url"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

const benchBase = "https://www.example.org/news/2026/11/story-about-things.html?page=2"

// benchRefs are a page's references as they come: most to the same site, some to others, few that need work.
var benchRefs = []string{
	"/", "/news/", "/about/contact.html", "/static/css/main.4f2a9c.css", "/tag/some-topic?page=3&sort=new",
	"https://www.example.org/news/2026/11/another-story-with-a-long-slug.html", "https://www.example.org/sport/",
	"https://cdn.example.net/img/2026/11/picture-1024x768.jpg", "http://blog.example.com/2026/post#comments",
	"//cdn.example.net/js/app.js?v=123", "next-story.html", "../10/older-story.html", "../../../img/logo.png", "./",
	"?page=3", "#top", "#comments", "", "/search?q=hello%20world", "/wiki/Caf%C3%A9",
	"https://example.com", "/a b.html", "/wiki/Café", "mailto:someone@example.org", "HTTP://Example.COM/Index.html",
}

// BenchmarkResolve gives the time of one reference, and how many times net/url's it fits into: the bar is 8 and no
// allocation.
func BenchmarkResolve(b *testing.B) {
	var ours, theirs float64 // nanoseconds
	b.Run("weburl", func(b *testing.B) { ours = benchWeburl(b) })
	b.Run("net-url", func(b *testing.B) { theirs = benchNetURL(b) })
	b.Run("ratio", func(b *testing.B) {
		b.ReportMetric(theirs/ours, "net-url/weburl")
		b.ReportMetric(0, "ns/op")
	})
}

func benchWeburl(b *testing.B) float64 {
	b.ReportAllocs()
	base, err := weburl.Parse(benchBase)
	if err != nil {
		b.Fatal(err)
	}
	r, dst, refs := weburl.NewResolver(base), make([]byte, 0, 1024), asBytes(benchRefs)
	for i := 0; b.Loop(); i++ {
		dst, _ = r.Append(dst[:0], refs[i%len(refs)])
	}
	return float64(b.Elapsed()) / float64(b.N)
}

func benchNetURL(b *testing.B) float64 {
	b.ReportAllocs()
	base, err := url.Parse(benchBase)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		ref, err := url.Parse(benchRefs[i%len(benchRefs)])
		if err != nil {
			b.Fatal(err)
		}
		_ = base.ResolveReference(ref).String()
	}
	return float64(b.Elapsed()) / float64(b.N)
}

func asBytes(refs []string) (out [][]byte) {
	for _, ref := range refs {
		out = append(out, []byte(ref))
	}
	return out
}
