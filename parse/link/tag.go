package link

import "bytes"

// An attribute that some element is asked for.
type attr uint8

const (
	attrNone attr = iota
	attrBackground
	attrContent
	attrData
	attrHref
	attrHreflang
	attrHTTPEquiv
	attrImagesrcset
	attrLang
	attrName
	attrPoster
	attrRel
	attrSrc
	attrSrcdoc
	attrSrcset
	attrStyle
	attrType
	attrXlinkHref
	attrXMLLang
	attrs
)

var attrLengths = lengths{
	'b': 1 << len("background"),
	'c': 1 << len("content"),
	'd': 1 << len("data"),
	'h': 1<<len("href") | 1<<len("hreflang") | 1<<len("http-equiv"),
	'i': 1 << len("imagesrcset"),
	'l': 1 << len("lang"),
	'n': 1 << len("name"),
	'p': 1 << len("poster"),
	'r': 1 << len("rel"),
	's': 1<<len("src") | 1<<len("style") | 1<<len("srcset") | 1<<len("srcdoc"),
	't': 1 << len("type"),
	'x': 1<<len("xml:lang") | 1<<len("xlink:href"),
}

func attrNamed(name []byte) attr {
	if !attrLengths.may(name) {
		return attrNone
	}
	var buf [11]byte
	switch string(fold(buf[:], name)) {
	case "background":
		return attrBackground
	case "content":
		return attrContent
	case "data":
		return attrData
	case "href":
		return attrHref
	case "hreflang":
		return attrHreflang
	case "http-equiv":
		return attrHTTPEquiv
	case "imagesrcset":
		return attrImagesrcset
	case "lang":
		return attrLang
	case "name":
		return attrName
	case "poster":
		return attrPoster
	case "rel":
		return attrRel
	case "src":
		return attrSrc
	case "srcdoc":
		return attrSrcdoc
	case "srcset":
		return attrSrcset
	case "style":
		return attrStyle
	case "type":
		return attrType
	case "xlink:href":
		return attrXlinkHref
	case "xml:lang":
		return attrXMLLang
	}
	return attrNone
}

// tag is the attributes of the tag being read that matter, as pieces of the
// body.
type tag struct {
	seen   uint32 // a bit for each attribute in value
	value  [attrs]span
	closed bool // ends with "/>"
}

// read reads the attributes of a tag whose name ended at i, the first of each
// name. It returns the place behind the tag, or -1 if the page ends before.
func (t *tag) read(b []byte, i int) int {
	t.seen = 0
	for {
		name, value, next := nextAttr(b, i)
		if next < 0 {
			return -1
		}
		if name.from == name.to {
			t.closed = b[next-2] == '/' && i != next-1
			return next
		}
		i = next
		a := attrNamed(b[name.from:name.to])
		if a != attrNone && t.seen&(1<<a) == 0 {
			t.seen |= 1 << a
			t.value[a] = value
		}
	}
}

// skipTag goes behind a tag whose name ended at i.
func skipTag(b []byte, i int) int {
	if i < len(b) && b[i] == '>' {
		return i + 1
	}
	for {
		name, _, next := nextAttr(b, i)
		switch {
		case next < 0:
			return len(b)
		case name.from == name.to:
			return next
		}
		i = next
	}
}

// nextAttr reads one attribute from i on (§13.2.5.32 to 39). At the end of the
// tag the name is empty and next is behind it; at the end of the page next
// is -1.
func nextAttr(b []byte, i int) (name, value span, next int) {
	for i < len(b) && class[b[i]]&nameStop != 0 {
		if b[i] == '>' {
			return name, value, i + 1
		}
		i++
	}
	if i == len(b) {
		return name, value, -1
	}
	name = span{i, until(b, i+1, attrStop)} // a leading = belongs to the name
	i = skipSpace(b, name.to)
	if i == len(b) {
		return name, value, -1
	}
	if b[i] != '=' {
		return name, value, i
	}
	if i = skipSpace(b, i+1); i == len(b) {
		return name, value, -1
	}
	switch quote := b[i]; quote {
	case '>':
		return name, value, i
	case '"', '\'':
		n := bytes.IndexByte(b[i+1:], quote)
		if n < 0 {
			return name, value, -1
		}
		value = span{i + 1, i + 1 + n}
		return name, value, value.to + 1
	}
	value = span{i, until(b, i, bareStop)}
	if value.to == len(b) {
		return name, value, -1
	}
	return name, value, value.to
}

// attr returns the value of an attribute of the tag last read, its character
// references replaced, and whether it has one. The value is good until the
// next tag is read.
func (s *Scanner) attr(a attr) ([]byte, bool) {
	if s.tag.seen&(1<<a) == 0 {
		return nil, false
	}
	at := s.tag.value[a]
	raw := s.frame.body[at.from:at.to]
	if bytes.IndexByte(raw, '&') < 0 && !s.frame.hasNUL {
		return raw, true
	}
	from := len(s.scratch)
	s.scratch = appendUnescaped(s.scratch, raw)
	return s.scratch[from:len(s.scratch):len(s.scratch)], true
}
