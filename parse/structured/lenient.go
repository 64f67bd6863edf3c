package structured

import (
	"encoding/json"
	"fmt"
	"strings"
)

// parser reads JSON as people write it into pages. On what is JSON (RFC 8259)
// it gives what encoding/json does, and no faults. Beyond that it takes, and
// tells: comments, CDATA marks, commas too many and too few, other quotes, words
// without quotes, control characters and quotes within strings, several values
// one after another, brackets that do not match, and an end that comes too soon.
type parser struct {
	text      string
	at        int
	depth     int
	maxDepth  int
	maxFaults int
	spend     func(int) bool // whether the next value may still be kept
	full      bool           // it may not: what follows is left unread
	ended     bool           // too soon, and that was told
	faults    []Fault
	mended    map[string]bool // a kind of mending is told once a block
	line      int             // of lineAt
	lineAt    int             // offset up to which lines are counted
	lineStart int
}

// all reads the values of a block.
func (p *parser) all() []any {
	p.mended = map[string]bool{}
	var values []any
	for {
		p.space()
		if p.at == len(p.text) || p.full {
			return values
		}
		switch c := p.text[p.at]; c {
		case ',', ';', '}', ']', ':', ')', '(':
			p.mend(fmt.Sprintf("%q between values", c))
			p.at++
			continue
		}
		if len(values) > 0 {
			p.mend("several values in a block")
		}
		if value, ok := p.value(); ok {
			values = append(values, value)
		}
	}
}

// value reads the value that begins here. It is not ok when nothing came of
// it; the position is beyond it all the same.
func (p *parser) value() (any, bool) {
	switch p.text[p.at] {
	case '{', '[':
		return p.container()
	case '"':
		return p.string()
	default:
		return p.word()
	}
}

func (p *parser) container() (any, bool) {
	if p.depth >= p.maxDepth {
		p.lose(fmt.Sprintf("nested deeper than %d", p.maxDepth))
		p.skip()
		return nil, false
	}
	if !p.room(0) {
		return nil, false
	}
	p.depth++
	defer func() { p.depth-- }()
	opening := p.text[p.at]
	p.at++
	if opening == '{' {
		return p.object(), true
	}
	return p.array(), true
}

func (p *parser) object() map[string]any {
	object := map[string]any{}
	for p.more('}') {
		key, ok := p.key()
		if !ok {
			continue
		}
		p.space()
		if p.at == len(p.text) || p.text[p.at] != ':' {
			p.lose(fmt.Sprintf("%.40q has no value", key))
			continue
		}
		p.at++
		if p.space(); p.at == len(p.text) {
			continue
		}
		if c := p.text[p.at]; c == ',' || c == '}' || c == ']' {
			p.lose(fmt.Sprintf("%.40q has no value", key))
			continue
		}
		if value, ok := p.value(); ok {
			object[key] = value
		}
	}
	return object
}

func (p *parser) array() []any {
	array := []any{}
	for p.more(']') {
		if p.text[p.at] == ':' {
			p.lose("':' in a list")
			p.at++
			continue
		}
		if value, ok := p.value(); ok {
			array = append(array, value)
		}
	}
	return array
}

// more goes to the next member of an object or list, and reports false at its
// end, which it takes. A bracket of the other kind ends it too, and is left for
// what is around, which may miss it.
func (p *parser) more(closing byte) bool {
	first := p.text[p.at-1] == '{' || p.text[p.at-1] == '['
	commas := 0
	for {
		p.space()
		if p.full {
			return false
		}
		if p.at == len(p.text) {
			if !p.ended {
				p.lose(fmt.Sprintf("ends before %q", closing))
			}
			p.ended = true
			return false
		}
		switch c := p.text[p.at]; {
		case c == ',':
			commas++
			p.at++
		case c == closing:
			if commas > 0 {
				p.mend("comma before " + string(closing))
			}
			p.at++
			return false
		case (c == '}' || c == ']'):
			p.mend(fmt.Sprintf("%q where %q is missing", c, closing))
			if p.depth == 1 {
				p.at++
			}
			return false
		default:
			switch {
			case commas == 0 && !first:
				p.mend("comma missing")
			case commas > 1 || commas > 0 && first:
				p.mend("comma too many")
			}
			return true
		}
	}
}

// key reads the name of a member. It is not ok when there is none.
func (p *parser) key() (string, bool) {
	switch p.text[p.at] {
	case '"':
		return p.string()
	case '{', '[':
		p.lose("a member without a name")
		p.skip()
		return "", false
	case ':':
		p.lose("a member without a name")
		p.at++
		return "", false
	}
	if p.text[p.at] == '\'' {
		return p.singleQuoted()
	}
	p.mend("name without quotes")
	word := p.bare()
	return word, p.room(len(word))
}

// word reads a number, a literal, or what has no quotes or others.
func (p *parser) word() (any, bool) {
	if p.text[p.at] == '\'' {
		return p.singleQuoted()
	}
	word := p.bare()
	if !p.room(len(word)) {
		return nil, false
	}
	switch {
	case word == "true":
		return true, true
	case word == "false":
		return false, true
	case word == "null":
		return nil, true
	case isNumber(word):
		return json.Number(word), true
	case word == "" || word == "undefined" || p.depth == 0:
		p.lose(fmt.Sprintf("%.40q is no value", word))
		return nil, false
	}
	p.mend(fmt.Sprintf("%.40q without quotes", word))
	return word, true
}

// bare reads what has no quotes, up to what ends it.
func (p *parser) bare() string {
	start := p.at
	for p.at < len(p.text) && !strings.ContainsRune(",:{}[]\"\n\r", rune(p.text[p.at])) && !p.atComment() {
		p.at++
	}
	if p.at == start { // what does not begin a word may not hold up the parser
		p.at++
	}
	return strings.Trim(p.text[start:p.at], "; \t\u00a0")
}

func isNumber(word string) bool {
	return word != "" && (word[0] == '-' || '0' <= word[0] && word[0] <= '9') && json.Valid([]byte(word))
}

// space goes to the next byte of meaning.
func (p *parser) space() {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			p.at++
		case p.mark():
		default:
			return
		}
	}
}

// Marks that pages put around or into a block, and what ends those that go on.
var marks = []struct{ begin, end, kind string }{
	{"//<![CDATA[", "", "CDATA"}, {"//]]>", "", "CDATA"}, {"/*<![CDATA[*/", "", "CDATA"}, {"/*]]>*/", "", "CDATA"},
	{"<![CDATA[", "", "CDATA"}, {"]]>", "", "CDATA"},
	{"//", "\n", "comment"}, {"/*", "*/", "comment"},
	{"<!--", "", "comment"}, {"-->", "", "comment"},
	{"\ufeff", "", "byte order mark"}, {"\u00a0", "", "white space that is no ASCII"},
	{"\u2028", "", "white space that is no ASCII"}, {"\x00", "", "control character"},
}

// mark passes over a mark that is here.
func (p *parser) mark() bool {
	rest := p.text[p.at:]
	for _, m := range marks {
		if !strings.HasPrefix(rest, m.begin) {
			continue
		}
		p.mend(m.kind)
		length := len(m.begin)
		if m.end != "" {
			if i := strings.Index(rest[length:], m.end); i >= 0 {
				length += i + len(m.end)
			} else {
				length = len(rest)
			}
		}
		p.at += length
		return true
	}
	if c := rest[0]; c < ' ' {
		p.mend("control character")
		p.at++
		return true
	}
	return false
}

func (p *parser) atComment() bool {
	rest := p.text[p.at:]
	return strings.HasPrefix(rest, "/*") || strings.HasPrefix(rest, "//") && p.at > 0 && isSpace(p.text[p.at-1])
}

// skip passes over a container without keeping anything, however deep it is.
func (p *parser) skip() {
	open := 0
	for ; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				p.at++
				return
			}
		case '"':
			p.at = p.endOfString(p.at + 1)
		}
	}
	p.at = len(p.text)
}

func (p *parser) room(n int) bool {
	if !p.full && !p.spend(n) {
		p.full = true
	}
	return !p.full
}

// mend tells what was read all the same, each kind once.
func (p *parser) mend(kind string) {
	if p.mended[kind] || len(p.mended) >= p.maxFaults {
		return
	}
	p.mended[kind] = true
	p.tell(kind, false)
}

func (p *parser) lose(message string) {
	if len(p.faults) < 2*p.maxFaults {
		p.tell(message, true)
	}
}

func (p *parser) tell(message string, lost bool) {
	if p.lineAt > p.at {
		p.line, p.lineAt, p.lineStart = 0, 0, 0
	}
	for i := p.lineAt; i < p.at && i < len(p.text); i++ {
		if p.text[i] == '\n' {
			p.line++
			p.lineStart = i + 1
		}
	}
	p.lineAt = p.at
	p.faults = append(p.faults, Fault{Line: p.line + 1, Column: p.at - p.lineStart + 1, Message: message, Lost: lost})
}
