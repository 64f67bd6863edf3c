package article

import (
	"bytes"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxOpen is how deep the elements of a tree by Shallow may be.
const maxOpen = 256

// Shallow builds a tree of a page (UTF-8) that x/net/html refuses because more
// than 512 of its elements are open at once, or that has too many for it. What is nested deeper than 256 is
// put side by side, and end tags close the last element of their name: all
// text and all attributes are there, at about their place. Of tags and texts
// there are at most so many: the rest of the page is left out.
func Shallow(page []byte, most int) *html.Node {
	body := &html.Node{Type: html.ElementNode, DataAtom: atom.Body, Data: "body"}
	b := shallow{open: []*html.Node{body}}
	tokens := html.NewTokenizer(bytes.NewReader(page))
	for n := 0; n < most && tokens.Next() != html.ErrorToken; n++ {
		b.add(tokens.Token())
	}
	return document(body)
}

type shallow struct {
	open []*html.Node
	over int // elements that were opened beyond maxOpen
}

func (b *shallow) add(t html.Token) {
	top := b.open[len(b.open)-1]
	switch t.Type {
	case html.TextToken:
		top.AppendChild(&html.Node{Type: html.TextNode, Data: t.Data})
	case html.StartTagToken, html.SelfClosingTagToken:
		b.start(top, t)
	case html.EndTagToken:
		b.end(t)
	}
}

func (b *shallow) start(top *html.Node, t html.Token) {
	switch t.DataAtom {
	case atom.Html, atom.Head, atom.Body:
		return // Shallow has them already
	}
	n := &html.Node{Type: html.ElementNode, DataAtom: t.DataAtom, Data: t.Data, Attr: t.Attr}
	top.AppendChild(n)
	switch {
	case t.Type == html.SelfClosingTagToken || void(t.DataAtom):
	case len(b.open) < maxOpen || rawText(t.DataAtom): // the end of raw text comes next
		b.open = append(b.open, n)
	default:
		b.over++
	}
}

func (b *shallow) end(t html.Token) {
	if b.over > 0 && !rawText(t.DataAtom) {
		b.over--
		return
	}
	for i := len(b.open) - 1; i > 0; i-- {
		if b.open[i].Data == t.Data {
			b.open = b.open[:i]
			return
		}
	}
}

func rawText(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Textarea, atom.Title, atom.Noscript, atom.Iframe, atom.Xmp, atom.Noembed, atom.Noframes:
		return true
	}
	return false
}

// void reports whether an element has no end tag (WHATWG HTML §13.1.2).
func void(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta,
		atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}
