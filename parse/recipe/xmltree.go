package recipe

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// isXML reports whether a body is read as XML. XHTML and SVG are not: HTML's parser knows them.
func isXML(mediaType string) bool {
	switch mediaType {
	case "text/html", "application/xhtml+xml", "image/svg+xml":
		return false
	}
	return isMarkup(mediaType)
}

// xmlTree reads a body as XML, which has no elements that are always empty (a feed's <link>), others that end by
// themselves (<enclosure/>) and CDATA; HTML's parser makes something else of all three. Names are as HTML's trees have
// them, prefix:local in lower case: selectors find them in any case. A fault costs what is about it: an end without a start,
// or a start without an end. There is no tree of XHTML whose media type does not say so.
func xmlTree(body []byte, nesting int) (*goquery.Document, error) {
	t := xmlBuilder{open: []*html.Node{{Type: html.DocumentNode}}}
	z := html.NewTokenizer(bytes.NewReader(body))
	z.AllowCDATA(true)
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				return nil, z.Err()
			}
			t.flush()
			return goquery.NewDocumentFromNode(t.open[0]), nil
		case html.TextToken:
			t.read(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			t.end(string(name))
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			z.NextIsNotRawText()
			switch {
			case len(t.open) == 1 && token.Data == "html":
				return nil, nil
			case len(t.open) > nesting:
				return nil, &overError{OverNesting, nesting}
			}
			t.start(&token)
		}
	}
}

// xmlBuilder makes the tree.
type xmlBuilder struct {
	open []*html.Node // the document, and the elements that have not ended
	text []byte       // of the last of them, to be its next node
}

func (t *xmlBuilder) start(token *html.Token) {
	t.flush()
	n := &html.Node{Type: html.ElementNode, Data: token.Data, Attr: token.Attr}
	if !isHidden(token.DataAtom) {
		n.DataAtom = token.DataAtom // markup within, as feeds have it, is laid out
	}
	t.open[len(t.open)-1].AppendChild(n)
	if token.Type == html.StartTagToken {
		t.open = append(t.open, n)
	}
}

func (t *xmlBuilder) end(name string) {
	for i, n := range slices.Backward(t.open) {
		if n.Data == name && i > 0 {
			t.flush()
			t.open = t.open[:i]
			return
		}
	}
}

// read takes a text, that of CDATA as it is.
func (t *xmlBuilder) read(z *html.Tokenizer) {
	s, isCDATA := bytes.CutPrefix(z.Raw(), []byte("<![CDATA["))
	if isCDATA {
		s = bytes.TrimSuffix(s, []byte("]]>"))
	} else {
		s = z.Text()
	}
	t.text = append(t.text, s...)
}

// flush makes a node of the text, however many pieces it came in. Around the root there is none.
func (t *xmlBuilder) flush() {
	if len(t.text) > 0 && len(t.open) > 1 {
		t.open[len(t.open)-1].AppendChild(&html.Node{Type: html.TextNode, Data: string(t.text)})
	}
	t.text = t.text[:0]
}

// renderXML writes an element or a text as XML: [html.Render] refuses a <link> that has content.
func renderXML(w io.Writer, n *html.Node) error {
	if n.Type == html.TextNode {
		_, err := io.WriteString(w, html.EscapeString(n.Data))
		return err
	}
	var tag strings.Builder
	tag.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		tag.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
	}
	if n.FirstChild == nil {
		_, err := io.WriteString(w, tag.String()+"/>")
		return err
	}
	if _, err := io.WriteString(w, tag.String()+">"); err != nil {
		return err
	}
	for c := range n.ChildNodes() {
		if err := renderXML(w, c); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "</"+n.Data+">")
	return err
}
