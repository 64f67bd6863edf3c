package structured

import (
	"iter"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page is what one pass over the tree finds for all vocabularies.
type page struct {
	scripts []*html.Node // JSON-LD blocks
	metas   []*html.Node
	items   []*html.Node          // with itemscope and without itemprop
	ids     map[string]*html.Node // the first element of each, if the page has itemref
	order   map[*html.Node]int    // in the tree, if the page has itemref
}

func survey(root *html.Node) page {
	var p page
	refs := false
	for n := range nodes(root) {
		switch {
		case n.Type != html.ElementNode:
			continue
		case n.DataAtom == atom.Script && isJSONLD(n):
			p.scripts = append(p.scripts, n)
		case n.DataAtom == atom.Meta:
			p.metas = append(p.metas, n)
		}
		if has(n, "itemscope") {
			refs = refs || has(n, "itemref")
			if !has(n, "itemprop") {
				p.items = append(p.items, n)
			}
		}
	}
	if refs {
		p.index(root)
	}
	return p
}

// index notes where elements are, which only itemref asks for.
func (p *page) index(root *html.Node) {
	p.ids, p.order = map[string]*html.Node{}, map[*html.Node]int{}
	for n := range nodes(root) {
		p.order[n] = len(p.order)
		if id := attr(n, "id"); id != "" && p.ids[id] == nil {
			p.ids[id] = n
		}
	}
}

// nodes yields root and all below it in tree order. A tree may be deep, so it
// does not recurse.
func nodes(root *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for n := root; n != nil; n = next(n, root) {
			if !yield(n) {
				return
			}
		}
	}
}

// next is the node after n in tree order, or nil when it would be beyond root.
func next(n, root *html.Node) *html.Node {
	if n.FirstChild != nil {
		return n.FirstChild
	}
	return after(n, root)
}

// after is the node in tree order after n and all below it.
func after(n, root *html.Node) *html.Node {
	for ; n != nil && n != root; n = n.Parent {
		if n.NextSibling != nil {
			return n.NextSibling
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	value, _ := lookup(n, name)
	return value
}

func has(n *html.Node, name string) bool {
	_, ok := lookup(n, name)
	return ok
}

func lookup(n *html.Node, name string) (string, bool) {
	for i := range n.Attr {
		if a := &n.Attr[i]; a.Namespace == "" && a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func rawText(n *html.Node) bool {
	return n != nil && (n.DataAtom == atom.Script || n.DataAtom == atom.Style || n.DataAtom == atom.Template)
}

// isRelative reports whether ref has no scheme (RFC 3986 §3.1) and is not the
// name of a blank node, which RDF writes "_:b0".
func isRelative(ref string) bool {
	for i, c := range []byte(ref) {
		switch {
		case c == ':':
			return i == 0
		case c == '_' && i == 0:
			return !strings.HasPrefix(ref, "_:")
		case !isSchemeByte(c):
			return true
		}
	}
	return true
}

func isSchemeByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'
}
