package structured

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads the string whose quote is here.
func (p *parser) string() (string, bool) {
	start := p.at + 1
	end := p.endOfString(start)
	p.at = min(end+1, len(p.text))
	if end == len(p.text) {
		p.lose("a string does not end")
	}
	if !p.room(end - start) {
		return "", false
	}
	return p.unescape(p.text[start:end]), true
}

// singleQuoted reads 'a string as JavaScript has them'.
func (p *parser) singleQuoted() (string, bool) {
	start := p.at + 1
	end := start
	for end < len(p.text) && p.text[end] != '\'' && p.text[end] != '\n' {
		if p.text[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(p.text))
	p.mend("single quotes")
	p.at = min(end+1, len(p.text))
	if !p.room(end - start) {
		return "", false
	}
	return p.unescape(p.text[start:end]), true
}

// endOfString finds the quote that ends a string that begins at start. A quote
// that nothing follows which may follow a string is part of its text: somebody
// forgot to escape it.
func (p *parser) endOfString(start int) int {
	for i := start; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '"':
			if p.mayFollow(i + 1) {
				return i
			}
			p.mend("quote within a string")
		}
	}
	return len(p.text)
}

// mayFollow reports whether what comes at i may come after a string: a comma
// may have been left out at the end of a line.
func (p *parser) mayFollow(i int) bool {
	newline := false
	for ; i < len(p.text) && isSpace(p.text[i]); i++ {
		newline = newline || p.text[i] == '\n'
	}
	if i == len(p.text) || newline {
		return true
	}
	switch p.text[i] {
	case ',', ':', '}', ']', ';':
		return true
	case '/':
		return i+1 < len(p.text) && (p.text[i+1] == '/' || p.text[i+1] == '*')
	}
	return false
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// unescape undoes the escapes of a string (RFC 8259 §7).
func (p *parser) unescape(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' }) >= 0 {
		p.mend("control character within a string")
	}
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	var b strings.Builder
	for i >= 0 {
		b.WriteString(s[:i])
		s = s[i+1:]
		s = s[p.escape(&b, s):]
		i = strings.IndexByte(s, '\\')
	}
	b.WriteString(s)
	return b.String()
}

// escape writes what the escape that s begins with means, its backslash left
// out, and returns how long it is.
func (p *parser) escape(b *strings.Builder, s string) int {
	if s == "" {
		p.mend("escape that is none")
		return 0
	}
	const letters, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := strings.IndexByte(letters, s[0]); i >= 0 {
		b.WriteByte(meanings[i])
		return 1
	}
	r, ok := hex4(s)
	if !ok {
		p.mend("escape that is none")
		return 0
	}
	if utf16.IsSurrogate(r) {
		second, escaped := strings.CutPrefix(s[5:], `\`)
		if low, ok := hex4(second); ok && escaped {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				b.WriteRune(pair)
				return len(`uD83D\uDE00`)
			}
		}
		r = utf8.RuneError
	}
	b.WriteRune(r)
	return len("u0041")
}

// hex4 reads "uXXXX".
func hex4(s string) (rune, bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[1:5]) {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
