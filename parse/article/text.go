package article

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText is the text of a tree as a reader sees it: a line for each block,
// an empty line between those that stand apart, white space collapsed but
// within <pre>.
func plainText(root *html.Node) string {
	w := textWriter{root: root}
	for n := root; n != nil; {
		if n.Type == html.ElementNode && n != root && dropped(n) {
			n = w.leave(n)
			continue
		}
		w.enter(n)
		if n.FirstChild != nil {
			n = n.FirstChild
			continue
		}
		n = w.leave(n)
	}
	return strings.TrimSpace(w.b.String())
}

type textWriter struct {
	root   *html.Node
	b      strings.Builder
	breaks int  // line ends owed before the next text
	space  bool // a space is owed
	pre    int
	ends   string // line ends within <pre> that are owed
}

func (w *textWriter) enter(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		if w.pre > 0 {
			w.raw(n.Data)
		} else {
			w.words(n.Data)
		}
	case html.ElementNode:
		w.breaks = max(w.breaks, breaksAround(n))
		switch n.DataAtom {
		case atom.Pre:
			w.pre++
		case atom.Td, atom.Th:
			w.space = true
		}
	}
}

// leave goes to the node after n and all below it.
func (w *textWriter) leave(n *html.Node) *html.Node {
	for ; n != nil && n != w.root; n = n.Parent {
		w.end(n)
		if n.NextSibling != nil {
			return n.NextSibling
		}
	}
	return nil
}

func (w *textWriter) end(n *html.Node) {
	if n.Type != html.ElementNode {
		return
	}
	w.breaks = max(w.breaks, breaksAround(n))
	if n.DataAtom == atom.Pre && w.pre > 0 {
		w.pre--
		w.ends = ""
	}
}

func (w *textWriter) words(s string) {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	w.space = w.space || unicode.IsSpace(first) // &nbsp; is one, as it is to Fields
	for i, word := range strings.Fields(s) {
		w.space = w.space || i > 0
		w.gap()
		w.b.WriteString(word)
	}
	w.space = w.space || unicode.IsSpace(last)
}

// raw writes text of <pre>. The line ends that it ends with are kept back, for
// there may be no more of it.
func (w *textWriter) raw(s string) {
	text := strings.TrimRight(s, "\r\n")
	if text != "" {
		w.gap()
		w.b.WriteString(w.ends + text)
		w.ends = ""
	}
	w.ends += s[len(text):]
}

func (w *textWriter) gap() {
	switch {
	case w.b.Len() == 0:
	case w.breaks > 0:
		w.b.WriteString("\n\n"[:min(w.breaks, 2)])
	case w.space:
		w.b.WriteByte(' ')
	}
	w.breaks, w.space = 0, false
}

// breaksAround is how many line ends are before and after an element.
func breaksAround(n *html.Node) int {
	switch n.DataAtom {
	case atom.Ul, atom.Ol:
		if n.Parent != nil && n.Parent.DataAtom == atom.Li {
			return 1
		}
		return 2
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Blockquote, atom.Table, atom.Dl, atom.Section, atom.Article, atom.Figure, atom.Hr, atom.Main, atom.Details:
		return 2
	case atom.Div, atom.Li, atom.Dt, atom.Dd, atom.Tr, atom.Br, atom.Header, atom.Footer, atom.Figcaption, atom.Caption, atom.Form,
		atom.Address, atom.Nav, atom.Aside, atom.Fieldset, atom.Summary, atom.Center, atom.Body, atom.Option:
		return 1
	}
	return 0
}
