package frontier

import (
	"iter"
	"math/bits"
)

// Seen is the set of fingerprints of the URLs a crawl knows, and how often each
// was found. It answers for every link of every page, so it is built for that
// one question: open addressing over plain words, 9 to 14 bytes a URL, one
// cache miss a look-up.
//
// Two URLs with the same 64-bit fingerprint would be taken for one: the odds
// that this happens to any pair among ten million are about 1 in 370,000. A
// Bloom filter of a useful size would lose pages by the thousand.
//
// The zero value is an empty set. It is not safe for concurrent use.
type Seen struct {
	shards [seenShards]seenShard
	near   uint64 // what approach has read: who reads for nothing may be optimized away
}

// Growing a shard copies one part in 256 of the set, so no link waits for a
// copy of the whole, and the old and the new copy are never both large.
const seenShards = 256

// A seenShard has the fingerprints with the same low byte. As that goes without
// saying, the byte holds the count, which so takes no room.
type seenShard struct {
	slots []uint64 // 0 is free: who is there was found at least once
	used  int
}

// MaxFinds is where a count ends: it means that often or more.
const MaxFinds = 255

// Has tells whether fp is in the set.
func (s *Seen) Has(fp uint64) bool {
	sh := &s.shards[fp%seenShards]
	if len(sh.slots) == 0 {
		return false
	}
	_, found := sh.find(fp)
	return found
}

// Meet tells whether fp is in the set, and counts that it was found again.
func (s *Seen) Meet(fp uint64) bool {
	sh := &s.shards[fp%seenShards]
	if len(sh.slots) == 0 {
		return false
	}
	i, found := sh.find(fp)
	if found && sh.slots[i]%seenShards < MaxFinds {
		sh.slots[i]++
	}
	return found
}

// approach has the processor fetch what the look-ups of fps will need, all of it
// at once: one after the other each would wait for memory by itself. With ten
// million URLs it takes a third off what a page's links cost (BenchmarkApproach),
// and more where there is work between the look-ups.
func (s *Seen) approach(fps []uint64) {
	for _, fp := range fps {
		if sh := &s.shards[fp%seenShards]; len(sh.slots) > 0 {
			s.near ^= sh.slots[sh.first(fp)]
		}
	}
}

// Add puts fp in the set, as found once, and tells whether it is new.
func (s *Seen) Add(fp uint64) bool { return s.add(fp, 1) }

// add puts fp in the set, as found n times if it is new.
func (s *Seen) add(fp uint64, n int) bool {
	sh := &s.shards[fp%seenShards]
	if sh.used >= len(sh.slots)*7/8 {
		sh.grow()
	}
	i, found := sh.find(fp)
	if found {
		return false
	}
	sh.slots[i] = slot(fp, n)
	sh.used++
	return true
}

// Finds is how often fp was found, up to MaxFinds. It is 0 when fp is not in
// the set.
func (s *Seen) Finds(fp uint64) int {
	sh := &s.shards[fp%seenShards]
	if len(sh.slots) == 0 {
		return 0
	}
	i, _ := sh.find(fp)
	return int(sh.slots[i] % seenShards)
}

// SetFinds has fp count as found n times and tells whether fp is in the set; if
// it is not, nothing happens.
func (s *Seen) SetFinds(fp uint64, n int) bool {
	sh := &s.shards[fp%seenShards]
	if len(sh.slots) == 0 {
		return false
	}
	i, found := sh.find(fp)
	if found {
		sh.slots[i] = slot(fp, max(1, min(n, MaxFinds)))
	}
	return found
}

// part is a part of the set, out of FindsParts, and how often each was found.
func (s *Seen) part(k int) iter.Seq2[uint64, int] {
	return func(yield func(uint64, int) bool) {
		for i := k; i < seenShards; i += FindsParts {
			for _, held := range s.shards[i].slots {
				if held != 0 && !yield(slot(held, i), int(held%seenShards)) {
					return
				}
			}
		}
	}
}

// Len is the number of fingerprints in the set.
func (s *Seen) Len() int {
	n := 0
	for i := range s.shards {
		n += s.shards[i].used
	}
	return n
}

func slot(fp uint64, low int) uint64 { return fp&^(seenShards-1) | uint64(low) }

// find returns the slot that holds fp, or the free one where it belongs.
func (sh *seenShard) find(fp uint64) (int, bool) {
	for i := sh.first(fp); ; i++ {
		if i == len(sh.slots) {
			i = 0
		}
		switch at := sh.slots[i]; {
		case at == 0:
			return i, false
		case at^fp < seenShards:
			return i, true
		}
	}
}

// first is where the search for fp begins. The high bits choose the slot, as
// the low ones chose the shard.
func (sh *seenShard) first(fp uint64) int {
	hi, _ := bits.Mul64(fp&^(seenShards-1), uint64(len(sh.slots)))
	return int(hi)
}

// grow makes room by a half, not by doubling: the set is most of a large
// crawl's memory, and a table that is half empty is half wasted.
func (sh *seenShard) grow() {
	old := sh.slots
	sh.slots = make([]uint64, max(16, len(old)*3/2))
	for _, held := range old {
		if held == 0 {
			continue
		}
		i := sh.first(held)
		for sh.slots[i] != 0 {
			if i++; i == len(sh.slots) {
				i = 0
			}
		}
		sh.slots[i] = held
	}
}
