package recipe

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/antchfx/htmlquery"
	"github.com/antchfx/xpath"
	"golang.org/x/net/html"
)

// xpathSource is an XPath 1.0 expression, with a few functions of 2.0.
type xpathSource struct {
	text   string
	plain  bool        // its nodes come in page order
	call   *call       // of a function of nodes
	choice *choice     // of one of the nodes of a path
	shared *xpath.Expr // an expression for nodes; nil: it must be compiled for each use
}

// Two functions of the library need care. A replace can write a text of any size, and there is no stopping it.
// A string-join changes its compiled expression, so that goroutines cannot share it.
var (
	callsReplace = regexp.MustCompile(`\breplace\s*\(`)
	callsJoin    = regexp.MustCompile(`\bstring-join\s*\(`)
)

// miscounts finds a last() or position() in a predicate behind an axis of other nodes than children: the library counts siblings
// there, and not the nodes of the axis, so that ancestor::div[last()] is any div or none. A number as a predicate is right.
var miscounts = regexp.MustCompile(`\b(ancestor|ancestor-or-self|preceding|preceding-sibling|following|following-sibling|descendant|descendant-or-self)` +
	`\s*::\s*[\w*:.-]+(?:\(\s*\))?\s*(?:\[[^\[\]]*\]\s*)*\[[^\[\]]*\b(?:last|position)\s*\(`)

// maxTrial is how many steps over an empty document an expression may take.
const maxTrial = 10_000

func parseXPath(text string) (s *xpathSource, err error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	if callsReplace.MatchString(text) {
		return nil, errors.New("the function replace is not supported in XPath (use transform: replace)")
	}
	if axis := miscounts.FindStringSubmatch(lowerNames(text)); axis != nil {
		return nil, fmt.Errorf("last() and position() behind %[1]s:: are not supported in XPath (write a number, as in %[1]s::p[2])", axis[1])
	}
	// The library panics for some of what it cannot parse.
	defer func() {
		if r := recover(); r != nil {
			s, err = nil, fmt.Errorf("not an XPath expression: %v", r)
		}
	}()
	e, err := xpath.Compile(lowerNames(text))
	if err != nil {
		return nil, fmt.Errorf("not an XPath expression: %w", err)
	}
	if !isWhole(text) {
		return nil, errors.New("not an XPath expression: something follows its end (for several paths write //a | //b)")
	}
	s = &xpathSource{text: text, plain: isPlain(text), call: callOf(text), choice: choiceOf(text)}
	empty := &html.Node{Type: html.DocumentNode}
	x := &run{steps: maxTrial}
	if _, ok := e.Evaluate(x.navigator(empty)).(*xpath.NodeIterator); ok && !callsJoin.MatchString(text) {
		s.shared = e
	}
	return s, nil
}

// isWhole tells whether all of a text is the expression that the library compiles of it: what comes behind the end of one,
// as in "//a, //p" or "//a]", it passes over, but not between parentheses.
func isWhole(text string) bool {
	_, err := xpath.Compile("(" + text + ")")
	return err == nil && isBalanced(text)
}

// isBalanced tells whether each ) has its ( before it.
func isBalanced(expr string) bool {
	open, quote := 0, rune(0)
	for _, r := range expr {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '(':
			open++
		case r == ')':
			if open--; open < 0 {
				return false
			}
		}
	}
	return true
}

// lowerNames has an expression find names in any case, as CSS does, and as browsers find those of HTML: all that is no
// literal and is written in capitals is a name.
func lowerNames(expr string) string {
	quote := rune(0)
	return strings.Map(func(r rune) rune {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
		case r == '"' || r == '\'':
			quote = r
		default:
			return lower(r)
		}
		return r
	}, expr)
}

// lower is the case in which HTML has names: only letters of ASCII have another.
func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

func (s *xpathSource) find(x *run, in scope, most int) (out []value, err error) {
	top, err := x.top(in)
	if top == nil || err != nil {
		return nil, err
	}
	// Panics are how the library reports a wrong argument at run time, and how a navigator ends a run that costs too much.
	defer func() {
		switch r := recover().(type) {
		case nil:
		case overrun:
			out, err = nil, r.err
		default:
			out, err = nil, fmt.Errorf("xpath %q: %v", s.text, r)
		}
	}()
	if s.call != nil {
		v, err := s.call.value(x, top)
		if err != nil {
			return nil, err
		}
		if v != nil {
			return s.values(x, top, v, most)
		}
	}
	if s.shared != nil {
		found, err := s.spots(x, top, most)
		return nodes(x, found, err)
	}
	return s.compute(x, top, most)
}

// spots are the first nodes on the page of an expression that is shared.
func (s *xpathSource) spots(x *run, top *html.Node, most int) ([]spot, error) {
	if s.choice != nil {
		return s.choice.spots(x, top, most)
	}
	return s.spotsOf(x, top, s.shared.Select(x.navigator(top)), most)
}

func (s *xpathSource) spotsOf(x *run, top *html.Node, it *xpath.NodeIterator, most int) (found []spot, err error) {
	if !s.plain {
		found, err = inPageOrder(x, top, it, most)
		return found[:min(most, len(found))], err
	}
	for len(found) < most && it.MoveNext() {
		found = append(found, it.Current().(*navigator).spot())
	}
	return found, nil
}

// nodes are the values of spots.
func nodes(x *run, found []spot, err error) (out []value, _ error) {
	if err != nil {
		return nil, err
	}
	for _, at := range found {
		v, err := at.value(x)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// compute evaluates an expression of which each goroutine needs its own: the library keeps the state of an evaluation
// in it, and copies only those for nodes.
func (s *xpathSource) compute(x *run, top *html.Node, most int) ([]value, error) {
	e, err := xpath.Compile(lowerNames(s.text))
	if err != nil {
		return nil, fmt.Errorf("xpath %q: %w", s.text, err)
	}
	return s.values(x, top, e.Evaluate(x.navigator(top)), most)
}

// values are those of a result.
func (s *xpathSource) values(x *run, top *html.Node, result any, most int) ([]value, error) {
	switch v := result.(type) {
	case bool:
		return []value{{data: v}}, nil
	case string:
		if v == "" {
			return nil, nil
		}
		return []value{{data: v}}, x.keep(len(v))
	case float64:
		return asNumber(v), nil
	case *xpath.NodeIterator:
		found, err := s.spotsOf(x, top, v, most)
		return nodes(x, found, err)
	}
	return nil, fmt.Errorf("xpath %q gives neither nodes nor a value", s.text)
}

// asNumber is none for what is no number, and an integer if it is one.
func asNumber(v float64) []value {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return nil
	case v == math.Trunc(v) && math.Abs(v) < 1<<53:
		return []value{{data: int(v)}}
	}
	return []value{{data: v}}
}

func (at spot) value(x *run) (value, error) {
	if at.attr >= 0 {
		s := at.node.Attr[at.attr].Val
		return value{data: s}, x.keep(len(s))
	}
	switch at.node.Type {
	case html.TextNode, html.CommentNode:
		return value{data: at.node.Data}, x.keep(len(at.node.Data))
	}
	return value{node: at.node}, nil
}

// overrun is what a navigator panics with when the page's steps are used up.
type overrun struct{ err error }

// navigator is htmlquery's with a price for each move: XPath has axes, and a page can make them run for ever.
type navigator struct {
	htmlquery.NodeNavigator
	x *run
}

func (x *run) navigator(top *html.Node) *navigator {
	return &navigator{*htmlquery.CreateXPathNavigator(top), x}
}

func (n *navigator) spend(steps int) {
	if err := n.x.spend(steps); err != nil {
		panic(overrun{err})
	}
}

func (n *navigator) NodeType() xpath.NodeType {
	n.spend(1)
	return n.NodeNavigator.NodeType()
}

// Prefix and LocalName are the parts of a name that has both, such as media:content, as trees have them in one; in lower
// case, which not all names of SVG are.
func (n *navigator) Prefix() string {
	prefix, _ := n.name()
	return prefix
}

// LocalName is the name behind the prefix.
func (n *navigator) LocalName() string {
	_, local := n.name()
	return local
}

func (n *navigator) name() (prefix, local string) {
	whole := strings.Map(lower, n.NodeNavigator.LocalName())
	if i := strings.IndexByte(whole, ':'); i > 0 && i < len(whole)-1 {
		return whole[:i], whole[i+1:]
	}
	return n.NodeNavigator.Prefix(), whole
}

func (n *navigator) Value() string {
	n.spend(1)
	s := n.NodeNavigator.Value()
	n.spend(len(s) / 8)
	return s
}

func (n *navigator) Copy() xpath.NodeNavigator {
	n.spend(2)
	c := *n
	return &c
}

func (n *navigator) MoveToParent() bool {
	n.spend(1)
	return n.NodeNavigator.MoveToParent()
}

func (n *navigator) MoveToNextAttribute() bool {
	n.spend(1)
	return n.NodeNavigator.MoveToNextAttribute()
}

func (n *navigator) MoveToChild() bool {
	n.spend(1)
	return n.NodeNavigator.MoveToChild()
}

// MoveToFirst goes back a step at a time, so that each is paid for.
func (n *navigator) MoveToFirst() bool {
	moved := false
	for n.MoveToPrevious() {
		moved = true
	}
	return moved
}

func (n *navigator) MoveToNext() bool {
	n.spend(1)
	return n.NodeNavigator.MoveToNext()
}

func (n *navigator) MoveToPrevious() bool {
	n.spend(1)
	return n.NodeNavigator.MoveToPrevious()
}

func (n *navigator) MoveTo(other xpath.NodeNavigator) bool {
	n.spend(1)
	o, ok := other.(*navigator)
	return ok && n.NodeNavigator.MoveTo(&o.NodeNavigator)
}
