package disk

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// The first byte of a key says what it is of.
//
// Jobs and skips are numbered as they come and packed into chunks (chunk.go):
// they are written at the end of their space, a few dozen to a key, and stay
// where they are. What is sorted in between older keys is small.
const (
	spaceAgain   = 'a' // + sequence number: a job that was put again, as it is now
	spaceDone    = 'd' // + sequence number: what became of a job
	spaceHost    = 'h' // + host: how long it is paused, and why
	spaceJobs    = 'j' // + sequence number of the first: a chunk of jobs, as they were found
	spaceNote    = 'n' // + key: a note, in its owner's own form
	spaceOwn     = 'o' // + name: what the store keeps for itself
	spacePending = 'p' // + host, 0, depth, sequence number: that a job waits, and in which chunk it is
	spaceSeed    = 's' // + number: the text of a seed
	spaceSkips   = 'x' // + number of the chunk: rows of URLs that never were jobs
)

// spaceName is for messages.
func spaceName(space byte) string {
	switch space {
	case spaceAgain:
		return "jobs put again"
	case spaceDone:
		return "outcomes"
	case spaceHost:
		return "pauses of hosts"
	case spaceJobs:
		return "jobs"
	case spaceNote:
		return "notes"
	case spacePending:
		return "queues"
	case spaceSeed:
		return "seeds"
	case spaceSkips:
		return "skipped URLs"
	}
	return "how far the output had got"
}

const keyMark = "omark"

func numbered(dst []byte, space byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, space), n)
}

// number is the inverse of numbered.
func number(key []byte) (uint64, error) {
	if len(key) != 9 {
		return 0, fmt.Errorf("%w: key %q has no number", ErrCorrupt, key)
	}
	return binary.BigEndian.Uint64(key[1:]), nil
}

func pendingKey(dst []byte, host string, k frontier.Key) []byte {
	dst = binary.BigEndian.AppendUint32(hostKey(dst, host), k.Depth)
	return binary.BigEndian.AppendUint64(dst, k.Seq)
}

// hostKey is the beginning of all pending keys of a host.
func hostKey(dst []byte, host string) []byte {
	return append(append(append(dst, spacePending), host...), 0)
}

// splitPending is the inverse of pendingKey.
func splitPending(key []byte) (host []byte, k frontier.Key, err error) {
	end := len(key) - 13
	if end < 1 || key[end] != 0 || bytes.IndexByte(key, 0) != end {
		return nil, k, fmt.Errorf("%w: pending key %q", ErrCorrupt, key)
	}
	k = frontier.Key{Depth: binary.BigEndian.Uint32(key[end+1:]), Seq: binary.BigEndian.Uint64(key[end+5:])}
	return key[1:end], k, nil
}
