package article

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
)

// Whatever the page, its content is found without a panic, is UTF-8 and
// bounded, and a page with text to read has content.
func FuzzFind(f *testing.F) {
	for _, s := range corpus(f)[:10] {
		f.Add(s.page)
	}
	f.Add([]byte(`<table><td colspan=9999 rowspan=99999>x<pre><code class="lang-go">y</pre><ul><li><blockquote>z`))
	base := pageURL(f)
	for _, body := range hostile.Bodies(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		root, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			root = Shallow(page, 1<<20)
		}
		main := Find(root, base)
		text := main.Text()
		if text == "" && plainText(everything(root)) != "" {
			t.Fatal("there is text, and no content")
		}
		markdown, err := main.Markdown()
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 4*len(page)+10 || len(markdown) > 100_000+100*len(page) {
			t.Fatalf("%d bytes give %d of text, %d of Markdown", len(page), len(text), len(markdown))
		}
		about, err := json.Marshal(Describe(root, base, main))
		if err != nil || !utf8.ValidString(text) || !utf8.ValidString(markdown) || !utf8.Valid(about) {
			t.Fatalf("not UTF-8, or no JSON: %v", err)
		}
	})
}
