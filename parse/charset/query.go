package charset

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
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
	encoder := e.NewEncoder()
	return func(query []byte) []byte { return encodeQuery(encoder, query) }
}

func encodeQuery(e *encoding.Encoder, query []byte) []byte {
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
		out = appendRun(out, e, query[:run])
		query = query[run:]
	}
	return out
}

// appendRun appends characters beyond ASCII: together if the charset has all of them, for one with a state has fewer
// shifts then.
func appendRun(out []byte, e *encoding.Encoder, run []byte) []byte {
	if text, err := e.Bytes(run); err == nil {
		return appendEscaped(out, text)
	}
	for _, r := range string(run) {
		text, err := e.Bytes(utf8.AppendRune(nil, r))
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
