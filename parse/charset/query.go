package charset

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// QueryEncoder gives what puts the query of a link in the charset of the page it stands on, as browsers do (URL §5.1,
// "percent-encode after encoding"): on a page in windows-1252 the link ?é asks for ?%E9. It is nil where queries are
// UTF-8: on pages in UTF-8 and UTF-16. ASCII is left as it is, to the URL parser, but for what would end a query; a
// character that the charset lacks becomes the reference &#8224;, percent-encoded.
func (d Detected) QueryEncoder() func(query []byte) []byte {
	switch d.Name {
	case "", nameUTF8, nameUTF16LE, nameUTF16BE, "replacement":
		return nil
	}
	e, err := encodingNamed(d.Name)
	if err != nil {
		return nil
	}
	encode := e.NewEncoder().Bytes
	if d.Name == "shift_jis" {
		encode = shiftJIS(encode)
	}
	return func(query []byte) []byte { return encodeQuery(encode, query) }
}

// encoder puts text in a charset; what that lacks is an error.
type encoder = func(text []byte) ([]byte, error)

// shiftJIS takes the later of two places that characters as 髙 and 﨑 have in Shift_JIS, as the standard and Windows do: the
// extensions of IBM, not NEC's selection of them (Encoding §13.3.2). x/text takes the first.
func shiftJIS(encode encoder) encoder {
	const necFirst, necKanji, necLast, ibmFirst, ibmKanji, ibmSigns = 8272, 8631, 8647, 10716, 10744, 10737
	return func(text []byte) ([]byte, error) {
		out, err := encode(text)
		for i := 0; i < len(out); i++ {
			lead := out[i]
			if lead < 0x81 || 0xa0 <= lead && lead < 0xe0 || i+1 == len(out) {
				continue // a character of one byte
			}
			i++
			switch p := jisPointer(lead, out[i]); {
			case necFirst <= p && p <= necKanji:
				out[i-1], out[i] = jisBytes(p - necFirst + ibmKanji)
			case 8634 <= p && p <= 8643: // ⅰ to ⅹ
				out[i-1], out[i] = jisBytes(p - 8634 + ibmFirst)
			case 8645 <= p && p <= necLast: // ￤, ＇ and ＂
				out[i-1], out[i] = jisBytes(p - 8645 + ibmSigns)
			}
		}
		return out, err
	}
}

// jisPointer is the place of a character of two bytes in the standard's table.
func jisPointer(lead, trail byte) int {
	row, cell := int(lead)-0x81, int(trail)-0x40
	if lead >= 0xe0 {
		row -= 0x40
	}
	if trail > 0x7f {
		cell--
	}
	return row*188 + cell
}

// jisBytes is jisPointer the other way round, for leads from E0 on.
func jisBytes(pointer int) (lead, trail byte) {
	cell := byte(pointer % 188)
	if cell >= 0x3f {
		cell++
	}
	return byte(pointer/188) + 0xc1, cell + 0x40
}

func encodeQuery(encode encoder, query []byte) []byte {
	if isASCII(query) {
		return query
	}
	var out []byte
	for len(query) > 0 {
		run := bytes.IndexFunc(query, func(r rune) bool { return r < utf8.RuneSelf })
		switch run {
		case 0:
			out = append(out, query[0])
			query = query[1:]
			continue
		case -1:
			run = len(query)
		}
		out = appendRun(out, encode, query[:run])
		query = query[run:]
	}
	return out
}

// appendRun appends characters beyond ASCII: together if the charset has all of them, for one with a state has fewer
// shifts then.
func appendRun(out []byte, encode encoder, run []byte) []byte {
	if text, err := encode(run); err == nil {
		return appendEscaped(out, text)
	}
	for _, r := range string(run) {
		text, err := encode(utf8.AppendRune(nil, r))
		if err != nil {
			out = fmt.Appendf(out, "%%26%%23%d%%3B", r)
			continue
		}
		out = appendEscaped(out, text)
	}
	return out
}

// appendEscaped percent-encodes what a URL parser would take for something else: of a character in two bytes the second
// may be ASCII.
func appendEscaped(out, text []byte) []byte {
	for _, c := range text {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '#' || c == '<' || c == '>' || c == '\'' {
			out = fmt.Appendf(out, "%%%02X", c)
			continue
		}
		out = append(out, c)
	}
	return out
}
