package recipe

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/trawl-crawler/trawl/parse/nearest"
)

// Error is a mistake in a recipe file, at a place in it.
type Error struct {
	File         string
	Line, Column int    // from 1
	Key          string // where in the recipe: items.product.fields.price.type; "" is the file itself
	Message      string
}

func (e *Error) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", e.File, e.Line, e.Column, e.Key, e.Message)
}

// maxRecipe is the most bytes a recipe file has, maxMistakes how many mistakes are told at once.
const (
	maxRecipe   = 256 << 10
	maxMistakes = 20
)

// reader walks a YAML tree and collects mistakes; it goes on after one, so that a person sees them together. The
// library's own decoder, Strict as it may be, ends at the first, cannot say what is allowed, and makes "7" of a name 007.
type reader struct {
	file     string
	mistakes []error
}

// node is a place in the tree.
type node struct {
	ast.Node
	key string
}

func (n node) child(name string, c ast.Node) node {
	if n.key != "" {
		name = n.key + "." + name
	}
	return node{c, name}
}

func (n node) index(i int, c ast.Node) node { return node{c, fmt.Sprintf("%s[%d]", n.key, i)} }

// fail notes a mistake at n.
func (r *reader) fail(n node, format string, args ...any) {
	if len(r.mistakes) >= maxMistakes {
		return
	}
	e := &Error{File: r.file, Line: 1, Column: 1, Key: n.key, Message: fmt.Sprintf(format, args...)}
	if at := firstToken(n.Node); at != nil && at.Position != nil {
		e.Line, e.Column = at.Position.Line, at.Position.Column
	}
	r.mistakes = append(r.mistakes, e)
}

// firstToken is where a node starts: the library calls the colon of its first entry the token of a mapping.
func firstToken(n ast.Node) *token.Token {
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// parseYAML returns the tree of the only document in a file.
func (r *reader) parseYAML(text []byte) (root node, ok bool) {
	if len(text) > maxRecipe {
		r.fail(node{}, "the file has %d bytes (allowed: %d)", len(text), maxRecipe)
		return node{}, false
	}
	if depth := nesting(text); depth > maxNesting {
		r.fail(node{}, "brackets and indents are nested %d deep (allowed: %d)", depth, maxNesting)
		return node{}, false
	}
	// A parser of what people write by hand meets everything; a panic would take the crawler along.
	defer func() {
		if p := recover(); p != nil {
			r.fail(node{}, "not YAML: %v", p)
			root, ok = node{}, false
		}
	}()
	file, err := parser.ParseBytes(bytes.TrimPrefix(text, []byte("\ufeff")), 0)
	if err != nil {
		r.syntax(err)
		return node{}, false
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d == nil || d.Body == nil })
	if len(docs) != 1 {
		r.fail(node{}, "a recipe is one YAML document, and here are %d (allowed keys: name, items, follow, skip)", len(docs))
		return node{}, false
	}
	return node{Node: docs[0].Body}, true
}

func (r *reader) syntax(err error) {
	e := &Error{File: r.file, Line: 1, Column: 1, Message: "not YAML: " + err.Error()}
	var at yaml.Error
	if errors.As(err, &at) {
		e.Message = "not YAML: " + at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
	}
	r.mistakes = append(r.mistakes, e)
}

// maxNesting bounds the parser's recursion.
const maxNesting = 500

// nesting is how deep a YAML text may be nested at most, without parsing it: its open brackets, and what a line begins
// with ("- - - a"). Deeper indents are bounded by the size of the file.
func nesting(text []byte) int {
	open, most := 0, 0
	for line := range bytes.Lines(text) {
		most = max(most, len(line)-len(bytes.TrimLeft(line, "-?:!&*|> \t"))-leadingSpace(line))
		for _, c := range line {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(0, open-1)
			}
			most = max(most, open)
		}
	}
	return most
}

func leadingSpace(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// key is a name that a mapping may have, and what reads its value.
type key struct {
	name string
	read func(n node)
}

// object reads a mapping with these keys; another is a mistake that says what is allowed.
func (r *reader) object(n node, keys ...key) (has map[string]node, ok bool) {
	entries, ok := r.mapping(n)
	if !ok {
		return nil, false
	}
	has = map[string]node{}
	for _, e := range entries {
		i := slices.IndexFunc(keys, func(k key) bool { return k.name == e.name })
		if i < 0 {
			r.unknown(e, n.key, keys)
			continue
		}
		has[e.name] = e.at
		keys[i].read(e.value)
	}
	return has, true
}

func (r *reader) unknown(e entry, within string, keys []key) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	e.at.key = within
	r.fail(e.at, "unknown key %q%s (allowed here: %s)", e.name, didYouMean(e.name, names), strings.Join(names, ", "))
}

// entry is one key of a mapping with its value.
type entry struct {
	name  string
	at    node // the key itself, for mistakes that concern it
	value node
}

// mapping returns the entries of a mapping in their order.
func (r *reader) mapping(n node) ([]entry, bool) {
	var values []*ast.MappingValueNode
	switch m := n.Node.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		r.fail(n, "%s where a mapping (key: value) is expected", describe(n.Node))
		return nil, false
	}
	var out []entry
	seen := map[string]bool{}
	for _, v := range values {
		name, ok := scalar(v.Key)
		at := n.child(name, v.Key)
		switch {
		case !ok:
			at.key = n.key
			r.fail(at, "%s where a key is expected", describe(v.Key))
			continue
		case seen[name]:
			r.fail(at, "the key %q is there twice", name)
			continue
		}
		seen[name] = true
		out = append(out, entry{name, at, n.child(name, v.Value)})
	}
	return out, true
}

// list returns the elements of a sequence; anything else is a list of one.
func (r *reader) list(n node) []node {
	s, ok := n.Node.(*ast.SequenceNode)
	if !ok {
		return []node{n}
	}
	if len(s.Values) == 0 {
		r.fail(n, "an empty list")
	}
	out := make([]node, len(s.Values))
	for i, v := range s.Values {
		out[i] = n.index(i, v)
	}
	return out
}

// text reads a string. Numbers and booleans must be quoted, so that 007 or no stay what they are.
func (r *reader) text(n node) (string, bool) {
	switch s := n.Node.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return s.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NanNode, *ast.InfinityNode:
		r.fail(n, "%s where text is expected (put it in quotes)", describe(n.Node))
	default:
		r.fail(n, "%s where text is expected", describe(n.Node))
	}
	return "", false
}

// compile reads a string that parse makes something of.
func compile[T any](r *reader, n node, parse func(string) (T, error)) (out T, ok bool) {
	s, ok := r.text(n)
	if !ok {
		return out, false
	}
	out, err := parse(s)
	if err != nil {
		r.fail(n, "%v", err)
		return out, false
	}
	return out, true
}

// choice reads one of a few words.
func (r *reader) choice(n node, allowed ...string) string {
	s, ok := r.text(n)
	if ok && !slices.Contains(allowed, s) {
		r.fail(n, "%q is unknown%s (allowed: %s)", s, didYouMean(s, allowed), strings.Join(allowed, ", "))
	}
	return s
}

func (r *reader) boolean(n node) bool {
	b, ok := n.Node.(*ast.BoolNode)
	if !ok {
		r.fail(n, "%s where true or false is expected", describe(n.Node))
		return false
	}
	return b.Value
}

func (r *reader) integer(n node, least, most int) int {
	v, ok := n.Node.(*ast.IntegerNode)
	if !ok {
		r.fail(n, "%s where an integer is expected (allowed: %d to %d)", describe(n.Node), least, most)
		return 0
	}
	i, err := strconv.Atoi(fmt.Sprint(v.Value))
	if err != nil || i < least || i > most {
		r.fail(n, "%s is out of range (allowed: %d to %d)", v.Token.Value, least, most)
	}
	return i
}

// value reads any JSON value: what a default may be. null is none.
func (r *reader) value(n node) any {
	switch v := n.Node.(type) {
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		return v.Value.Value
	case *ast.BoolNode:
		return v.Value
	case *ast.FloatNode:
		return v.Value
	case *ast.IntegerNode:
		if i, err := strconv.Atoi(fmt.Sprint(v.Value)); err == nil {
			return i
		}
		r.fail(n, "%s is too large an integer (put it in quotes)", v.Token.Value)
		return nil
	case *ast.SequenceNode:
		out := make([]any, len(v.Values))
		for i, e := range v.Values {
			out[i] = r.value(n.index(i, e))
		}
		return out
	case *ast.MappingNode, *ast.MappingValueNode:
		var o Object
		entries, _ := r.mapping(n)
		for _, e := range entries {
			o = append(o, Member{e.name, r.value(e.value)})
		}
		return o
	}
	r.fail(n, "%s is no value (leave the key out)", describe(n.Node))
	return nil
}

func scalar(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.IntegerNode, *ast.BoolNode, *ast.FloatNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// describe names what a person wrote.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return fmt.Sprintf("the %s %s", strings.ToLower(n.Type().String()), n.GetToken().Value)
	case *ast.AliasNode, *ast.AnchorNode, *ast.MergeKeyNode:
		return "an anchor or alias, which recipes do not have,"
	case *ast.TagNode:
		return "a tag, which recipes do not have,"
	}
	return "something else"
}

// didYouMean suggests the word of allowed that is most like word; "" when none is.
func didYouMean(word string, allowed []string) string {
	near := nearest.Word(word, allowed)
	if near == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", near)
}

// isText reports whether n is a string, quoted or not, or a block of text.
func (n node) isText() bool {
	switch n.Node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return true
	}
	return false
}
