package structured_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/trawl-crawler/trawl/parse/structured"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

var update = flag.Bool("update", false, "write what Extract gives into testdata/*.txtar")

func extract(t testing.TB, page string, limits structured.Limits) structured.Structured {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Skip(err)
	}
	base, err := weburl.Parse("https://www.example.org/shop/tins")
	if err != nil {
		t.Fatal(err)
	}
	return structured.Extract(root, base, limits)
}

func encode(t testing.TB, value any) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Each file has a page and what is in it.
func TestExtract(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := encode(t, extract(t, string(archive.Files[0].Data), structured.Limits{}))
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "structured.json", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(archive.Files) < 2 {
				t.Fatal("no golden file: run with -update")
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func script(block string) string { return `<script type="application/ld+json">` + block + `</script>` }

// What is too much is cut, and said to be.
func TestLimits(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for name, page := range map[string]string{
		"deep list":       script(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)),
		"deep, cut short": script(strings.Repeat(`{"a":[`, 100_000)),
		"long string":     script(`["` + long + `","` + long + `"]`),
		"many values":     script("[" + strings.Repeat("1,", 100_000) + "1]"),
		"metas":           strings.Repeat(`<meta name="a" content="`+long[:1000]+`">`, 200),
		"long relatives":  `<base>` + strings.Repeat(`<meta name="twitter:image" content="a">`, 20_000),
		"microdata":       strings.Repeat(`<p itemscope><i itemprop="a">`+long[:100]+`</i></p>`, 2000),
		"nested items":    strings.Repeat(`<div itemscope itemprop="a">`, 400) + strings.Repeat(`</div>`, 400) + nest(400, `<div itemscope itemprop="a">`),
		"rdfa":            strings.Repeat(`<p typeof="T"><i property="a">`+long[:100]+`</i></p>`, 2000),
		"itemrefs":        refs(12),
	} {
		t.Run(name, func(t *testing.T) {
			limits := structured.Limits{Bytes: 100_000}
			got := extract(t, page, limits)
			if size := len(encode(t, got)); size > 10*limits.Bytes {
				t.Errorf("%d bytes of JSON from a limit of %d", size, limits.Bytes)
			}
			if !got.Truncated && len(got.Errors) == 0 {
				t.Error("nothing says that something was left out")
			}
		})
	}
}

func nest(n int, tag string) string {
	return "<div itemscope>" + strings.Repeat(tag, n) + strings.Repeat("</div>", n+1)
}

// refs makes n items that each refer to all others: n! ways through them.
func refs(n int) string {
	var b strings.Builder
	ids := ""
	for i := range n {
		ids += " i" + string(rune('a'+i))
	}
	for i := range n {
		b.WriteString(`<div id="i` + string(rune('a'+i)) + `" itemprop="p" itemscope itemref="` + ids + `"></div>`)
	}
	return b.String() + `<div itemscope itemref="` + ids + `"></div>`
}

// Items that refer to the same part of the page cost no more looks at it than
// the page's size allows, however little they give.
func TestManyLooks(t *testing.T) {
	page := `<div id="big">` + strings.Repeat("<br>", 1000) + "</div>" + strings.Repeat(`<p itemscope itemref="big"></p>`, 100)
	if got := extract(t, page, structured.Limits{Bytes: 5000}); !got.Truncated {
		t.Errorf("100 looks at 1,000 elements are too many: %d items", len(got.Microdata))
	}
	if got := extract(t, page, structured.Limits{}); got.Truncated || len(got.Microdata) != 100 {
		t.Errorf("%d items, truncated %v", len(got.Microdata), got.Truncated)
	}
}

// A tree of any depth is gone through so far.
func TestDeepTree(t *testing.T) {
	root := &html.Node{Type: html.DocumentNode}
	at := root
	for range 2000 {
		div := &html.Node{Type: html.ElementNode, DataAtom: atom.Div, Data: "div"}
		at.AppendChild(div)
		at = div
	}
	at.Attr = []html.Attribute{{Key: "typeof", Val: "Thing"}}
	if got := structured.Extract(root, weburl.URL{}, structured.Limits{}); !got.Truncated || len(got.RDFa) > 0 {
		t.Errorf("truncated %v, %d items", got.Truncated, len(got.RDFa))
	}
}

// The faults of a page are told up to a number, then counted.
func TestManyFaults(t *testing.T) {
	got := extract(t, strings.Repeat(script("{"), 50), structured.Limits{Errors: 3})
	if len(got.Errors) != 3 || got.MoreErrors != 47 {
		t.Errorf("%d errors and %d more, want 3 and 47", len(got.Errors), got.MoreErrors)
	}
}

func TestExtractOfNothing(t *testing.T) {
	if diff := cmp.Diff(structured.Structured{}, structured.Extract(nil, weburl.URL{}, structured.Limits{})); diff != "" {
		t.Error(diff)
	}
	if got := encode(t, extract(t, "<p>text", structured.Limits{})); got != "{}\n" {
		t.Errorf("a page without structured data gives %s", got)
	}
}
