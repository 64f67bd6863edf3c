package frontier

import "math/bits"

// Seen is the set of fingerprints of the URLs a crawl knows. It answers for
// every link of every page, so it is built for that one question: open
// addressing over plain words, 10 to 13 bytes a URL, one cache miss a look-up.
//
// Two URLs with the same 64-bit fingerprint would be taken for one: the odds
// that this happens to any pair among ten million are about 1 in 370,000. A
// Bloom filter of a useful size would lose pages by the thousand.
//
// The zero value is an empty set. It is not safe for concurrent use.
type Seen struct {
	shards [seenShards]seenShard
}

// Growing a shard copies one part in 256 of the set, so no link waits for a
// copy of the whole, and the old and the new copy are never both large.
const seenShards = 256

type seenShard struct {
	slots []uint64 // 0 is free
	used  int
}

// Has tells whether fp is in the set.
func (s *Seen) Has(fp uint64) bool {
	fp = nonZero(fp)
	sh := &s.shards[fp%seenShards]
	if len(sh.slots) == 0 {
		return false
	}
	_, found := sh.find(fp)
	return found
}

// Add puts fp in the set and tells whether it is new.
func (s *Seen) Add(fp uint64) bool {
	fp = nonZero(fp)
	sh := &s.shards[fp%seenShards]
	if sh.used >= len(sh.slots)*7/8 {
		sh.grow()
	}
	i, found := sh.find(fp)
	if found {
		return false
	}
	sh.slots[i] = fp
	sh.used++
	return true
}

// Len is the number of fingerprints in the set.
func (s *Seen) Len() int {
	n := 0
	for i := range s.shards {
		n += s.shards[i].used
	}
	return n
}

// find returns the slot that holds fp, or the free one where it belongs. The
// high bits choose the slot, as the low ones chose the shard.
func (sh *seenShard) find(fp uint64) (int, bool) {
	hi, _ := bits.Mul64(fp, uint64(len(sh.slots)))
	for i := int(hi); ; i++ {
		if i == len(sh.slots) {
			i = 0
		}
		switch sh.slots[i] {
		case fp:
			return i, true
		case 0:
			return i, false
		}
	}
}

// grow makes room by a third, not by doubling: the set is most of a large
// crawl's memory, and a table that is half empty is half wasted.
func (sh *seenShard) grow() {
	old := sh.slots
	sh.slots = make([]uint64, max(16, len(old)*4/3))
	for _, fp := range old {
		if fp != 0 {
			i, _ := sh.find(fp)
			sh.slots[i] = fp
		}
	}
}

func nonZero(fp uint64) uint64 {
	if fp == 0 {
		return 1
	}
	return fp
}
