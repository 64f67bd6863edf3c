package trap

import (
	"bytes"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/parse/simhash"
)

// A Reader makes the Simhash of observations. It keeps a buffer: one goroutine
// uses it at a time.
type Reader struct{ prose []byte }

// enough of a page is looked through for text.
const enough = 1 << 20

// enoughText tells a page from others: 1,300 words outside of links, without
// scripts, styles, navigation and footers. A large page costs no more than one
// of this size.
const enoughText = 8 << 10

// HTML returns the simhash of a page's text outside of its links, 0 if there is
// none. The pages of an endless space differ in what their links say if in
// anything (the next month, a longer path, one more facet); what a real page
// says only in links is on the pages that these lead to.
func (r *Reader) HTML(page []byte) uint64 {
	r.prose = appendProse(r.prose[:0], page[:min(len(page), enough)])
	return simhash.Similar(r.prose, enoughText)
}

// Other returns the hash of a body that is no HTML; 0 if it is empty.
func (r *Reader) Other(body []byte) uint64 {
	if len(body) == 0 {
		return 0
	}
	return xxh3.Hash(body)
}

// appendProse appends a page without its a elements. A link also ends where
// the next begins, as links do not nest (HTML §4.5.1), and one that never ends
// is no reason to leave out the rest of the page.
func appendProse(dst, page []byte) []byte {
	from, inLink := 0, false
	for i := 0; i < len(page); i++ {
		next := bytes.IndexByte(page[i:], '<')
		if next < 0 {
			break
		}
		i += next
		switch rest := page[i+1:]; {
		case isA(rest):
			if !inLink {
				dst = append(dst, page[from:i]...)
			}
			from, inLink = i, true
		case inLink && len(rest) > 1 && rest[0] == '/' && isA(rest[1:]):
			from, inLink = i, false
		}
	}
	return append(dst, page[from:]...)
}

// isA tells whether a tag's name, at the start of text, is "a".
func isA(text []byte) bool {
	if len(text) < 2 || text[0]|0x20 != 'a' {
		return false
	}
	switch text[1] {
	case ' ', '\t', '\n', '\f', '\r', '/', '>':
		return true
	}
	return false
}
