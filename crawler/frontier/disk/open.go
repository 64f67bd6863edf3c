package disk

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Open opens a state directory, and makes one of a directory that is empty or
// not there. Its error wraps ErrLocked, ErrForeign, ErrFormat or ErrCorrupt,
// or is the system's.
func Open(dir string, o Options) (*Store, error) {
	s, err := openHome(dir, o, true, func(*pebble.Options) {})
	return s, explain(dir, err)
}

// openHome is Open with Pebble's options adapted.
func openHome(dir string, o Options, create bool, adapt func(*pebble.Options)) (*Store, error) {
	h, err := enter(o.fs(), dir, create)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, home: h, alarm: newAlarm(), ended: make(map[uint64]struct{})}
	po := o.pebble(s.alarm)
	adapt(po)
	returned, err := guard(s.alarm.dead, s.alarm, func() (err error) {
		s.db, err = pebble.Open(h.path(storeDir), po)
		return err
	})
	if !returned {
		return nil, err // the directory stays locked: Pebble stands still in it
	}
	if err != nil {
		return nil, errors.Join(err, h.release())
	}
	if err := s.restore(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) restore() error {
	if err := s.readSeeds(); err != nil {
		return err
	}
	seq, err := s.get([]byte(keySeq))
	if err == nil && len(seq) == 8 {
		s.lastSeq = binary.BigEndian.Uint64(seq)
	} else if err == nil && seq != nil {
		err = fmt.Errorf("%w: the last sequence number is %q", ErrCorrupt, seq)
	}
	return err
}

func (s *Store) readSeeds() error {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{spaceSeed}, UpperBound: []byte{spaceSeed + 1}})
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		if !s.seeds.add(weburl.FromCanonical(string(it.Value()))) || string(it.Key()) != string(seedKey(len(s.seeds.urls)-1)) {
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

// Meta returns what SetMeta has last kept under this name, or nil.
func (s *Store) Meta(name string) ([]byte, error) {
	if err := s.usable(); err != nil {
		return nil, explain(s.dir, err)
	}
	value, err := s.get(metaKey(name))
	return value, explain(s.dir, err)
}

// SetMeta keeps a setting of the crawl, such as what it was started with. It
// is on the disk when SetMeta returns.
func (s *Store) SetMeta(name string, value []byte) error {
	batch := s.db.NewBatch()
	err := batch.Set(metaKey(name), value, nil)
	if err == nil {
		err = s.apply(batch, pebble.Sync)
	}
	return explain(s.dir, err)
}

func metaKey(name string) []byte { return append([]byte{spaceMeta}, name...) }
