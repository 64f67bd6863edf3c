package frontier

import (
	"encoding/binary"
	"iter"
)

// The Queue finds a URL once when it gets to know it, and once more with each
// page that links to it, so a URL has one find more than links. A link counts on
// the first visit of its page: the next visit does not double it. One that was
// put in later counts if its URL had none before.

// MaxLinks is where counting the pages that link to a URL ends: it means that
// many or more.
const MaxLinks = MaxFinds - 1

// FindsParts is how many parts the counts are kept in, each a note of its own:
// of a large crawl all of them at once would hold the queue up. A URL is in the
// part that is its fingerprint modulo FindsParts.
const FindsParts = 16

// Finds are the counts of one part in the form in which they are kept: of each
// URL that has not just one link, its fingerprint and how many it has.
type Finds []byte

const (
	findSize  = 8 + 1
	usualFind = 2 // finds of a URL that a link led to and no other
)

// All are the fingerprints and how many pages link there.
func (f Finds) All() iter.Seq2[uint64, int] {
	return func(yield func(uint64, int) bool) {
		for ; len(f) >= findSize; f = f[findSize:] {
			if !yield(binary.LittleEndian.Uint64(f), int(f[findSize-1])) {
				return
			}
		}
	}
}

func (f Finds) add(fp uint64, finds int) Finds {
	if finds == usualFind {
		return f
	}
	return append(binary.LittleEndian.AppendUint64(f, fp), byte(finds-1))
}

// Finds returns the counts of a part, and false when they are as they were when
// it was last asked.
func (q *Queue) Finds(part int) (Finds, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.met[part] {
		return nil, false
	}
	q.met[part] = false
	f := make(Finds, 0, findSize*q.seen.Len()/FindsParts) // all, or it would be copied again and again under the lock
	for fp, n := range q.seen.part(part) {
		f = f.add(fp, n)
	}
	for fp, n := range q.passed.part(part) {
		if !q.seen.Has(fp) { // else the count went on there
			f = f.add(fp, n)
		}
	}
	return f, true
}

// Recount takes in what an earlier run counted.
func (q *Queue) Recount(f Finds) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for fp, links := range f.All() {
		if !q.seen.SetFinds(fp, links+1) {
			q.passed.SetFinds(fp, links+1)
		}
	}
}

// meet tells whether a link leads to a URL that needs no more looking at, as
// nearly every link of nearly every page does. It counts the link if this is
// the first visit of its page.
func (q *Queue) meet(fp uint64, first bool) bool {
	if !first {
		return q.seen.Has(fp)
	}
	if !q.seen.Meet(fp) {
		return false
	}
	q.met[fp%FindsParts] = true
	return true
}

// found counts a link to a URL that was unknown, or passed over, until just now.
func (q *Queue) found(fp uint64, first bool) {
	set := &q.seen
	if !set.Has(fp) {
		set = &q.passed
	}
	if first || set.Finds(fp) == 1 {
		set.Meet(fp)
		q.met[fp%FindsParts] = true
	}
}

// know puts a URL in the set of those that need no more looking at, and tells
// whether it was passed over before: the links that it had then go with it.
func (q *Queue) know(fp uint64) (passed bool) {
	finds := q.passed.Finds(fp)
	q.seen.add(fp, max(1, finds))
	return finds > 0
}
