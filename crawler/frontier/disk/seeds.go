package disk

import (
	"fmt"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// seedBook numbers the first seeds of a crawl, so that each of their thousands
// of descendants names its seed in two bytes. A crawl of a million seeds has
// few descendants each, and spells out the seeds that are not in the book.
type seedBook struct {
	urls    []weburl.URL
	numbers map[weburl.URL]int
	lost    bool // what is not in the book may have been: its text is lost
}

const maxSeeds = 4096

func (b *seedBook) number(u weburl.URL) (int, bool) {
	n, ok := b.numbers[u]
	return n, ok
}

func (b *seedBook) url(n uint64) (weburl.URL, error) {
	if n >= uint64(len(b.urls)) && b.lost {
		return weburl.URL{}, nil
	}
	if n >= uint64(len(b.urls)) {
		return weburl.URL{}, fmt.Errorf("%w: seed %d is named, %d are known", ErrCorrupt, n, len(b.urls))
	}
	return b.urls[n], nil
}

// add numbers u if it has no number yet and there is room; it tells whether it
// did.
func (b *seedBook) add(u weburl.URL) bool {
	if _, ok := b.numbers[u]; ok || u.IsZero() || len(b.urls) == maxSeeds {
		return false
	}
	if b.numbers == nil {
		b.numbers = make(map[weburl.URL]int)
	}
	u = u.Clone()
	b.numbers[u] = len(b.urls)
	b.urls = append(b.urls, u)
	return true
}
