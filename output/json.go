package output

import (
	"encoding/binary"
	"unicode/utf8"
)

// AppendJSON appends r as one JSON object in one line, without a line end, and
// returns the longer dst. It holds the members of fields, in the order of
// [Fields], leaving out those that do not apply; the zero FieldSet is all. Of
// a record with a Shape it is that, whatever the fields.
//
// It is always valid JSON in valid UTF-8, whatever bytes the strings hold: a
// byte that is no UTF-8 becomes U+FFFD. Whatever could end the line or steer a
// terminal (C0, DEL and C1 controls, line separators, directional overrides)
// is escaped, so a page's title is safe to look at. <, > and & stand for
// themselves: this is not HTML.
//
// By hand because it runs once a page: a third of the time of encoding/json,
// and nothing allocated.
func (r *Record) AppendJSON(dst []byte, fields FieldSet) []byte {
	if r.Shape != nil {
		return appendRaw(dst, r.Shape)
	}
	if fields == 0 {
		fields = ^fields
	}
	start := len(dst)
	for i := range table {
		f := &table[i]
		if f.value == nil || fields>>i&1 == 0 {
			continue
		}
		member := len(dst)
		dst = append(dst, `,"`...)
		dst = append(dst, f.Name...)
		dst = append(dst, `":`...)
		value := len(dst)
		if dst = f.value(dst, r, fields>>(i+1)); len(dst) == value {
			dst = dst[:member] // no value: absent, not null
		}
	}
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{' // in place of the first comma
	return append(dst, '}')
}

// appendString appends s as a JSON string. Nearly all strings are URLs and
// need no escape, so s is copied first and looked at afterwards.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	at := len(dst)
	dst = append(dst, s...)
	if n := plain(dst[at:]); n < len(s) {
		dst = appendEscaped(dst[:at+n], s[n:])
	}
	return append(dst, '"')
}

// appendRaw appends JSON that others have encoded. What acts on a terminal can
// only be in a string there, where an escape means the same.
func appendRaw(dst []byte, text []byte) []byte {
	from := 0
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf && c != 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == 0x7f || hidden(r) {
			dst = appendHex(append(dst, text[from:i]...), r)
			from = i + n
		}
		i += n
	}
	return append(dst, text[from:]...)
}

// plain is how many bytes at the start of b stand for themselves in JSON and
// are ASCII. It looks at eight at a time, at the last eight whether or not some of
// them were looked at before.
func plain(b []byte) int {
	i := 0
	for i+8 <= len(b) && !anySpecial(binary.LittleEndian.Uint64(b[i:])) {
		i += 8
	}
	if rest := len(b) - i; i > 0 && rest < 8 && !anySpecial(binary.LittleEndian.Uint64(b[len(b)-8:])) {
		return len(b)
	}
	for i < len(b) && !special(b[i]) {
		i++
	}
	return i
}

// special says whether c is not printable ASCII or needs an escape in JSON.
func special(c byte) bool {
	return c < ' ' || c == '"' || c == '\\' || c >= 0x7f
}

// anySpecial says whether any of the eight bytes of w is special, by the
// arithmetic of “Bit Twiddling Hacks, determine if a word has a byte less
// than n”. A borrow from one byte into the next only matters where the lower
// one is special already.
func anySpecial(w uint64) bool {
	const (
		ones  = 0x0101010101010101
		highs = ones << 7
	)
	quote, backslash := w^ones*'"', w^ones*'\\'
	return ((w-ones*' ')|(quote-ones)|(backslash-ones)|(w+ones)|w)&highs != 0
}

// appendEscaped appends s, escaping what must be.
func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			dst = appendASCII(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if hidden(r) {
			dst = appendHex(dst, r)
		} else {
			dst = utf8.AppendRune(dst, r) // U+FFFD where s is not UTF-8
		}
		i += n
	}
	return dst
}

func appendASCII(dst []byte, c byte) []byte {
	if !special(c) {
		return append(dst, c)
	}
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendHex(dst, rune(c))
}

// hidden are the characters beyond ASCII that act on a terminal or on those
// who split lines, and show nothing: C1 controls, line and paragraph
// separators, directional embeddings, overrides and isolates.
func hidden(r rune) bool {
	return r >= 0x80 && r <= 0x9f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// appendHex appends \uXXXX. r is in the basic plane.
func appendHex(dst []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
