package disk

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// What is kept beside the URLs: hosts' pauses, and others' notes.

func noteKey(name string) []byte { return append([]byte{spaceNote}, name...) }

// Note implements frontier.Notes.
func (s *Store) Note(_ context.Context, key string) ([]byte, error) {
	if err := s.usable(); err != nil {
		return nil, explain(s.dir, err)
	}
	value, err := s.get(noteKey(key))
	return value, explain(s.dir, err)
}

func putBeside(batch *pebble.Batch, b *frontier.Batch) error {
	for i := range b.Hosts {
		h := &b.Hosts[i]
		value := binary.AppendVarint(nil, h.PausedUntil.UnixNano())
		if err := batch.Set(append([]byte{spaceHost}, h.Host...), append(value, h.Why...), nil); err != nil {
			return err
		}
	}
	for _, n := range b.Notes {
		if err := batch.Set(noteKey(n.Key), n.Value, nil); err != nil {
			return err
		}
	}
	if b.Mark == "" {
		return nil
	}
	return batch.Set([]byte(keyMark), []byte(b.Mark), nil)
}

// pauses returns the hosts whose pause is not over.
func (s *Store) pauses(now time.Time) (paused []frontier.HostState, _ error) {
	it, err := s.space(spaceHost)
	if err != nil {
		return nil, err
	}
	for ok := it.First(); ok && err == nil; ok = it.Next() {
		until, n := binary.Varint(it.Value())
		if n <= 0 {
			err = fmt.Errorf("%w: pause of host %q", ErrCorrupt, it.Key()[1:])
		} else if at := time.Unix(0, until).UTC(); at.After(now) {
			paused = append(paused, frontier.HostState{Host: string(it.Key()[1:]), PausedUntil: at, Why: string(it.Value()[n:])})
		}
	}
	return paused, closed(it, err)
}
