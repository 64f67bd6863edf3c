package recipe

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/antchfx/xpath"
	"golang.org/x/net/html"
)

// The library gives the nodes of a path step by step, not in page order, and some of them again and again: of //div/a the links
// of the outer div before those that stand within an inner one before them, of //div//a those in the inner one twice. A node-set
// has no order and has each node once (XPath 1.0 §3.3); what people expect, as of browsers and lxml, is page order.

// plainPath is what the library does give in page order, each once: //a, .//a[@rel="next"]/@href, //p[contains(@class, 'x')].
// The first node of such a path is found without going through the rest of the page.
var plainPath = func() *regexp.Regexp {
	const name, text = `[\w*:.-]+`, `\s*(?:"[^"]*"|'[^']*')\s*`
	const test = `\[@` + name + `(?:\s*=` + text + `)?\]|\[contains\(@` + name + `\s*,` + text + `\)\]`
	return regexp.MustCompile(`^(?:\.?//|\.?/)?@?` + name + `(?:` + test + `)*(?:/@` + name + `)?$`)
}()

func isPlain(path string) bool {
	return plainPath.MatchString(strings.TrimSpace(path)) && !strings.Contains(path, "::") && !strings.Contains(path, "..")
}

// call is a function of the nodes of a path, which the library would ask the wrong one of them, or too many.
type call struct {
	function string
	path     *xpathSource
}

// callOf is what an expression calls, or nil if it is no such call as a whole.
func callOf(expr string) *call {
	function, path, _ := strings.Cut(strings.TrimSpace(expr), "(")
	path, closed := strings.CutSuffix(path, ")")
	if !closed || !isBalanced(path) || !slices.Contains([]string{"count", "string", "normalize-space", "string-length", "number"}, function) {
		return nil
	}
	s, err := parseXPath(path)
	if err != nil || s.shared == nil {
		return nil
	}
	return &call{function, s}
}

// value is the count of the nodes, or what the function makes of the first on the page; nil is that there is none.
func (c *call) value(x *run, top *html.Node) (any, error) {
	if c.function == "count" {
		found, err := inPageOrder(x, top, c.path.shared.Select(x.navigator(top)))
		return float64(len(found)), err
	}
	found, err := c.path.spots(x, top, c.path.shared.Select(x.navigator(top)), 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	e, err := xpath.Compile(c.function + "(.)")
	if err != nil {
		return nil, err
	}
	at := x.navigator(found[0].node)
	for range found[0].attr + 1 {
		at.MoveToNextAttribute()
	}
	return e.Evaluate(at), nil
}

// spot is what an XPath expression finds: a node, or one of its attributes.
type spot struct {
	node *html.Node
	attr int // its index; -1 is the node itself
}

// spot is where the navigator is.
func (n *navigator) spot() spot {
	at := spot{n.Current(), -1}
	if n.NodeType() == xpath.AttributeNode {
		key, text := n.NodeNavigator.LocalName(), n.NodeNavigator.Value()
		at.attr = slices.IndexFunc(at.node.Attr, func(a html.Attribute) bool { return a.Key == key && a.Val == text })
		n.spend(at.attr / 8)
	}
	return at
}

// inPageOrder are the nodes of an iterator, each once.
func inPageOrder(x *run, top *html.Node, it *xpath.NodeIterator) ([]spot, error) {
	var found []spot
	seen := make(map[spot]bool) // at once: some paths find a node more often than memory could hold
	rank := make(map[*html.Node]int)
	for it.MoveNext() {
		at := it.Current().(*navigator).spot()
		if !seen[at] {
			seen[at], rank[at.node] = true, 0
			found = append(found, at)
		}
	}
	if len(found) < 2 {
		return found, nil
	}
	all, err := place(x, top, rank)
	if err == nil && !all { // an axis led out of the scope
		for top.Parent != nil {
			top = top.Parent
		}
		_, err = place(x, top, rank)
	}
	slices.SortFunc(found, func(a, b spot) int { return cmp.Or(rank[a.node]-rank[b.node], a.attr-b.attr) })
	return found, err
}

// place gives the nodes below top that have a rank their place in the page, and tells whether they are all of them.
func place(x *run, top *html.Node, rank map[*html.Node]int) (all bool, err error) {
	at, left := 0, len(rank)
	visit := func(n *html.Node) {
		at++
		if _, wanted := rank[n]; wanted {
			rank[n] = at
			left--
		}
	}
	visit(top)
	for n := range top.Descendants() {
		if left == 0 {
			break
		}
		if err := x.spend(1); err != nil {
			return false, err
		}
		visit(n)
	}
	return left == 0, nil
}
