package link

import (
	"encoding/json"
	"go/build"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// treeScan finds the links in the tree that x/net/html makes of a page.
func treeScan(t *testing.T, body string, opts Options) *oracle {
	t.Helper()
	root, err := html.ParseWithOptions(strings.NewReader(body), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{opts: opts, base: mustParse("https://example.org/dir/page?q")}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attrs := map[string]string{}
		for _, a := range n.Attr {
			key := a.Key
			if a.Namespace != "" {
				key = a.Namespace + ":" + key
			}
			attrs[key] = a.Val
		}
		o.element(n.Data, attrs, n.Namespace != "")
		text := ""
		if n.FirstChild != nil {
			text = n.FirstChild.Data
		}
		switch {
		case n.Namespace != "":
		case n.Data == "style":
			o.css(text, StyleText)
		case n.Data == "title" && o.title == nil:
			o.title = &text
		}
	}
	return o
}

// grammar makes documents like those of html5lib's tests: nested, unclosed,
// with foreign content and markup that is text. It leaves out what moves or
// drops elements in a tree, such as tables and selects. A name in braces is a
// rule, and {url} a new reference.
var grammar = map[string][]string{
	"page":    {"<!DOCTYPE html><html><head>{head}</head><body>{flow}{flow}{flow}</body></html>", "{head}{flow}{flow}"},
	"head":    {"", "<title>{text}</title>{head}", "<link rel=next href={url}>{head}", `<style>@import '{url}';</style>{head}`, "<!--{text}-->{head}", "<script>{script}</script>{head}"},
	"flow":    {"{text}", "{block}{flow}", "{phrase}{flow}", "{raw}{flow}", "{svg}{flow}", "{comment}{flow}"},
	"block":   {"<div>{flow}</div>", "<p>{phrase}", "<p>{phrase}</p>", "<ul><li>{phrase}<li>{phrase}</ul>", "<h1>{phrase}</h1>", `<div style="x:url('{url}')">{flow}</div>`, "<noscript>{phrase}</noscript>", "<blockquote>{flow}"},
	"phrase":  {"{text}", "<a href={url}>{text}</a>{phrase}", "<A HREF='{url}'>{phrase}", `<a title="a>b" href = "{url}" rel='x nofollow'>{text}</a>`, "<img src={url}>", "<b>{phrase}</b>", "<i>{phrase}", `<img alt='"' srcset="{url} 1x, {url} 2x">`, "<span>{phrase}</span>", "<br/>", "<a =href=x href={url}/>", "<a href={url} href={url}>{text}</a>"},
	"closed":  {"", "<a href={url}>{text}</a>{closed}", "<img src={url}>{closed}", "<b>{closed}</b>", "<style>@import '{url}';<a href={url}></style>{closed}"},
	"raw":     {"<script>{script}</script>", "<style>{text}{phrase}</style>", "<textarea>{phrase}</textarea>", "<iframe src={url}>{phrase}</iframe>", "<noembed>{phrase}</noembed>", "<xmp>{phrase}</xmp>", `<iframe srcdoc="<a href='{url}'>&lt;a href={url}&gt;"></iframe>`},
	"script":  {"{phrase}", "<!--{phrase}", "<!--<script>{phrase}</script>-->", "if(a<b)'{text}'", "<!--{text}--><script>"},
	"svg":     {"<svg>{shape}</svg>", "<svg>{shape}<p>", "<math>{formula}</math>", "<div><svg>{shape}</div>", "<svg/>"},
	"shape":   {"", "<path d=x />{shape}", "<g>{shape}</g>{shape}", "<a xlink:href={url}>{shape}</a>", "<image href={url} />{shape}", "<use xlink:href={url} />{shape}", "<style>a{}<a href={url} /></style>{shape}", "<title><b>{text}</b></title>{shape}", "<foreignObject><div>{closed}{svg}</div></foreignObject>{shape}", "<foreignObject>{closed}{raw}</foreignObject>{shape}", "<![CDATA[<a href={url}>]]>{shape}", "<desc><a href={url}>{text}</a></desc>{shape}", "<svg>{shape}</svg>{shape}", "<script>{text}</script>{shape}"},
	"formula": {"", "<mi>{closed}</mi>{formula}", "<mrow xlink:href={url}>{formula}</mrow>", "<a xlink:href={url}>{formula}</a>", "<style><a href={url} /></style>{formula}", "<![CDATA[<a href={url}>]]>{formula}"},
	"comment": {"<!--{phrase}-->", "<!-->", "<!--{phrase}--!>", "<!--->", "<?{text}>", "<!{text}>", "</ {text}>", "<![CDATA[{text}>", "</>"},
	"text":    {"t", "a &amp b", " a < b ", "", "&copy;x"},
	"url":     {"u{n}", "/u{n}?a&amp;b=c", "u{n}&#47;&eacute;", "//example.net/{n}", "../u{n}#f", "mailto:u{n}"},
}

func generate(r *rand.Rand, b *strings.Builder, rule string, budget *int) {
	*budget--
	choices := grammar[rule]
	choice := choices[0] // the first is the way out
	if *budget > 0 || rule == "url" || rule == "page" {
		choice = choices[r.IntN(len(choices))]
	}
	for choice != "" {
		text, rest, ok := strings.Cut(choice, "{")
		b.WriteString(text)
		if !ok {
			return
		}
		name, rest, closed := strings.Cut(rest, "}")
		switch {
		case !closed || grammar[name] == nil && name != "n": // a brace of CSS
			b.WriteString("{" + name + "}")
		case name == "n":
			b.WriteByte("0123456789abcdefghijklmnopqrstuvwxyz"[r.IntN(36)])
		default:
			generate(r, b, name, budget)
		}
		choice = rest
	}
}

// TestTree compares generated pages with the tokens and the tree of x/net/html.
func TestTree(t *testing.T) {
	t.Parallel()
	var s Scanner
	compared, links := 0, 0
	for seed := range uint64(2000) {
		var b strings.Builder
		budget := 60
		generate(rand.New(rand.NewPCG(seed, 0)), &b, "page", &budget)
		body := b.String()
		compareToOracle(t, &s, body)
		if escapedScriptBug.MatchString(body) {
			continue
		}
		opts := Options{Assets: true}
		got, want := s.Scan([]byte(body), mustParse("https://example.org/dir/page?q"), opts), treeScan(t, body, opts)
		if d := cmp.Diff(describe(want.links), describe(got.Links)); d != "" {
			t.Fatalf("seed %d: links of %s (-tree, +scanner):\n%s", seed, body, d)
		}
		compared, links = compared+1, links+len(got.Links)
	}
	if compared < 1000 || links < 10*compared/2 {
		t.Errorf("the generator is no good: %d pages with %d links", compared, links)
	}
}

// sentinels are links behind a page, so that each state it may end in shows.
const sentinels = `<a href=s1>"<a href=s2>'><a href=s3>--><a href=s4>]]><a href=s5></script></style></title></textarea>` +
	`</noembed></noframes></iframe></xmp><a href=s6></svg></math><style><a href=s7></style><a href=s8>`

// TestHTML5lib scans the pages of html5lib's tests, which golang.org/x/net has
// with its source.
func TestHTML5lib(t *testing.T) {
	t.Parallel()
	pkg, err := build.Import("golang.org/x/net/html", ".", build.FindOnly)
	if err != nil {
		t.Skipf("no source of golang.org/x/net: %v", err)
	}
	var s Scanner
	pages := append(treePages(t, pkg.Dir), tokenPages(t, pkg.Dir)...)
	if len(pages) == 0 {
		t.Skip("golang.org/x/net comes without html5lib's tests")
	}
	for _, page := range pages {
		compareToOracle(t, &s, strings.ToValidUTF8(page+sentinels, "\uFFFD"))
	}
	if len(pages) < 5000 {
		t.Errorf("only %d pages", len(pages))
	}
}

// treePages returns the #data of the tree construction tests.
func treePages(t *testing.T, dir string) (pages []string) {
	for _, file := range glob(t, dir, "tree-construction", "*.dat") {
		for _, test := range strings.Split("\n"+file, "\n#data\n")[1:] {
			page, _, _ := strings.Cut(test, "\n#errors")
			pages = append(pages, page)
		}
	}
	return pages
}

// tokenPages returns the inputs of the tokenizer tests.
func tokenPages(t *testing.T, dir string) (pages []string) {
	for _, file := range glob(t, dir, "tokenizer", "*.test") {
		var suite struct{ Tests []struct{ Input string } }
		if err := json.Unmarshal([]byte(file), &suite); err != nil {
			t.Fatal(err)
		}
		for _, test := range suite.Tests {
			pages = append(pages, test.Input)
		}
	}
	return pages
}

func glob(t *testing.T, dir, suite, pattern string) (files []string) {
	names, err := filepath.Glob(filepath.Join(dir, "testdata", "html5lib-tests", suite, pattern))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, string(file))
	}
	return files
}
