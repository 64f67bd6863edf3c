package recipe

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/trawl-crawler/trawl/parse/article"
	"github.com/trawl-crawler/trawl/parse/internal/contain"
	"github.com/trawl-crawler/trawl/parse/internal/flow"
)

// readText is the text of an element as a reader sees it: white space collapsed as browsers do it, a space where a
// block begins or ends, and nothing of the scripts and styles within.
func readText(x *run, n *html.Node) (string, error) {
	if s, ok := soleText(n); ok {
		s = collapse(s)
		return s, x.keep(len(s))
	}
	t := textWriter{x: x}
	if err := t.below(n); err != nil {
		return "", err
	}
	return string(t.out), x.keep(len(t.out))
}

// soleText is the text of an element that has nothing else, which most that are selected are like.
func soleText(n *html.Node) (string, bool) {
	if n.Type == html.TextNode {
		return n.Data, true
	}
	c := n.FirstChild
	if c == nil {
		return "", true
	}
	return c.Data, c.Type == html.TextNode && c.NextSibling == nil
}

// textWriter collapses white space over the borders of nodes.
type textWriter struct {
	x   *run
	out []byte
	gap bool // white space came since the last word
}

func (t *textWriter) below(n *html.Node) error {
	for c := range n.ChildNodes() {
		if err := t.x.spend(1 + len(c.Data)/16); err != nil {
			return err
		}
		switch c.Type {
		case html.TextNode:
			t.text(c.Data)
		case html.ElementNode:
			if isHidden(c.DataAtom) {
				continue
			}
			block := flow.Breaks(c.DataAtom)
			t.gap = t.gap || block
			if err := t.below(c); err != nil {
				return err
			}
			t.gap = t.gap || block
		}
		if len(t.out) > maxText {
			return errText
		}
	}
	return nil
}

func (t *textWriter) text(s string) {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if unicode.IsSpace(r) {
			t.gap = true
			s = s[size:]
			continue
		}
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 {
			end = len(s)
		}
		if t.gap && len(t.out) > 0 {
			t.out = append(t.out, ' ')
		}
		t.out = append(t.out, s[:end]...)
		t.gap = false
		s = s[end:]
	}
}

// collapse makes one space of each run of white space, and none at the ends.
func collapse(s string) string {
	clean := true
	space := true // at the start a space counts as repeated
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == ' ' && space {
			clean = false
			break
		}
		space = c == ' '
	}
	if clean && !space || s == "" {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

func isHidden(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Head:
		return true
	}
	return false
}

// rawText is the text of an element, character for character, scripts and styles included.
func rawText(x *run, n *html.Node) (string, error) {
	if n.Type == html.TextNode {
		return n.Data, x.keep(len(n.Data))
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if err := x.spend(1 + len(d.Data)/16); err != nil {
			return "", err
		}
		if d.Type != html.TextNode {
			continue
		}
		if b.Len()+len(d.Data) > maxText {
			return "", errText
		}
		b.WriteString(d.Data)
	}
	return b.String(), x.keep(b.Len())
}

// innerHTML is the markup within an element, of a tree: as browsers would write it, not as it was sent.
func innerHTML(x *run, n *html.Node) (string, error) {
	if n.Type == html.TextNode {
		s := html.EscapeString(n.Data)
		return s, x.keep(len(s))
	}
	var b limitedBuffer
	for c := range n.ChildNodes() {
		if err := render(x, &b, c); err != nil {
			return "", err
		}
	}
	return b.String(), x.keep(b.Len())
}

// outerHTML is the markup of an element, itself included.
func outerHTML(x *run, n *html.Node) (string, error) {
	var b limitedBuffer
	err := render(x, &b, n)
	return b.String(), err
}

func render(x *run, b *limitedBuffer, n *html.Node) error {
	write := html.Render
	if x.page.xml {
		write = renderXML
	}
	if err := write(b, n); err != nil {
		return err
	}
	return x.spend(b.Len() / 8)
}

// limitedBuffer refuses to grow beyond one value.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxText {
		return 0, errText
	}
	return b.Buffer.Write(p)
}

func (b *limitedBuffer) WriteString(s string) (int, error) {
	if b.Len()+len(s) > maxText {
		return 0, errText
	}
	return b.Buffer.WriteString(s)
}

func (b *limitedBuffer) WriteByte(c byte) error {
	if b.Len() >= maxText {
		return errText
	}
	return b.Buffer.WriteByte(c)
}

// markdown is an element as GitHub flavoured Markdown with absolute links.
func markdown(x *run, n *html.Node) (string, error) {
	root, err := cloneTree(x, n)
	if err != nil {
		return "", err
	}
	x.absolute(root)
	var out []byte
	panicked := contain.Run(func() { out, err = article.NewConverter().ConvertNode(root, converter.WithContext(x.ctx)) })
	if err = cmp.Or(panicked, err); err != nil {
		return "", fmt.Errorf("no Markdown can be made of the element: %w", err)
	}
	out = bytes.TrimSpace(out)
	return string(out), x.keep(len(out))
}

// cloneTree copies an element into a document of its own: the converter changes what it is given. It pays for what
// the converter will do, which cannot be stopped: each element writes its content anew, for the elements around it, and
// from each "[" the rest of the text is searched.
func cloneTree(x *run, n *html.Node) (*html.Node, error) {
	c := cloner{x: x}
	top, err := c.clone(n, 1)
	if err == nil {
		err = x.spend(c.brackets * c.size / 64)
	}
	if err != nil || top.Type == html.DocumentNode {
		return top, err
	}
	doc := &html.Node{Type: html.DocumentNode}
	doc.AppendChild(top)
	return doc, nil
}

type cloner struct {
	x              *run
	size, brackets int
}

func (c *cloner) clone(n *html.Node, depth int) (*html.Node, error) {
	if c.size += len(n.Data) + 8; c.size > maxText {
		return nil, errText
	}
	if err := c.x.spend(32 + depth*len(n.Data)/16); err != nil {
		return nil, err
	}
	c.brackets += strings.Count(n.Data, "[")
	out := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace}
	out.Attr = append(out.Attr, n.Attr...)
	for child := range n.ChildNodes() {
		below, err := c.clone(child, depth+1)
		if err != nil {
			return nil, err
		}
		out.AppendChild(below)
	}
	return out, nil
}

// absolute resolves the references of a tree of our own. What is no http reference stays as it is.
func (x *run) absolute(root *html.Node) {
	for n := range root.Descendants() {
		for i := range n.Attr {
			a := &n.Attr[i]
			if a.Key != "href" && a.Key != "src" {
				continue
			}
			if u, err := x.page.resolve(a.Val); err == nil {
				a.Val = u.String() + fragment(a.Val)
			}
		}
	}
}

// fragment is the "#…" of a reference: canonical URLs have none, readers of Markdown want it.
func fragment(ref string) string {
	if i := strings.IndexByte(ref, '#'); i >= 0 && !strings.ContainsAny(ref[i:], " \t\r\n()<>") {
		return ref[i:]
	}
	return ""
}

// errNoElement says that a type needs markup and was given a string.
var errNoElement = errors.New("only an element has markup (select one with css or xpath)")
