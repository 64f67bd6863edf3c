package recipe

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
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
	if !closed || !isBalanced(path) || !slices.Contains([]string{"count", "string", "normalize-space", "string-length", "number", "sum"}, function) {
		return nil
	}
	s, err := parseXPath(path)
	if err != nil || s.shared == nil {
		return nil
	}
	return &call{function, s}
}

// value is the count or the sum of the nodes, or what the function makes of the first on the page; nil is that there is none.
func (c *call) value(x *run, top *html.Node) (any, error) {
	switch c.function {
	case "count":
		found, err := c.path.spots(x, top, math.MaxInt)
		return float64(len(found)), err
	case "sum":
		return c.sum(x, top)
	}
	found, err := c.path.spots(x, top, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	e, err := xpath.Compile(c.function + "(.)")
	if err != nil {
		return nil, err
	}
	at := found[0].navigator(x)
	return e.Evaluate(at), nil
}

// sum is that of the nodes' numbers, and none if one is no number (XPath 1.0 §4.4). The library leaves those out, and takes a
// number with space around it, as most cells of tables have, for none.
func (c *call) sum(x *run, top *html.Node) (any, error) {
	found, err := c.path.spots(x, top, math.MaxInt)
	if err != nil {
		return nil, err
	}
	number, err := xpath.Compile("number(.)")
	if err != nil {
		return nil, err
	}
	total := 0.0
	for _, at := range found {
		n, _ := number.Evaluate(at.navigator(x)).(float64)
		total += n
	}
	return total, nil
}

// choice is one of the nodes of a path, (path)[2] or (path)[last()], and what leads on from it. The library would number them
// as it comes to them.
type choice struct {
	path *xpathSource
	nth  int          // 0 is the last
	rest *xpathSource // nil: nothing leads on
}

// What may stand behind the parentheses of a choice, and what may not be in it: a union, and a path that begins at the root, which
// would begin at the chosen node.
var (
	choosing  = regexp.MustCompile(`^\s*\[\s*([1-9]\d{0,5}|last\(\s*\))\s*\]\s*(/.*)?$`)
	elsewhere = regexp.MustCompile(`\||[^\w/*.)\]:-]\s*/`)
)

// choiceOf is the choice that an expression is, or nil.
func choiceOf(expr string) *choice {
	inner, is := strings.CutPrefix(strings.TrimSpace(expr), "(")
	for end := strings.IndexByte(inner, ')'); is && end >= 0; {
		if m := choosing.FindStringSubmatch(inner[end+1:]); m != nil && isWhole(inner[:end]) {
			if elsewhere.MatchString(m[2]) {
				return nil
			}
			return newChoice(inner[:end], m[1], m[2])
		}
		next := strings.IndexByte(inner[end+1:], ')')
		if next < 0 {
			break
		}
		end += 1 + next
	}
	return nil
}

func newChoice(path, nth, rest string) *choice {
	c := new(choice)
	c.nth, _ = strconv.Atoi(nth) // 0 for last()
	var err error
	if c.path, err = parseXPath(path); err != nil || c.path.shared == nil {
		return nil
	}
	if rest == "" {
		return c
	}
	if c.rest, err = parseXPath("." + rest); err != nil || c.rest.shared == nil {
		return nil
	}
	return c
}

func (c *choice) spots(x *run, top *html.Node, most int) ([]spot, error) {
	n := c.nth
	found, err := c.path.spots(x, top, cmp.Or(n, math.MaxInt))
	if n == 0 {
		n = len(found)
	}
	if err != nil || n == 0 || n > len(found) {
		return nil, err
	}
	at := found[n-1]
	if c.rest == nil {
		return []spot{at}, nil
	}
	return c.rest.spotsOf(x, top, c.rest.shared.Select(at.navigator(x)), most)
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

// navigator begins at a spot.
func (at spot) navigator(x *run) *navigator {
	n := x.navigator(at.node)
	for range at.attr + 1 {
		n.MoveToNextAttribute()
	}
	return n
}

// inPageOrder are the nodes of an iterator, each once. When going through them all costs too much, those will do that were
// come to if they are as many as are asked for.
func inPageOrder(x *run, top *html.Node, it *xpath.NodeIterator, most int) ([]spot, error) {
	found, whole := gather(x, it)
	if !whole && len(found) < most {
		return nil, x.spend(x.steps + 1) // the page has nothing left for others either
	}
	if len(found) < 2 {
		return found, nil
	}
	rank := make(map[*html.Node]int)
	for _, at := range found {
		rank[at.node] = 0
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

// gather goes through an iterator, for half of the steps that are left, and tells whether it came to its end.
func gather(x *run, it *xpath.NodeIterator) (found []spot, whole bool) {
	reserve := x.steps / 2
	x.steps -= reserve
	defer func() {
		x.steps = max(x.steps, 0) + reserve
		if r := recover(); r != nil {
			if _, own := r.(overrun); !own {
				panic(r)
			}
		}
	}()
	seen := make(map[spot]bool) // at once: some paths find a node more often than memory could hold
	for it.MoveNext() {
		if at := it.Current().(*navigator).spot(); !seen[at] {
			seen[at] = true
			found = append(found, at)
		}
	}
	return found, true
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
