package article

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// tidy makes a tree of content ready to be written: references absolute, code
// marked with its language, and without what code listings have beside code.
func tidy(content *html.Node, base weburl.URL) {
	t := tidier{resolver: weburl.NewResolver(base), spans: maxSpans}
	for n := content; n != nil; {
		following := next(n, content)
		switch {
		case n.Type != html.ElementNode || n == content:
		case dropped(n) || lineNumbers(n):
			following = after(n, content)
			n.Parent.RemoveChild(n)
		default:
			t.element(n)
			flatten(n, content)
		}
		n = following
	}
}

type tidier struct {
	resolver *weburl.Resolver
	columns  int // of the table that comes last
	spans    int // cells that those of tables may still stand for
}

// maxSpans is how many cells the cells of a page may stand for, over all: each
// is written, and an attribute can ask for millions.
const maxSpans = 20_000

func (t *tidier) element(n *html.Node) {
	switch n.DataAtom {
	case atom.A:
		if strings.HasPrefix(attr(n, "href"), "#") && inHeadline(n) {
			unlink(n)
			return
		}
		resolve(n, "href", t.resolver)
	case atom.Img:
		lazyImage(n)
		resolve(n, "src", t.resolver)
	case atom.H1:
		n.Data = "h1" // readability makes them h2, in Data alone
	case atom.Pre:
		markLanguage(n)
	case atom.Table:
		t.columns = widestRow(n)
	case atom.Td, atom.Th:
		t.cell(n)
	}
}

func (t *tidier) cell(n *html.Node) {
	if !has(n, "colspan") && !has(n, "rowspan") {
		return
	}
	const mostRows = 100
	columns, rows := span(n, "colspan", t.columns), span(n, "rowspan", mostRows)
	if t.spans -= columns * rows; t.spans < 0 {
		columns, rows = 1, 1
	}
	setAttr(n, "colspan", strconv.Itoa(columns))
	setAttr(n, "rowspan", strconv.Itoa(rows))
}

// widestRow is how many cells a row of a table has at most. No cell is wider:
// what asks for more means "all".
func widestRow(table *html.Node) int {
	widest := 1
	for n := table; n != nil; n = next(n, table) {
		if n.DataAtom != atom.Tr {
			continue
		}
		cells := 0
		for c := range n.ChildNodes() {
			if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
				cells++
			}
		}
		widest = max(widest, cells)
	}
	return widest
}

// span is what an attribute asks for, within limits.
func span(n *html.Node, name string, most int) int {
	count, err := strconv.Atoi(strings.TrimSpace(attr(n, name)))
	if errors.Is(err, strconv.ErrRange) {
		return most
	}
	if err != nil || count < 1 {
		return 1
	}
	return min(count, most)
}

// resolve makes the reference in an attribute absolute, with its fragment. What
// leads to nothing outside a browser is taken out.
func resolve(n *html.Node, name string, resolver *weburl.Resolver) {
	for i := range n.Attr {
		a := &n.Attr[i]
		if a.Namespace != "" || a.Key != name {
			continue
		}
		ref := strings.TrimSpace(a.Val)
		address, fragment, hasFragment := strings.Cut(ref, "#")
		resolved, err := resolver.Append(nil, []byte(address))
		switch {
		case err == nil && hasFragment && fragment != "":
			a.Val = string(resolved) + "#" + fragment
		case err == nil:
			a.Val = string(resolved)
		case useless(ref):
			n.Attr = append(n.Attr[:i:i], n.Attr[i+1:]...)
			return
		}
	}
}

func useless(ref string) bool {
	scheme, _, _ := strings.Cut(strings.ToLower(ref), ":")
	return scheme == "javascript" || scheme == "data" || scheme == "blob" || scheme == "vbscript"
}

// unlink makes a headline's link to itself text, and nothing when it is only a
// mark to click on.
func unlink(n *html.Node) {
	setAttr(n, "href", "")
	switch flat(n) {
	case "¶", "#", "§", "🔗", "link":
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				d.Data = "" // the walk is about to come here: nothing is removed
			}
		}
	}
}

func inHeadline(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			return true
		}
	}
	return false
}

// lazyImage gives an image that a script would load its address.
func lazyImage(n *html.Node) {
	if src := attr(n, "src"); src != "" && !strings.HasPrefix(src, "data:") {
		return
	}
	for _, name := range []string{"data-src", "data-lazy-src", "data-original"} {
		if value := attr(n, name); value != "" {
			setAttr(n, "src", value)
			return
		}
	}
}

// lineNumbers reports whether n is the column of numbers beside a listing.
func lineNumbers(n *html.Node) bool {
	for _, class := range strings.Fields(attr(n, "class")) {
		switch class {
		case "linenos", "lineno", "linenodiv", "gutter", "line-numbers-rows", "rouge-gutter", "blob-num", "headerlink":
			return true
		}
	}
	return false
}

// markLanguage names the language of a listing the way that Markdown's writer
// looks for it. Highlighters name it in a class of <pre>, of the <code> in it,
// or of what is around.
func markLanguage(pre *html.Node) {
	candidates := []*html.Node{pre.FirstChild, pre}
	for p := pre.Parent; p != nil && len(candidates) < 5; p = p.Parent {
		candidates = append(candidates, p)
	}
	for _, n := range candidates {
		if language := languageOf(n); language != "" {
			setAttr(pre, "class", "language-"+language)
			if code := pre.FirstChild; code != nil && code.DataAtom == atom.Code {
				setAttr(code, "class", "language-"+language)
			}
			return
		}
	}
}

func languageOf(n *html.Node) string {
	if n == nil || n.Type != html.ElementNode {
		return ""
	}
	for _, name := range []string{"data-lang", "data-language"} {
		if language := attr(n, name); isLanguage(language) {
			return strings.ToLower(language)
		}
	}
	class := attr(n, "class")
	if brush, ok := strings.CutPrefix(class, "brush:"); ok {
		class = "lang-" + strings.TrimLeft(brush, " ")
	}
	for _, word := range strings.Fields(class) {
		for _, prefix := range []string{"language-", "lang-", "highlight-source-", "highlight-", "sourceCode-"} {
			language, ok := strings.CutPrefix(word, prefix)
			if ok && isLanguage(language) {
				return strings.ToLower(strings.TrimSuffix(language, ";"))
			}
		}
	}
	return ""
}

// isLanguage keeps out the other words that follow "highlight-".
func isLanguage(s string) bool {
	switch s {
	case "", "default", "none", "plaintext", "source", "text", "container", "wrapper", "notranslate":
		return false
	}
	return len(s) <= 20 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789+#-_;") == ""
}

func setAttr(n *html.Node, name, value string) {
	for i := range n.Attr {
		if n.Attr[i].Namespace == "" && n.Attr[i].Key == name {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}

// maxNested is how deep lists and quotes may be within each other. Markdown
// repeats the marks of all of them on each line, so that a page of brackets
// would grow with the square of its size.
const maxNested = 16

// flatten makes an element that is nested too deep one without marks.
func flatten(n, root *html.Node) {
	switch n.DataAtom {
	case atom.Blockquote, atom.Ul, atom.Ol:
	default:
		return
	}
	depth := 0
	for p := n.Parent; p != nil && p != root; p = p.Parent {
		switch p.DataAtom {
		case atom.Blockquote, atom.Ul, atom.Ol:
			depth++
		}
	}
	if depth >= maxNested {
		n.DataAtom, n.Data = atom.Div, "div"
	}
}
