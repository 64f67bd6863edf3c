package disk

import (
	"encoding/binary"
	"fmt"
)

// The first byte of a key says what it is of.
//
// Jobs, skips and outcomes are numbered as they come and packed into chunks
// (chunk.go). They are most of all there is, and are to be written once: Pebble
// merges a flush with what lies between its first and its last key. So skips and
// outcomes go up towards what is small from below, and the numbers of jobs down
// towards it from above. With the jobs in the middle they were rewritten with
// every merge, twice the work of all the rest.
//
// That a job waits is not written: it waits while it has no outcome (queues.go).
const (
	spaceSkips = 'a' // + number of the chunk: rows of URLs that never were jobs
	spaceEnds  = 'c' // + number of the chunk: what became of jobs, in the order in which they ended
	spaceDone  = 'd' // + sequence number: the same in format 1; spaceEnds is newer
	spaceAgain = 'e' // + sequence number: a job that was put again, as it is now; it waits, whatever it had become
	spaceHost  = 'h' // + host: how long it is paused, and why
	spaceNote  = 'n' // + key: a note, in its owner's own form
	spaceOwn   = 'o' // + name: what the store keeps for itself
	spaceSeed  = 's' // + number: the text of a seed
	spaceJobs  = 'z' // + inverted sequence number of the first: a chunk of jobs, as they were found
)

// spaceName is for messages.
func spaceName(space byte) string {
	switch space {
	case spaceAgain:
		return "jobs put again"
	case spaceDone, spaceEnds:
		return "outcomes"
	case spaceHost:
		return "pauses of hosts"
	case spaceJobs:
		return "jobs"
	case spaceNote:
		return "notes"
	case spaceSeed:
		return "seeds"
	case spaceSkips:
		return "skipped URLs"
	}
	return "how far the output had got"
}

const keyMark = "omark"

func numbered(dst []byte, space byte, n uint64) []byte {
	if space == spaceJobs {
		n = ^n
	}
	return binary.BigEndian.AppendUint64(append(dst, space), n)
}

// number is the inverse of numbered.
func number(key []byte) (uint64, error) {
	if len(key) != 9 {
		return 0, fmt.Errorf("%w: key %q has no number", ErrCorrupt, key)
	}
	n := binary.BigEndian.Uint64(key[1:])
	if key[0] == spaceJobs {
		n = ^n
	}
	return n, nil
}
