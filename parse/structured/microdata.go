package structured

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// microdata reads the items of WHATWG HTML §5.
func (x *extraction) microdata(p page) {
	m := &microdata{extraction: x, page: p}
	for i, n := range p.items {
		m.block = i + 1
		if item := m.item(n); item != nil {
			x.out.Microdata = append(x.out.Microdata, item)
		}
	}
}

type microdata struct {
	*extraction
	page  page
	block int // the item at the top, for faults
	above []*html.Node
}

// item turns an element with itemscope into its item, nil when the limits are
// reached.
func (m *microdata) item(n *html.Node) *Item {
	types := strings.Fields(attr(n, "itemtype"))
	id := m.absolute(attr(n, "itemid"))
	if !m.spend(len(id) + len(attr(n, "itemtype"))) {
		return nil
	}
	item := &Item{Type: types, ID: id, Properties: map[string][]any{}}
	m.above = append(m.above, n)
	defer func() { m.above = m.above[:len(m.above)-1] }()
	for _, p := range m.properties(n) {
		m.add(item, p)
	}
	return item
}

// add gives item the property that element n is, under each of its names.
func (m *microdata) add(item *Item, n *html.Node) {
	value := m.value(n)
	if value == nil {
		return
	}
	size := 0
	if s, ok := value.(string); ok {
		size = len(s)
	}
	for _, name := range strings.Fields(attr(n, "itemprop")) {
		if !m.spend(len(name) + size) {
			return
		}
		item.Properties[name] = append(item.Properties[name], value)
	}
}

// properties finds the elements with the properties of an item, in tree order
// (WHATWG HTML §5.2.5).
func (m *microdata) properties(root *html.Node) []*html.Node {
	var found []*html.Node
	seen := map[*html.Node]bool{root: true}
	pending := []*html.Node{root}
	for _, id := range strings.Fields(attr(root, "itemref")) {
		target := m.page.ids[id]
		if target == nil {
			m.complain("itemref names no element: " + id)
			continue
		}
		pending = append(pending, target)
	}
	for i, start := range pending {
		if i > 0 && seen[start] {
			continue
		}
		found = m.collect(found, start, seen, root)
	}
	if len(pending) > 1 {
		slices.SortFunc(found, func(a, b *html.Node) int { return cmp.Compare(m.page.order[a], m.page.order[b]) })
	}
	return found
}

// collect adds the elements with properties at and below start, without those
// of items within.
func (m *microdata) collect(found []*html.Node, start *html.Node, seen map[*html.Node]bool, root *html.Node) []*html.Node {
	for n := start; n != nil; {
		if !m.step() {
			return found
		}
		if n != root && seen[n] {
			n = after(n, start)
			continue
		}
		seen[n] = true
		if n != root && has(n, "itemprop") {
			found = append(found, n)
		}
		if n != root && has(n, "itemscope") {
			n = after(n, start)
		} else {
			n = next(n, start)
		}
	}
	return found
}

// value is what a property's element says (WHATWG HTML §5.2.4): an item, a URL
// or a text; nil for an item that is within itself, or too deep.
func (m *microdata) value(n *html.Node) any {
	switch {
	case !has(n, "itemscope"):
		return m.plain(n)
	case slices.Contains(m.above, n):
		m.complain("an item is a property of itself")
		return nil
	case len(m.above) >= m.limits.Depth:
		m.out.Truncated = true
		return nil
	}
	if item := m.item(n); item != nil {
		return item
	}
	return nil
}

func (m *microdata) complain(message string) {
	const longest = 200
	message = strings.ToValidUTF8(message[:min(len(message), longest)], "")
	m.fault(Fault{Source: "microdata", Block: m.block, Message: message, Lost: true})
}

func (m *microdata) plain(n *html.Node) string {
	if n.DataAtom == atom.Meta {
		return valid(attr(n, "content"))
	}
	if name := urlAttr(n); name != "" {
		return m.absolute(attr(n, name))
	}
	if name := valueAttr(n); name != "" {
		return valid(attr(n, name))
	}
	// Beyond the standard, which takes the text alone: shops give elements that
	// show a price a content with the number.
	if content, ok := lookup(n, "content"); ok {
		return valid(content)
	}
	return m.text(n)
}

// urlAttr is the attribute that holds the URL that an element stands for.
func urlAttr(n *html.Node) string {
	switch n.DataAtom {
	case atom.A, atom.Area, atom.Link:
		return "href"
	case atom.Audio, atom.Embed, atom.Iframe, atom.Img, atom.Source, atom.Track, atom.Video:
		return "src"
	case atom.Object:
		return "data"
	}
	return ""
}

// valueAttr is the attribute that holds the machine's form of an element's text.
func valueAttr(n *html.Node) string {
	switch {
	case n.DataAtom == atom.Time && has(n, "datetime"):
		return "datetime"
	case n.DataAtom == atom.Data || n.DataAtom == atom.Meter:
		return "value"
	}
	return ""
}
