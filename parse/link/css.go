package link

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// css takes the url() and @import of a style sheet, of a style element or of a
// style attribute. It is as much of the tokenizer of CSS Syntax §4.3 as tells
// them from what is in comments and strings or looks alike.
func (s *Scanner) css(b []byte, url, imports Source) {
	if bytes.IndexByte(b, 0) >= 0 { // CSS Syntax §3.3
		b = bytes.ReplaceAll(b, []byte{0}, []byte("\uFFFD"))
	}
	c := cssScanner{b: b}
	set := 0 // parentheses open within an image-set(, its own included
	for c.i < len(b) {
		from := url
		var ref []byte
		ok := false
		switch ch := b[c.i]; {
		case ch == '/' && c.peek(1) == '*':
			c.i = after(b, c.i+2, "*/")
		case ch == '"' || ch == '\'':
			ref = c.text()
			ok = set == 1 && ref != nil
		case ch == '@':
			from = imports
			ref, ok = c.atRule()
		case ch == '#':
			c.i++
			c.name()
		case isName(ch) || ch == '\\':
			switch name := c.name(); {
			case c.peek(0) != '(':
			case equalFold(name, "url"):
				ref, ok = c.url()
				set += min(set, 1)
			case set == 0 && (equalFold(name, "image-set") || equalFold(name, "-webkit-image-set")):
				set = 1
				c.i++
			}
		default:
			set = within(set, ch)
			c.i++
		}
		if ok {
			s.add(ref, from, false)
		}
	}
}

// within counts the parentheses open within an image-set(, whose strings are
// addresses (CSS Images 4 §2.4), those of a type() in it excepted. What ends a
// declaration ends one that is not closed.
func within(set int, ch byte) int {
	switch {
	case set == 0 || ch == ';' || ch == '{' || ch == '}':
		return 0
	case ch == '(':
		return set + 1
	case ch == ')':
		return set - 1
	}
	return set
}

// cssScanner reads tokens of b from i on.
type cssScanner struct {
	b []byte
	i int
}

// peek returns the byte n further on, or 0.
func (c *cssScanner) peek(n int) byte {
	if c.i+n < len(c.b) {
		return c.b[c.i+n]
	}
	return 0
}

// atRule reads "@import" with its address. The address of an @namespace is a
// name and nothing to fetch: it is skipped.
func (c *cssScanner) atRule() (ref []byte, ok bool) {
	c.i++
	name := c.name()
	isImport := equalFold(name, "import")
	if !isImport && !equalFold(name, "namespace") {
		return nil, false
	}
	for c.skip(); c.i < len(c.b); c.skip() {
		switch ch := c.b[c.i]; {
		case ch == '"' || ch == '\'':
			ref = c.text()
			return ref, isImport
		case !isName(ch) && ch != '\\':
			return nil, false
		}
		if equalFold(c.name(), "url") && c.peek(0) == '(' {
			ref, ok = c.url()
			return ref, ok && isImport
		}
	}
	return nil, false
}

// skip goes behind white space and comments.
func (c *cssScanner) skip() {
	for {
		c.i = skipSpace(c.b, c.i)
		if c.peek(0) != '/' || c.peek(1) != '*' {
			return
		}
		c.i = after(c.b, c.i+2, "*/")
	}
}

// name reads the rest of a name or of a number with its unit.
func (c *cssScanner) name() []byte {
	start := c.i
	for c.i < len(c.b) && isName(c.b[c.i]) {
		c.i++
	}
	if c.peek(0) != '\\' {
		return c.b[start:c.i]
	}
	name := bytes.Clone(c.b[start:c.i])
	for c.i < len(c.b) {
		switch ch := c.b[c.i]; {
		case isName(ch):
			name = append(name, ch)
			c.i++
		case ch == '\\':
			name = c.escape(name)
		default:
			return name
		}
	}
	return name
}

// text reads a string. A line end that is not escaped ends it, too: it is a
// bad string, which has no value.
func (c *cssScanner) text() []byte {
	quote := c.b[c.i]
	c.i++
	start := c.i
	plain := true
	for c.i < len(c.b) {
		switch ch := c.b[c.i]; ch {
		case quote:
			value := c.b[start:c.i]
			c.i++
			if plain {
				return value
			}
			return unescapeCSS(value)
		case '\n', '\r', '\f':
			return nil
		case '\\':
			plain = false
			c.i++
			if c.peek(0) == '\r' && c.peek(1) == '\n' {
				c.i++
			}
		}
		c.i++
	}
	c.i = len(c.b)
	return nil
}

// url reads the rest of a url( from its parenthesis on.
func (c *cssScanner) url() (ref []byte, ok bool) {
	c.i = skipSpace(c.b, c.i+1)
	if q := c.peek(0); q == '"' || q == '\'' {
		ref = c.text()
		return ref, ref != nil
	}
	start := c.i
	plain, ok := true, true
	for ; c.i < len(c.b) && c.b[c.i] != ')'; c.i++ {
		switch c.b[c.i] {
		case '\\':
			plain = false
			c.i++
		case '"', '\'', '(':
			ok = false // a bad url: skipped up to its parenthesis
		}
	}
	c.i = min(c.i, len(c.b))
	ref = trim(c.b[start:c.i])
	if bytes.ContainsAny(ref, " \t\r\n\f") && plain {
		ok = false
	}
	if !plain {
		ref = unescapeCSS(ref)
	}
	return ref, ok
}

// unescapeCSS replaces the escapes of a string or of a URL.
func unescapeCSS(b []byte) []byte {
	c := cssScanner{b: b}
	var out []byte
	for c.i < len(b) {
		if b[c.i] == '\\' {
			out = c.escape(out)
			continue
		}
		out = append(out, b[c.i])
		c.i++
	}
	return out
}

// escape reads an escape, from its backslash on, and appends what it stands
// for to dst (CSS Syntax §4.3.7).
func (c *cssScanner) escape(dst []byte) []byte {
	c.i++
	start := c.i
	for c.i < len(c.b) && c.i < start+6 && isHex(c.b[c.i]) {
		c.i++
	}
	if c.i == start {
		return c.escapedByte(dst)
	}
	code, _ := strconv.ParseUint(string(c.b[start:c.i]), 16, 32) // 6 digits at most
	if c.peek(0) == '\r' && c.peek(1) == '\n' {
		c.i++
	}
	if class[c.peek(0)]&space != 0 {
		c.i++
	}
	if code == 0 {
		code = utf8.RuneError
	}
	return utf8.AppendRune(dst, rune(code)) // U+FFFD for what is no character
}

// escapedByte reads what follows a backslash and is no number: itself, or
// nothing if it is a line end.
func (c *cssScanner) escapedByte(dst []byte) []byte {
	ch := c.peek(0)
	c.i = min(c.i+1, len(c.b))
	switch ch {
	case '\r':
		if c.peek(0) == '\n' {
			c.i++
		}
		return dst
	case '\n', '\f', 0:
		return dst
	}
	return append(dst, ch)
}

// isName tells whether a byte belongs to a name (CSS Syntax §4.2).
func isName(c byte) bool { return isAlnum(c) || c == '-' || c == '_' || c >= utf8.RuneSelf }
