package link

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

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
		dst, n = appendReference(dst, value)
		value = value[n:]
	}
	return dst
}

// maxName is the length of the longest name of a character reference, with its
// semicolon: CounterClockwiseContourIntegral;
const maxName = 32

// appendReference reads the character reference at the start of b, which is
// '&', and returns its length; if it is none, the '&' stands for itself.
func appendReference(dst, b []byte) ([]byte, int) {
	if bytes.HasPrefix(b, []byte("&amp;")) {
		return append(dst, '&'), len("&amp;")
	}
	if len(b) > 1 && b[1] == '#' {
		return appendNumeric(dst, b)
	}
	n := 1
	for n < len(b) && n <= maxName && isAlnum(b[n]) {
		n++
	}
	name := b[1:n]
	closed := n < len(b) && b[n] == ';'
	if len(name) == 0 || !closed && n < len(b) && (b[n] == '=' || isAlnum(b[n])) {
		return append(dst, '&'), 1
	}
	if closed {
		n++
	}
	// The table of names is x/net's, which offers it for text only. There a
	// reference may end within the name; in an attribute it may not: what is
	// left of such a name shows in the result's last byte.
	text := html.UnescapeString(string(b[:n]))
	last := text[len(text)-1]
	if closed && (last != ';' || string(name) == "semi") || !closed && !isAlnum(last) {
		return append(dst, text...), n
	}
	return append(dst, '&'), 1
}

// appendNumeric is appendReference for one such as &#38; or &#x26;
func appendNumeric(dst, b []byte) ([]byte, int) {
	n, base := len("&#"), rune(10)
	isDigit := isDecimal
	if n < len(b) && b[n]|0x20 == 'x' {
		n, base = n+1, 16
		isDigit = isHex
	}
	start, code := n, rune(0)
	for ; n < len(b) && isDigit(b[n]); n++ {
		code = min(code*base+hexValue(b[n]), unicode.MaxRune+1)
	}
	if n == start {
		return append(dst, '&'), 1
	}
	if n < len(b) && b[n] == ';' {
		n++
	}
	if code == 0 || 0x80 <= code && code < 0xA0 { // NUL and what was windows-1252
		return append(dst, html.UnescapeString(fmt.Sprintf("&#%d;", code))...), n
	}
	return utf8.AppendRune(dst, code), n // U+FFFD for what is no character
}

func isDecimal(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDecimal(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func hexValue(c byte) rune {
	if isDecimal(c) {
		return rune(c - '0')
	}
	return rune(c|0x20-'a') + 10
}

func isAlnum(c byte) bool { return isLetter(c) || isDecimal(c) }
