package link

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// benchPages are pages of the shapes that documentation has: an article of
// 10 KiB with 33 links, an API reference full of highlighted code, and an
// index that is all links, most of them to the same few pages.
func benchPages() map[string]string {
	var article, reference, index strings.Builder
	head := func(b *strings.Builder, title string) {
		fmt.Fprintf(b, `<!DOCTYPE html>
<html lang="en" data-content_root="../"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>%s &#8212; Example 3.11 documentation</title>
<link rel="stylesheet" type="text/css" href="../_static/style.css?v=5ecbeea2"><script src="../_static/doctools.js"></script>
<link rel="next" title="Next" href="next.html"><link rel="canonical" href="https://docs.example.org/3/library/%s.html">
<style>@media only screen { table.full-width-table { width: 100%%; } }</style></head>
<body><div class="mobile-nav"><input type="checkbox" id="menuToggler" class="toggler__input" aria-controls="navigation"></div>
`, title, title)
	}
	const prose = "Objects of this kind are made once, for the whole program, and shared between all of its parts; what changes them later is seen everywhere. "
	head(&article, "article")
	for i := range 30 {
		fmt.Fprintf(&article, "<p>%s%s<a class=\"reference internal\" href=\"topic-%d.html#section\" title=\"topic\">topic</a>.</p>\n", prose, prose[:60], i)
	}
	head(&reference, "reference")
	for i := range 300 {
		fmt.Fprintf(&reference, `<dt class="sig sig-object py" id="m.f%d"><span class="sig-prename descclassname"><span class="pre">m.</span></span><span class="sig-name descname"><span class="pre">f%d</span></span><span class="sig-paren">(</span><em class="sig-param"><span class="n"><span class="pre">x</span></span></em><span class="sig-paren">)</span><a class="headerlink" href="#m.f%d" title="Link to this definition">¶</a></dt>
<dd><p>%s<code class="docutils literal notranslate"><span class="pre">x</span></code></p></dd>
`, i, i, i, prose)
	}
	head(&index, "index")
	for i := range 1000 {
		fmt.Fprintf(&index, "<li><a href=\"library/module%d.html#module.Class.method_%d\">method_%d() (Class method)</a></li>\n", i%200, i, i)
	}
	return map[string]string{"article": article.String(), "reference": reference.String(), "index": index.String()}
}

// BenchmarkScan measures a scan beside what x/net/html's tokenizer takes for
// the tags and attributes of the same page, without resolving any link.
func BenchmarkScan(b *testing.B) {
	pages := benchPages()
	for _, name := range []string{"article", "reference", "index"} {
		body := []byte(pages[name])
		run := func(kind string, scan func()) {
			b.Run(name+"/"+kind, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(body)))
				for b.Loop() {
					scan()
				}
			})
		}
		var s Scanner
		run("links", func() { s.Scan(body, page, Options{}) })
		run("assets", func() { s.Scan(body, page, Options{Assets: true}) })
		run("xnet", func() { tokenize(body) })
	}
}

func tokenize(body []byte) {
	z := html.NewTokenizer(bytes.NewReader(body))
	for tt := z.Next(); tt != html.ErrorToken; tt = z.Next() {
		if tt != html.StartTagToken && tt != html.SelfClosingTagToken {
			continue
		}
		for _, more := z.TagName(); more; {
			_, _, more = z.TagAttr()
		}
	}
}

// TestBenchPages keeps the pages what they are said to be.
func TestBenchPages(t *testing.T) {
	body := benchPages()["article"]
	d := new(Scanner).Scan([]byte(body), page, Options{})
	if len(d.Links) < 30 || len(d.Links) > 34 || len(body) < 9<<10 || len(body) > 11<<10 {
		t.Errorf("the article has %d bytes and %d links", len(body), len(d.Links))
	}
}

// TestAllocations: what a page costs in allocations does not grow with it.
func TestAllocations(t *testing.T) {
	var s Scanner
	for name, body := range benchPages() {
		n := testing.AllocsPerRun(10, func() { s.Scan([]byte(body), page, Options{Assets: true}) })
		if n > 10 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
