package recipe

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/link"
)

// TreeLimits say of which pages no tree is made, as it would cost too much memory. The zero value of each field is its
// default.
type TreeLimits struct {
	Tags       int // start and end; 500,000: the largest real pages, a specification in one, have half as many. Each takes up to 320 bytes
	Attributes int // of all tags; 1,000,000. Each takes up to 100 bytes
	Nesting    int // elements within each other; MaxNesting
}

// MaxNesting is how many elements may be open at once: x/net/html takes no more.
const MaxNesting = 512

func (l TreeLimits) withDefaults() TreeLimits {
	l.Tags = cmp.Or(l.Tags, 500_000)
	l.Attributes = cmp.Or(l.Attributes, 1_000_000)
	l.Nesting = cmp.Or(l.Nesting, MaxNesting)
	return l
}

// Most is how many tags there may be.
func (l TreeLimits) Most() int { return l.withDefaults().Tags }

// What a page may have too much of for a tree.
const (
	OverTags       = "tags"
	OverAttributes = "attributes"
	OverNesting    = "nesting"
)

// overError says that a page has too much of something.
type overError struct {
	what string
	most int
}

func (e *overError) Error() string { return fmt.Sprintf("it has more %s than %d", e.what, e.most) }

// check counts what can be counted without a tree.
func (l TreeLimits) check(body []byte, xml bool) error {
	if link.Attributes(body, l.Attributes, xml) > l.Attributes { // first: who makes another tree of so many tags relies on it
		return &overError{OverAttributes, l.Attributes}
	}
	if bytes.Count(body, []byte{'<'}) > l.Tags {
		return &overError{OverTags, l.Tags}
	}
	return nil
}

// Root returns the tree of a page with markup, made on the first call; callers must not change it. The error says
// that the body has no markup, or which of the limits is too low for it.
func (p *Page) Root() (*html.Node, error) {
	doc, err := p.document()
	if err != nil {
		return nil, err
	}
	return doc.Nodes[0], nil
}

// Over names the limit that the page's tree is over; "" means none, or that nothing has asked for the tree.
func (p *Page) Over() string {
	if over, ok := errors.AsType[*overError](p.tree.err); ok {
		return over.what
	}
	return ""
}

func (p *Page) document() (*goquery.Document, error) {
	return p.tree.get(func() (*goquery.Document, error) {
		if !p.hasMarkup() {
			return nil, errNoMarkup
		}
		if isXML(p.mediaType) {
			if doc, err := p.xmlDocument(); doc != nil || err != nil {
				return doc, err
			}
		}
		return p.htmlDocument()
	})
}

// xmlDocument is nil for a page that is XHTML after all.
func (p *Page) xmlDocument() (*goquery.Document, error) {
	err := p.limits.check(p.body, true)
	var doc *goquery.Document
	if err == nil {
		doc, err = xmlTree(p.body, p.limits.Nesting)
	}
	if err != nil {
		return nil, noTree(err)
	}
	p.xml = doc != nil
	return doc, nil
}

func (p *Page) htmlDocument() (*goquery.Document, error) {
	body := p.body
	if p.mediaType != "text/html" && p.mediaType != "" {
		body = link.CloseEmpty(body) // of XHTML
	}
	if err := p.limits.check(body, false); err != nil {
		return nil, noTree(err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
	if err != nil || p.limits.Nesting < MaxNesting && deeper(doc.Nodes[0], p.limits.Nesting) {
		return nil, noTree(&overError{OverNesting, p.limits.Nesting}) // there is no other reason
	}
	return doc, nil
}

func noTree(err error) error { return unreadable{"no tree is made of the page", err} }

// deeper reports whether elements of a tree are within each other more than most times.
func deeper(root *html.Node, most int) bool {
	depth := 0
	for n := root; n != nil; {
		if n.FirstChild != nil {
			if n.Type == html.ElementNode {
				depth++
			}
			n = n.FirstChild
			if n.Type == html.ElementNode && depth+1 > most {
				return true
			}
			continue
		}
		for n != root && n.NextSibling == nil {
			n = n.Parent
			if n.Type == html.ElementNode {
				depth--
			}
		}
		n = n.NextSibling
	}
	return false
}

// TreeBuilt reports whether something asked for the tree and there is one.
func (p *Page) TreeBuilt() bool { return p.tree.value != nil }
