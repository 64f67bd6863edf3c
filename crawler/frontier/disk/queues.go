package disk

import (
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// queues is the order of what waits, by host. It is not stored, since jobs
// without an outcome are what waits; it is made as the jobs are read for the
// first time, which the start of a crawl does anyway. It takes about five bytes
// a waiting URL, less than the fingerprint of the same URL in the crawl's table.
type queues struct {
	seed   maphash.Seed
	hosts  map[uint64]queue // by the hash of the name
	ended  bits             // jobs that have their outcome
	again  bits             // jobs that were put again, and are not in their chunk as they are now
	chunks []uint64         // the first numbers of all chunks of jobs
}

// queue is a host's.
type queue struct {
	host   string
	levels []level
}

// level is a host's jobs of one depth. Some may have ended, never the first.
type level struct {
	depth uint32
	seqs  []uint32 // ascending
}

// maxSeq is far beyond what the fingerprints of as many URLs leave of memory.
const maxSeq = math.MaxUint32

func newQueues() *queues { return &queues{seed: maphash.MakeSeed(), hosts: make(map[uint64]queue)} }

func (q *queues) key(host string) uint64 { return maphash.String(q.seed, host) }

// add puts a job into its host's queue: at its end, unless it was there before.
func (q *queues) add(host string, k frontier.Key) error {
	if k.Seq > maxSeq {
		return fmt.Errorf("job %d is beyond the %d that a state directory has room for", k.Seq, uint32(maxSeq))
	}
	q.ended.remove(k.Seq)
	key := q.key(host)
	at := q.hosts[key]
	i, found := slices.BinarySearchFunc(at.levels, k.Depth, byDepth)
	if !found {
		if at.levels == nil {
			at.host = strings.Clone(host)
		}
		at.levels = slices.Insert(at.levels, i, level{depth: k.Depth})
		q.hosts[key] = at
	}
	l, seq := &at.levels[i], uint32(k.Seq)
	if n := len(l.seqs); n == 0 || l.seqs[n-1] < seq {
		l.seqs = append(l.seqs, seq)
		return nil
	}
	if i, found := slices.BinarySearch(l.seqs, seq); !found {
		l.seqs = slices.Insert(l.seqs, i, seq)
	}
	return nil
}

// end takes a job out. One that is not the first of its level is passed over
// until it is.
func (q *queues) end(host string, k frontier.Key) {
	q.ended.add(k.Seq)
	q.again.remove(k.Seq)
	key := q.key(host)
	at := q.hosts[key]
	i, found := slices.BinarySearchFunc(at.levels, k.Depth, byDepth)
	if !found {
		return
	}
	l := &at.levels[i]
	gone := 0
	for gone < len(l.seqs) && q.ended.has(uint64(l.seqs[gone])) {
		gone++
	}
	if l.seqs = l.seqs[gone:]; len(l.seqs) > 0 {
		return
	}
	if at.levels = slices.Delete(at.levels, i, i+1); len(at.levels) == 0 {
		delete(q.hosts, key)
	} else {
		q.hosts[key] = at
	}
}

// page returns up to n keys of a host after the given one.
func (q *queues) page(host string, after frontier.Key, n int) (keys []frontier.Key) {
	levels := q.hosts[q.key(host)].levels
	i, found := slices.BinarySearchFunc(levels, after.Depth, byDepth)
	for ; i < len(levels); i++ {
		seqs := levels[i].seqs
		if found {
			at, _ := slices.BinarySearchFunc(seqs, after.Seq, func(s uint32, after uint64) int {
				if uint64(s) <= after {
					return -1
				}
				return 1
			})
			seqs, found = seqs[at:], false
		}
		for _, seq := range seqs {
			if len(keys) == n {
				return keys
			}
			if !q.ended.has(uint64(seq)) {
				keys = append(keys, frontier.Key{Depth: levels[i].depth, Seq: uint64(seq)})
			}
		}
	}
	return keys
}

// backlog counts what waits at each host.
func (q *queues) backlog() map[string]int {
	backlog := make(map[string]int, len(q.hosts))
	for _, at := range q.hosts {
		for _, l := range at.levels {
			for _, seq := range l.seqs {
				if !q.ended.has(uint64(seq)) {
					backlog[at.host]++
				}
			}
		}
	}
	return backlog
}

// chunk returns the number of the chunk that a job is in.
func (q *queues) chunk(seq uint64) uint64 {
	i, found := slices.BinarySearch(q.chunks, seq)
	if !found {
		i--
	}
	if i < 0 {
		return 0 // there is none
	}
	return q.chunks[i]
}

func byDepth(l level, depth uint32) int {
	switch {
	case l.depth < depth:
		return -1
	case l.depth > depth:
		return 1
	}
	return 0
}

// bits is a set of sequence numbers.
type bits []uint64

func (b bits) has(n uint64) bool { return n/64 < uint64(len(b)) && b[n/64]>>(n%64)&1 == 1 }

func (b *bits) add(n uint64) {
	if missing := int(n/64) + 1 - len(*b); missing > 0 {
		*b = append(*b, make([]uint64, missing)...)
	}
	(*b)[n/64] |= 1 << (n % 64)
}

func (b bits) remove(n uint64) {
	if n/64 < uint64(len(b)) {
		b[n/64] &^= 1 << (n % 64)
	}
}
