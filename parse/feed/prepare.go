package feed

import (
	"bytes"
)

// prepare takes off what stands before the root element and would mislead the
// reader: a byte order mark, and the XML declaration with the encoding that the
// text no longer has.
func prepare(text []byte) []byte {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if !bytes.HasPrefix(text, []byte("<?xml")) {
		return text
	}
	if end := bytes.Index(text, []byte("?>")); end >= 0 {
		return bytes.TrimSpace(text[end+len("?>"):])
	}
	return text
}

// maxDepth is how deep elements may be nested: gofeed recurses for each, and ten
// million of them overflow the stack.
const maxDepth = 10_000

// depth is how deep the elements of an XML text are nested, or more where end
// tags are missing.
func depth(text []byte) int {
	level, deepest := 0, 0
	for {
		i := bytes.IndexByte(text, '<')
		if i < 0 {
			return deepest
		}
		text = text[i:]
		size, by := markup(text)
		level = max(level+by, 0)
		deepest = max(deepest, level)
		text = text[size:]
	}
}

// markup gives the size of what begins with the < at the start of text, and by
// how much it changes the level.
func markup(text []byte) (size, by int) {
	for _, m := range []struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}} {
		if bytes.HasPrefix(text, []byte(m.begin)) {
			return through(text, m.end), 0
		}
	}
	size = through(text, ">")
	switch {
	case bytes.HasPrefix(text, []byte("</")):
		return size, -1
	case size >= 2 && text[size-2] == '/':
		return size, 0
	}
	return size, 1
}

// through is the size of text up to the end of the first end, or all of it.
func through(text []byte, end string) int {
	if i := bytes.Index(text, []byte(end)); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// wholeItems is an XML feed that is broken off after its last whole item, and
// closed there; nil if there is none.
func wholeItems(text []byte) []byte {
	for _, form := range []struct{ root, item, closing string }{
		{"<rss", "</item>", "</channel></rss>"},
		{"<feed", "</entry>", "</feed>"},
		{"<rdf:RDF", "</item>", "</rdf:RDF>"},
	} {
		last := bytes.LastIndex(text, []byte(form.item))
		if last >= 0 && bytes.Contains(text[:last], []byte(form.root)) {
			return append(bytes.Clone(text[:last+len(form.item)]), form.closing...)
		}
	}
	return nil
}
