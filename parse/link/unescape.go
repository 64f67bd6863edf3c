package link

import (
	"bytes"

	"golang.org/x/net/html"
)

// appendUnescaped appends the value of an attribute to dst: its character
// references replaced as the standard has it for attributes, and NUL by U+FFFD.
func appendUnescaped(dst, value []byte) []byte {
	for len(value) > 0 {
		n := bytes.IndexAny(value, "&\x00")
		if n < 0 {
			return append(dst, value...)
		}
		dst = append(dst, value[:n]...)
		value = value[n:]
		if value[0] == 0 {
			dst = append(dst, "\uFFFD"...)
			value = value[1:]
			continue
		}
		text, n := reference(value)
		dst = append(dst, text...)
		value = value[n:]
	}
	return dst
}

// maxName is the length of the longest name of a character reference, with its
// semicolon: CounterClockwiseContourIntegral;
const maxName = 32

// reference reads a character reference at the start of b, which is '&', and
// returns its text and length; if it is none, that is "&" and 1.
func reference(b []byte) (text string, n int) {
	if bytes.HasPrefix(b, []byte("&amp;")) {
		return "&", len("&amp;")
	}
	if len(b) > 1 && b[1] == '#' {
		return numeric(b)
	}
	n = 1
	for n < len(b) && n <= maxName && isAlnum(b[n]) {
		n++
	}
	name := b[1:n]
	closed := n < len(b) && b[n] == ';'
	if len(name) == 0 || !closed && n < len(b) && (b[n] == '=' || isAlnum(b[n])) {
		return "&", 1
	}
	if closed {
		n++
	}
	// The table of names is x/net's, which offers it for text only. There a
	// reference may end within the name; in an attribute it may not: what is
	// left of such a name shows in the result's last byte.
	text = html.UnescapeString(string(b[:n]))
	last := text[len(text)-1]
	switch {
	case closed && (last != ';' || string(name) == "semi"):
		return text, n
	case !closed && !isAlnum(last):
		return text, n
	}
	return "&", 1
}

// numeric reads a reference such as &#38; or &#x26;
func numeric(b []byte) (text string, n int) {
	n = 2
	isDigit := isDecimal
	if n < len(b) && b[n]|0x20 == 'x' {
		n++
		isDigit = isHex
	}
	start := n
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	if n == start {
		return "&", 1
	}
	if n < len(b) && b[n] == ';' {
		n++
	}
	return html.UnescapeString(string(b[:n])), n
}

func isDecimal(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDecimal(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func isAlnum(c byte) bool { return isLetter(c) || isDecimal(c) }
