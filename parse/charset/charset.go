// Package charset decides which character encoding a body is in and gives it as UTF-8.
//
// Four witnesses are heard, and the first that speaks is believed:
//
//	BOM      the first two or three bytes
//	Header   the charset parameter of Content-Type
//	Meta     what the document says of itself: <meta charset>, <meta http-equiv>, <?xml encoding?>
//	Content  the bytes: UTF-16 by its zero bytes, else UTF-8 when all of them are valid UTF-8, else windows-1252
//
// That is the order of the HTML standard (§13.2.3.2), with one difference: Content looks at the whole body and not at its
// first 1,024 bytes, because a page whose head is ASCII and whose text is not is the usual undeclared UTF-8 page.
//
// Labels and names are those of the WHATWG Encoding standard. A label that it does not know says nothing, and the next
// witness is heard.
package charset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// Source says what a charset was known by.
type Source uint8

// The sources, the strongest first.
const (
	BOM     Source = iota // a byte order mark
	Header                // the charset parameter of Content-Type
	Meta                  // the document's own declaration
	Content               // nothing declared: the bytes themselves
)

// String gives the source as records name it: "bom", "header", "meta" or "content".
func (s Source) String() string {
	switch s {
	case BOM:
		return "bom"
	case Header:
		return "header"
	case Meta:
		return "meta"
	default:
		return "content"
	}
}

// Detected is a charset and how it was known.
type Detected struct {
	Name   string // WHATWG name in lower case: "utf-8", "windows-1252", "shift_jis"
	Source Source
}

const (
	nameUTF8    = "utf-8"
	nameUTF16LE = "utf-16le"
	nameUTF16BE = "utf-16be"

	bomUTF8    = "\xef\xbb\xbf"
	bomUTF16LE = "\xff\xfe"
	bomUTF16BE = "\xfe\xff"
)

// Detect says which charset body is in. contentType is the Content-Type header as it came, and may be empty; when it names
// an XML type, only the XML declaration counts as Meta, for a feed may carry HTML with a meta of its own.
// It always has an answer: an empty body is UTF-8.
func Detect(body []byte, contentType string) Detected {
	if name := fromBOM(body); name != "" {
		return Detected{name, BOM}
	}
	if name := lookup(headerCharset(contentType)); name != "" {
		return Detected{name, Header}
	}
	if name := declared(body, isXML(contentType)); name != "" {
		return Detected{name, Meta}
	}
	return Detected{fromContent(body), Content}
}

func fromBOM(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte(bomUTF8)):
		return nameUTF8
	case bytes.HasPrefix(body, []byte(bomUTF16LE)):
		return nameUTF16LE
	case bytes.HasPrefix(body, []byte(bomUTF16BE)):
		return nameUTF16BE
	}
	return ""
}

// lookup gives the WHATWG name of a label, or "" when the standard knows no such label.
func lookup(label string) string {
	if label == "" {
		return ""
	}
	if strings.EqualFold(label, nameUTF8) { // nearly all of them: spare the table
		return nameUTF8
	}
	e, err := htmlindex.Get(label)
	if err != nil {
		return ""
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return ""
	}
	return name
}

// lookupDeclared is lookup for a label that stood in the document: what could be read as ASCII is not UTF-16, and pages
// that declare x-user-defined mean windows-1252 (HTML §13.2.3.2, prescan, steps for the charset).
func lookupDeclared(label []byte) string {
	switch name := lookup(string(label)); name {
	case nameUTF16LE, nameUTF16BE:
		return nameUTF8
	case "x-user-defined":
		return "windows-1252"
	default:
		return name
	}
}

func fromContent(body []byte) string {
	switch {
	case startsUTF16(body, 0):
		return nameUTF16LE
	case startsUTF16(body, 1):
		return nameUTF16BE
	case utf8.Valid(body) || cutUTF8(body):
		return nameUTF8
	default:
		return "windows-1252"
	}
}

// startsUTF16 says whether the first thing in body is "<" and another ASCII character in UTF-16 without a BOM.
// low is the place of the low byte in each pair: 0 is little endian, 1 big endian.
func startsUTF16(body []byte, low int) bool {
	at := func(i int) byte { // the ASCII character of pair i, or 0
		if len(body) < 2*i+2 || body[2*i+1-low] != 0 {
			return 0
		}
		return body[2*i+low]
	}
	i := 0
	for isSpace(at(i)) {
		i++
	}
	return at(i) == '<' && 0 < at(i+1) && at(i+1) < utf8.RuneSelf
}

// cutUTF8 says whether body is UTF-8 that was cut within its last character, as happens to a body cut at a size limit.
// One that is otherwise ASCII does not count: there, a last byte above 127 is as likely to be a whole letter of
// windows-1252.
func cutUTF8(body []byte) bool {
	for n := 1; n < utf8.UTFMax && n <= len(body); n++ {
		tail := body[len(body)-n:]
		if utf8.RuneStart(tail[0]) {
			head := body[:len(body)-n]
			return !utf8.FullRune(tail) && !isASCII(head) && utf8.Valid(head)
		}
	}
	return false
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isSpace is ASCII whitespace as HTML has it.
func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'
}
