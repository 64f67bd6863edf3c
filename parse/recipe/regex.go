package recipe

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// maxProgram bounds a compiled regular expression. A search looks at up to so many instructions for each byte;
// pricePerByte of them cost a step.
const (
	maxProgram   = 2_000
	pricePerByte = 64
)

// pattern is an RE2 expression. One search is linear in the text. Searching all matches is not: "a(.*b)?" looks at the
// rest of the line for each a. So [pattern.each] reads the text rune by rune, and pays for each.
type pattern struct {
	re *regexp.Regexp
	// after is re for a text whose first rune is what stood before the search, so that ^ and \b mean the same as in a
	// search of the whole text. Its first group is re's match.
	after *regexp.Regexp
	size  int // of the compiled program: a search looks at up to so many instructions for each byte
}

func parsePattern(text string) (*pattern, error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, regexpError(err)
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, regexpError(err)
	}
	canonical := parsed.String() // whatever the text leaves open, as \Q does, is closed
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, regexpError(err)
	}
	if n := len(program.Inst); n > maxProgram {
		return nil, fmt.Errorf("the regular expression has a size of %d when compiled (allowed: %d); repeat less", n, maxProgram)
	}
	after, err := regexp.Compile(`\A(?s:.)(?s:.*?)(` + canonical + `)`)
	if err != nil {
		return nil, regexpError(err)
	}
	return &pattern{re: re, after: after, size: len(program.Inst)}, nil
}

// regexpError says what is wrong without the name of the library's function.
func regexpError(err error) error {
	var bad *syntax.Error
	if errors.As(err, &bad) {
		return fmt.Errorf("not a regular expression (RE2): %s: %q", bad.Code, bad.Expr)
	}
	return fmt.Errorf("not a regular expression (RE2): %w", err)
}

// first returns the first match as regexp's FindStringSubmatchIndex does; nil is none.
func (p *pattern) first(x *run, text string) ([]int, error) {
	if err := x.spend(1 + len(text)*p.size/pricePerByte); err != nil {
		return nil, err
	}
	return p.re.FindStringSubmatchIndex(text), nil
}

// each calls found with the matches that regexp's FindAllStringSubmatchIndex gives, until it returns an error.
func (p *pattern) each(x *run, text string, found func([]int) error) error {
	end := -1 // of the match before
	for pos := 0; pos <= len(text); {
		m, err := p.from(x, text, pos)
		if m == nil || err != nil {
			return err
		}
		if m[1] > m[0] || m[0] != end { // an empty match right after a match is none
			if err := found(m); errors.Is(err, errStop) {
				return nil
			} else if err != nil {
				return err
			}
		}
		end = m[1]
		pos = m[1]
		if m[1] == m[0] {
			_, size := utf8.DecodeRuneInString(text[pos:])
			pos += max(1, size)
		}
	}
	return nil
}

// from returns the first match that begins at pos or later.
func (p *pattern) from(x *run, text string, pos int) ([]int, error) {
	re, start, skip := p.re, 0, 0
	if pos > 0 {
		_, size := utf8.DecodeLastRuneInString(text[:pos])
		re, start, skip = p.after, pos-size, 2
	}
	in := &paidReader{x: x, text: text[start:], size: p.size}
	m := re.FindReaderSubmatchIndex(in)
	if in.err != nil || m == nil {
		return nil, in.err
	}
	m = m[skip:]
	for i := range m {
		if m[i] >= 0 {
			m[i] += start
		}
	}
	return m, nil
}

// paidReader reads a text rune by rune, until the page's steps are used up.
type paidReader struct {
	x    *run
	text string
	size int // of the program
	debt int // steps times pricePerByte
	err  error
}

func (r *paidReader) ReadRune() (rune, int, error) {
	if r.text == "" || r.err != nil {
		return 0, 0, io.EOF
	}
	r.debt += pricePerByte + r.size // reading itself costs, too
	r.err = r.x.spend(r.debt / pricePerByte)
	r.debt %= pricePerByte
	c, size := utf8.DecodeRuneInString(r.text)
	r.text = r.text[size:]
	return c, size, nil
}

// groups is what of a match counts: the named groups as an object, else the first group, else all of it. It is not ok
// when the first group took no part in the match.
func (p *pattern) groups(text string, m []int) (any, bool) {
	names := p.re.SubexpNames()
	var o Object
	for i, name := range names {
		if name != "" && m[2*i] >= 0 {
			o = append(o, Member{name, text[m[2*i]:m[2*i+1]]})
		}
	}
	switch {
	case strings.Join(names, "") != "":
		return o, len(o) > 0
	case len(names) == 1:
		return text[m[0]:m[1]], true
	case m[2] < 0:
		return nil, false
	}
	return text[m[2]:m[3]], true
}

// regexSource searches the text of the page as it was sent, tags included, or the markup of the scope's element.
type regexSource struct{ pattern *pattern }

func (s *regexSource) find(x *run, in scope, most int) ([]value, error) {
	text, err := x.source(in)
	if err != nil {
		return nil, err
	}
	var out []value
	take := func(m []int) error {
		v, ok := s.pattern.groups(text, m)
		if !ok {
			return nil
		}
		// A match shares the page's text; what outlives the page must not.
		if err := x.keep(m[1] - m[0]); err != nil {
			return err
		}
		if out = append(out, value{data: cloneStrings(v)}); len(out) == most {
			return errStop
		}
		return nil
	}
	if most > 1 {
		err := s.pattern.each(x, text, take)
		return out, err
	}
	m, err := s.pattern.first(x, text)
	if m == nil || err != nil {
		return nil, err
	}
	if err := take(m); err != nil && !errors.Is(err, errStop) {
		return nil, err
	}
	return out, nil
}

func cloneStrings(v any) any {
	switch v := v.(type) {
	case string:
		return strings.Clone(v)
	case Object:
		for i := range v {
			v[i].Value = cloneStrings(v[i].Value)
		}
	}
	return v
}

// source is the text of a scope: the page's, an element's markup, a JSON value's text.
func (x *run) source(in scope) (string, error) {
	switch {
	case in.isData:
		if s, ok := in.data.(string); ok {
			return s, nil
		}
		return string(appendJSON(nil, in.data)), nil
	case in.node != nil:
		return outerHTML(x, in.node)
	}
	return x.page.text(), nil
}
