package trap

import (
	"math/bits"
	"slices"
)

// nearBits is how many of the 64 bits of two near-duplicates' simhashes differ
// at most: 3 is what Manku, Jain and Das Sarma found for web pages ("Detecting
// Near-Duplicates for Web Crawling", 2007). Two unrelated texts differ in 32.
const nearBits = 3

func near(a, b uint64) bool { return bits.OnesCount64(a^b) <= nearBits }

// bands are the quarters of a simhash: of two that differ in nearBits or fewer,
// one quarter at least is the same. So those alike are found among the few that
// share a quarter; to compare all 8,192 took 7 % of the CPU of a page of 10 KiB,
// under the Guard's lock.
const (
	bands    = nearBits + 1
	bandBits = 64 / bands
)

// few sums are compared with one another: most hosts of a large crawl have no
// more, and need no chains.
const few = 32

// texts are the simhashes of the last pages with new text.
type texts struct {
	most   int // are remembered
	sums   []uint64
	chains [bands]chains
	oldest int // in sums, once it is full
}

// chains link the sums that may share a quarter: first has the place of one of
// them by the quarter's low bits, next that of another one by its own. A place
// is an index into sums and 1, so that 0 is none.
type chains struct{ first, next []uint16 }

func (t *texts) len() int { return len(t.sums) }

// add tells whether a text is new, and remembers it if so.
func (t *texts) add(sum uint64) bool {
	if t.has(sum) {
		return false
	}
	if len(t.sums) < t.most {
		t.sums = append(t.sums, sum)
		switch linked := len(t.chains[0].first); {
		case len(t.sums) <= few:
		case len(t.sums) > linked:
			t.grow()
		default:
			t.link(len(t.sums) - 1)
		}
		return true
	}
	t.unlink(t.oldest)
	t.sums[t.oldest] = sum
	t.link(t.oldest)
	t.oldest = (t.oldest + 1) % t.most
	return true
}

func (t *texts) has(sum uint64) bool {
	if len(t.sums) <= few {
		return slices.ContainsFunc(t.sums, func(s uint64) bool { return near(s, sum) })
	}
	for band := range t.chains {
		c := &t.chains[band]
		for place := c.first[c.slot(band, sum)]; place != 0; place = c.next[place-1] {
			if near(t.sums[place-1], sum) {
				return true
			}
		}
	}
	return false
}

// slot is where in first the chain of a sum's quarter begins.
func (c *chains) slot(band int, sum uint64) int {
	return int(uint16(sum>>(band*bandBits))) & (len(c.first) - 1)
}

// grow makes room for twice as many sums.
func (t *texts) grow() {
	size := max(2*few, 2*len(t.chains[0].first))
	for band := range t.chains {
		t.chains[band] = chains{make([]uint16, size), make([]uint16, size)}
	}
	for i := range t.sums {
		t.link(i)
	}
}

func (t *texts) link(i int) {
	for band := range t.chains {
		c := &t.chains[band]
		slot := c.slot(band, t.sums[i])
		c.next[i], c.first[slot] = c.first[slot], uint16(i+1)
	}
}

func (t *texts) unlink(i int) {
	for band := range t.chains {
		c := &t.chains[band]
		place := &c.first[c.slot(band, t.sums[i])]
		for *place != uint16(i+1) {
			place = &c.next[*place-1]
		}
		*place = c.next[i]
	}
}
