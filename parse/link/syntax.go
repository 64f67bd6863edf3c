package link

import (
	"bytes"
)

// Classes of bytes, by the tokenizer of the HTML standard.
const (
	space    = 1 << iota // tab, LF, FF, CR, space
	nameStop             // ends a tag's name: space / >
	attrStop             // ends an attribute's name: space / > =
	bareStop             // ends an unquoted value: space >
)

var class = [256]uint8{
	'\t': space | nameStop | attrStop | bareStop,
	'\n': space | nameStop | attrStop | bareStop,
	'\f': space | nameStop | attrStop | bareStop,
	'\r': space | nameStop | attrStop | bareStop,
	' ':  space | nameStop | attrStop | bareStop,
	'/':  nameStop | attrStop,
	'=':  attrStop,
	'>':  nameStop | attrStop | bareStop,
}

// until returns the first place from i on whose byte is of the class, or the
// end.
func until(b []byte, i int, stop uint8) int {
	for i < len(b) && class[b[i]]&stop == 0 {
		i++
	}
	return i
}

func nameEnd(b []byte, i int) int { return until(b, i, nameStop) }

func skipSpace(b []byte, i int) int {
	for i < len(b) && class[b[i]]&space != 0 {
		i++
	}
	return i
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}

// trim removes the white space around b.
func trim(b []byte) []byte {
	b = b[skipSpace(b, 0):]
	for len(b) > 0 && class[b[len(b)-1]]&space != 0 {
		b = b[:len(b)-1]
	}
	return b
}

// equalFold compares b to a word in lower case, the case of ASCII letters
// aside. (bytes.EqualFold would take the Kelvin sign for a k.)
func equalFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if lower(c) != word[i] {
			return false
		}
	}
	return true
}

// fold writes b in lower case into buf, or returns nothing if it is too long.
func fold(buf, b []byte) []byte {
	if len(b) > len(buf) {
		return nil
	}
	buf = buf[:len(b)]
	for i, c := range b {
		buf[i] = lower(c)
	}
	return buf
}

// after returns the place behind the next mark, or the end.
func after(b []byte, i int, mark string) int {
	n := bytes.Index(b[i:], []byte(mark))
	if n < 0 {
		return len(b)
	}
	return i + n + len(mark)
}

// skipComment goes behind a comment that begins at i, behind its "<!--": it
// ends at "-->" or "--!>", and at once with ">" or "->" (§13.2.5.43 ff.).
func skipComment(b []byte, i int) int {
	from := i
	for {
		if i = after(b, i, ">"); i == len(b) {
			return i
		}
		text := b[from : i-1]
		if len(text) == 0 || len(text) == 1 && text[0] == '-' ||
			bytes.HasSuffix(text, []byte("--")) || bytes.HasSuffix(text, []byte("--!")) {
			return i
		}
	}
}

// rawEnd returns where the end tag of a raw text element begins, or the end.
func rawEnd(b []byte, i int, name []byte) int {
	for {
		lt := bytes.IndexByte(b[i:], '<')
		if lt < 0 {
			return len(b)
		}
		i += lt
		if isRawEnd(b[i:], name) {
			return i
		}
		i++
	}
}

// isRawEnd tells whether b begins with the end tag of a raw text element.
func isRawEnd(b, name []byte) bool {
	n := len("</") + len(name)
	if len(b) <= n || b[1] != '/' || class[b[n]]&nameStop == 0 {
		return false
	}
	for i, c := range b[2:n] {
		if lower(c) != lower(name[i]) {
			return false
		}
	}
	return true
}

var scriptName = []byte("script")

// scriptEnd returns where the end tag of a script begins, or the end. Within
// "<!--" a script may hold one more, whose end tag does not count (§13.2.5.15
// to 31).
func scriptEnd(b []byte, i int) int {
	for {
		lt := bytes.IndexByte(b[i:], '<')
		if lt < 0 {
			return len(b)
		}
		i += lt
		if isRawEnd(b[i:], scriptName) {
			return i
		}
		i++
		if bytes.HasPrefix(b[i:], []byte("!--")) {
			var ended bool
			if i, ended = escapedScript(b, i+len("!--")); ended {
				return i
			}
		}
	}
}

// escapedScript goes through a script from behind a "<!--" to behind the "-->",
// or to the script's end tag, which it reports.
func escapedScript(b []byte, i int) (next int, ended bool) {
	dashes, double := 2, false
	for i < len(b) {
		c := b[i]
		i++
		switch {
		case c == '-':
			dashes++
			continue
		case c == '>' && dashes >= 2:
			return i, false
		case c == '<' && isRawEnd(b[i-1:], scriptName):
			if !double {
				return i - 1, true
			}
			double = false
			i += len("/script")
		case c == '<' && !double && opensScript(b[i:]):
			double = true
			i += len("script")
		}
		dashes = 0
	}
	return i, true
}

func opensScript(b []byte) bool {
	n := len(scriptName)
	return len(b) > n && class[b[n]]&nameStop != 0 && equalFold(b[:n], "script")
}
