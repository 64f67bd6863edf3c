package trap

import (
	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/parse/simhash"
)

// enough of a page is looked through for text.
const enough = 1 << 20

// enoughText tells a page from others: 650 words outside of links, without
// scripts, styles, navigation and footers. A large page costs no more than one
// of this size.
const enoughText = 4 << 10

// TextHash is the Simhash of an observation of HTML: that of its text outside
// of links, 0 if there is none. The pages of an endless space differ in what
// their links say if in anything (the next month, a longer path, one more
// facet); what a real page says only in links is on the pages that these lead
// to.
func TextHash(page []byte) uint64 {
	return simhash.Prose(page[:min(len(page), enough)], enoughText)
}

// TextSums is TextHash, near enough, and the sum of all of the text, for less
// than the two of them. A Guard is given the one or the other.
func TextSums(page []byte) (hash, exact uint64) {
	s := simhash.Both(page, enoughText)
	return s.Similar, s.Exact
}

// BytesHash is the Simhash of an observation of a body that is no HTML; 0 if it
// is empty.
func BytesHash(body []byte) uint64 {
	if len(body) == 0 {
		return 0
	}
	return xxh3.Hash(body)
}

// TitleHash is the Title of an observation.
func TitleHash(title string) uint64 {
	if title == "" {
		return 0
	}
	return xxh3.HashString(title)
}
