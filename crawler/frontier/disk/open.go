package disk

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Open opens a state directory, and makes one of a directory that is empty or
// not there. Its error wraps ErrLocked, ErrForeign, ErrFormat or ErrCorrupt,
// or is the system's.
func Open(dir string, o Options) (*Store, error) {
	s, err := openHome(dir, o, true, nil, func(*pebble.Options) {})
	return s, explain(dir, err)
}

// openHome is Open with Pebble's options adapted. With lost, what cannot be
// read is noted there and passed over.
func openHome(dir string, o Options, create bool, lost *[]string, adapt func(*pebble.Options)) (*Store, error) {
	h, err := enter(o.fs(), dir, create)
	if err != nil {
		return nil, err
	}
	if err := finishSwap(h); err != nil {
		return nil, errors.Join(err, h.release())
	}
	s := &Store{dir: dir, home: h, lost: lost, alarm: newAlarm(), ended: make(map[uint64]struct{})}
	po := o.pebble(s.alarm)
	adapt(po)
	if !po.ReadOnly {
		if err := h.upgrade(); err != nil {
			return nil, errors.Join(err, h.release())
		}
	}
	// What the logs hold is written into tables before Open returns, and what
	// fails in that is tried again for ever.
	returned, err := guard(s.alarm.failed, s.alarm, func() (err error) {
		s.db, err = pebble.Open(h.path(storeDir), po)
		return err
	})
	if !returned {
		return nil, err // the directory stays locked: Pebble is still in it
	}
	if err != nil {
		return nil, errors.Join(err, h.release())
	}
	if err := s.restore(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// finishSwap ends what Repair began: the old store is gone from its place, and
// the new one is complete.
func finishSwap(h *home) error {
	names, err := h.fs.List(h.dir)
	if err != nil || slices.Contains(names, storeDir) || !slices.Contains(names, damagedDir) || !slices.Contains(names, repairDir) {
		return err
	}
	if err := h.fs.Rename(h.path(repairDir), h.path(storeDir)); err != nil {
		return err
	}
	return syncDir(h.fs, h.dir)
}

func (s *Store) restore() error {
	if err := s.readSeeds(); err != nil && s.lost == nil {
		return err
	} else if err != nil {
		s.seeds.lost = true
		s.note(spaceSeed, err)
	}
	if err := s.readLast(); err != nil && s.lost == nil {
		return err
	}
	return nil // a store that is only read does not need it, and meets the damage again
}

// note says what was lost of a space.
func (s *Store) note(space byte, err error) {
	*s.lost = append(*s.lost, fmt.Sprintf("%s: %v", spaceName(space), plain(err)))
}

// readLast reads the highest numbers given so far.
func (s *Store) readLast() error {
	last := func(space byte) (c chunk, _ error) {
		it, err := s.space(space)
		if err != nil {
			return c, err
		}
		end := it.Last
		if space == spaceJobs {
			end = it.First
		}
		if end() {
			c.rest = bytes.Clone(it.Value())
			c.first, err = number(it.Key())
		}
		return c, closed(it, err)
	}
	skips, err := last(spaceSkips)
	if err != nil {
		return err
	}
	ends, err := last(spaceEnds)
	if err != nil {
		return err
	}
	s.lastSkip, s.lastEnd = skips.first, ends.first
	jobs, err := last(spaceJobs)
	for err == nil && len(jobs.rest) > 0 {
		s.lastSeq, _, err = jobs.next()
	}
	return err
}

func (s *Store) readSeeds() error {
	it, err := s.space(spaceSeed)
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		if !s.seeds.add(weburl.FromCanonical(string(it.Value()))) || string(it.Key()) != string(numbered(nil, spaceSeed, uint64(len(s.seeds.urls)-1))) {
			err = fmt.Errorf("%w: seed %q is out of order", ErrCorrupt, it.Value())
			break
		}
	}
	return closed(it, err)
}

// get returns a copy of a value, or nil if there is none.
func (s *Store) get(key []byte) ([]byte, error) {
	value, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	value = append([]byte{}, value...)
	return value, closer.Close()
}
