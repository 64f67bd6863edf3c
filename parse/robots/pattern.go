package robots

import "strings"

// pattern is the path of a rule: literal parts with any text between them.
type pattern struct {
	parts    []string // normalized; one more than there are wildcards
	anchored bool     // the last part ends the URL
	query    bool     // a part spells the "?" that begins the query
	length   int      // in octets after normalization, wildcards and anchor included: what "longest" means
}

// target is the URL that patterns are matched with, in the two forms that they may need.
type target struct {
	asIs  string
	query string // the same, for patterns that reach into the query by name
}

// compile reads the value of an Allow or Disallow line: "*" stands for any text, "$" at the end for the end of the URL, and each
// is itself when written %2A or %24 (RFC 9309 §2.2.3).
func compile(path string) pattern {
	if path[0] != '/' && path[0] != '*' {
		path = "/" + path
	}
	var p pattern
	path, p.anchored = strings.CutSuffix(path, "$")
	if p.anchored {
		p.length++
	}
	// A "*" counts for the length even where it says nothing, next to another one.
	p.length += strings.Count(path, "*")
	literals := strings.Split(path, "*")
	for i, literal := range literals {
		if literal == "" && i > 0 && i < len(literals)-1 {
			continue
		}
		part := p.literal(literal)
		p.length += len(part)
		p.parts = append(p.parts, part)
	}
	return p
}

// literal normalizes a part, in its query otherwise than before it.
func (p *pattern) literal(s string) string {
	if p.query {
		return normalize(s, true)
	}
	before, after, found := strings.Cut(s, "?")
	if !found {
		return normalize(s, false)
	}
	p.query = true
	return joinQuery(before, after)
}

// newTarget prepares the path and query of a URL.
func newTarget(uri string) target {
	uri, _, _ = strings.Cut(uri, "#")
	if !strings.HasPrefix(uri, "/") {
		uri = "/" + uri
	}
	t := target{asIs: normalize(uri, false)}
	t.query = t.asIs
	if before, after, found := strings.Cut(uri, "?"); found && strings.Contains(after, "%") {
		t.query = joinQuery(before, after)
	}
	return t
}

func joinQuery(path, query string) string {
	return normalize(path, false) + "?" + normalize(query, true)
}

// match reports whether the pattern matches the URL from its first octet on. Each part is taken where it first occurs; a later
// place could only leave less for the parts that follow. So the URL is read once.
func (p *pattern) match(t target) bool {
	s := t.asIs
	if p.query {
		s = t.query
	}
	s, ok := strings.CutPrefix(s, p.parts[0])
	last := len(p.parts) - 1
	if !ok || last == 0 {
		return ok && (s == "" || !p.anchored)
	}
	for _, part := range p.parts[1:last] {
		if _, s, ok = strings.Cut(s, part); !ok {
			return false
		}
	}
	if p.anchored {
		return strings.HasSuffix(s, p.parts[last])
	}
	return strings.Contains(s, p.parts[last])
}

// normalize spells octets so that two spellings of one URL compare equal (RFC 9309 §2.2.2): what a URL cannot hold raw is
// percent-encoded, in upper case; what needs no encoding is decoded. Reserved characters stay as they are, since an encoded one
// is another URL than a raw one: /a%2Fb is not /a/b. Two exceptions: the marks !'()*$ are data wherever they stand, and are written
// either way; and in a query so are ":", "/", "?" and "@", as in the RFC's own example ?baz=https%3A%2F%2Ffoo.bar.
func normalize(s string, query bool) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '%' || r >= 0x80 || !rawInURL(byte(r)) }) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c, encoded := s[i], false
		if c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			c, encoded = unhex(s[i+1])<<4|unhex(s[i+2]), true
			i += 2
		}
		if needless := isData(c, query); needless || !encoded && rawInURL(c) {
			b.WriteByte(c)
		} else {
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// isData reports whether c means the same raw and percent-encoded.
func isData(c byte, query bool) bool {
	return isAlphanumeric(c) || strings.IndexByte("-._~!'()*$", c) >= 0 || query && strings.IndexByte(":/?@", c) >= 0
}

// rawInURL reports whether c is one of the characters of a URL, unreserved or reserved (RFC 3986 §2).
func rawInURL(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) >= 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
