package recipe

import (
	"errors"
	"math/bits"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// selector is a list of CSS selectors. Its compounds ("li.new", between combinators) are cascadia's; how they combine
// is decided here, since cascadia tries each way up the ancestors for each combinator: "a b c d e" on deeply nested
// elements would take it years. Here a node is looked at once: each compound has a bit, and a node's mask says which
// selectors are satisfied up to there.
type selector struct {
	parts []compound // of all selectors in turn
	// Bits of parts: those that begin a selector, that end one, and that come after each combinator.
	first, last, descendant, child, adjacent, sibling uint64
}

// compound is a selector for one element.
type compound struct {
	plain  cascadia.Matcher // types, ids, classes and attributes; nil: there are none
	pseudo cascadia.Matcher // what must be paid for; nil: there is none
	cost   cost
}

// cost says what a pseudo-class looks at beside the element.
type cost uint8

const (
	costSiblings cost = 1 << iota
	costSubtree
)

// masks is what is known around a node: what its ancestors, its parent, its elder siblings and the last of them satisfy.
type masks struct{ ancestors, parent, elders, previous uint64 }

// match returns the bits of the compounds that n ends.
func (s *selector) match(x *run, n *html.Node, m masks) (uint64, error) {
	if err := x.spend(1); err != nil {
		return 0, err
	}
	candidates := s.first | m.ancestors<<1&s.descendant | m.parent<<1&s.child | m.previous<<1&s.adjacent | m.elders<<1&s.sibling
	var found uint64
	for ; candidates != 0; candidates &= candidates - 1 {
		i := bits.TrailingZeros64(candidates)
		ok, err := s.parts[i].match(x, n)
		if err != nil {
			return 0, err
		}
		if ok {
			found |= 1 << i
		}
	}
	return found, nil
}

func (c *compound) match(x *run, n *html.Node) (bool, error) {
	if c.plain != nil && !c.plain.Match(n) {
		return false, nil
	}
	if c.pseudo == nil {
		return true, nil
	}
	if err := c.pay(x, n); err != nil {
		return false, err
	}
	return c.pseudo.Match(n), nil
}

// pay walks what cascadia is about to walk.
func (c *compound) pay(x *run, n *html.Node) error {
	if c.cost&costSiblings != 0 && n.Parent != nil {
		for range n.Parent.ChildNodes() {
			if err := x.spend(1); err != nil {
				return err
			}
		}
	}
	if c.cost&costSubtree != 0 {
		for d := range n.Descendants() {
			if err := x.spend(1 + len(d.Data)/16); err != nil {
				return err
			}
		}
	}
	return nil
}

// errStop ends a walk that has found enough.
var errStop = errors.New("enough")

// each calls found for each element below top that matches, in document order, until it returns an error. As with
// querySelectorAll, what is left of a combinator may be above top.
func (s *selector) each(x *run, top *html.Node, found func(*html.Node) error) error {
	m, err := s.above(x, top)
	if err != nil {
		return err
	}
	err = s.walk(x, top, m, found)
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// walk looks at the children of n; m is what is known of them.
func (s *selector) walk(x *run, n *html.Node, m masks, found func(*html.Node) error) error {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		bits, err := s.match(x, c, m)
		if err != nil {
			return err
		}
		if bits&s.last != 0 {
			if err := found(c); err != nil {
				return err
			}
		}
		if c.FirstChild != nil {
			below := masks{ancestors: m.ancestors | bits, parent: bits}
			if err := s.walk(x, c, below, found); err != nil {
				return err
			}
		}
		m.elders |= bits
		m.previous = bits
	}
	return nil
}

// above returns what is known of the children of n from n and what is above it.
func (s *selector) above(x *run, n *html.Node) (masks, error) {
	if n.Parent == nil || s.descendant|s.child|s.adjacent|s.sibling == 0 {
		return masks{}, nil
	}
	m, err := s.above(x, n.Parent)
	if err != nil {
		return masks{}, err
	}
	if s.adjacent|s.sibling != 0 {
		for c := n.Parent.FirstChild; c != n; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			bits, err := s.match(x, c, m)
			if err != nil {
				return masks{}, err
			}
			m.elders |= bits
			m.previous = bits
		}
	}
	bits, err := s.match(x, n, m)
	return masks{ancestors: m.ancestors | bits, parent: bits}, err
}

// part is what of an element a CSS source takes.
type part uint8

const (
	partElement part = iota // decided by the field's type: text, unless it says otherwise
	partRaw
	partHTML
	partAttr
)

// cssSource is SELECTOR[@attr|@text|@raw|@html].
type cssSource struct {
	selector *selector // nil: the element of the scope itself
	part     part
	attr     string
}

func (c *cssSource) find(x *run, in scope, most int) ([]value, error) {
	top, err := x.top(in)
	if top == nil || err != nil {
		return nil, err
	}
	var out []value
	take := func(n *html.Node) error {
		v, ok, err := c.take(x, n)
		if err != nil || !ok {
			return err
		}
		if out = append(out, v); len(out) == most {
			return errStop
		}
		return nil
	}
	if c.selector == nil {
		if err := take(element(top)); !errors.Is(err, errStop) {
			return out, err
		}
		return out, nil
	}
	err = c.selector.each(x, top, take)
	return out, err
}

// element is n, or the root element of a document.
func element(n *html.Node) *html.Node {
	if n.Type == html.DocumentNode {
		for c := range n.ChildNodes() {
			if c.Type == html.ElementNode {
				return c
			}
		}
	}
	return n
}

// take is not ok when the element has no such attribute.
func (c *cssSource) take(x *run, n *html.Node) (value, bool, error) {
	var text string
	var err error
	switch c.part {
	case partElement:
		return value{node: n}, true, nil
	case partAttr:
		s, ok := attribute(n, c.attr)
		return value{data: s}, ok, x.keep(len(s))
	case partHTML:
		text, err = innerHTML(x, n)
	case partRaw:
		text, err = rawText(x, n)
	}
	return value{data: text}, true, err
}

// exists reports whether the source finds anything.
func exists(x *run, s source, in scope) (bool, error) {
	found, err := s.find(x, in, 1)
	return len(found) > 0, err
}

// cutPart splits SELECTOR@part. An @ within quotes or brackets belongs to the selector; outside of them CSS has none.
func cutPart(s string) (css, part string, ok bool) {
	cut := -1
	scan(s, func(i int, depth int) bool {
		if s[i] == '@' && depth == 0 {
			cut = i
			return false
		}
		return true
	})
	if cut < 0 {
		return strings.TrimSpace(s), "", false
	}
	return strings.TrimSpace(s[:cut]), strings.TrimSpace(s[cut+1:]), true
}
