package disk

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// entry is one URL that the store knows. Its bytes are good until the walk
// goes on.
type entry struct {
	seq   uint64 // 0: it never was a job
	value []byte // of the job or skip
	done  []byte // of the outcome; nil: it waits
	state state
	url   []byte
}

// fingerprint is that of weburl.URL.
func (e *entry) fingerprint() uint64 { return xxh3.Hash(e.url) }

func (e *entry) row(seeds *seedBook) (frontier.Row, error) {
	r := frontier.Row{Job: frontier.Job{Key: frontier.Key{Seq: e.seq}}}
	err := decode(&r, e.value, seeds)
	if err == nil && e.done != nil {
		err = decode(&r, e.done, seeds)
	}
	return r, err
}

func (e *entry) load(value, done []byte) (err error) {
	e.value, e.done = value, done
	if e.state, e.url, _, err = split(value); err == nil && done != nil {
		e.state, _, _, err = split(done)
	}
	return err
}

// visitor is told of one URL after the other, until it has enough.
type visitor func(*entry) (more bool, err error)

// walk visits every known URL once: the jobs in the order they were found,
// then what was skipped. A URL that a rule skipped for the time being and that
// was admitted later has a job as well, and is visited as that; walk holds in
// memory the fingerprints of what was skipped for the time being.
func (s *Store) walk(ctx context.Context, visit visitor) error {
	passed, err := s.passed(ctx)
	if err != nil {
		return err
	}
	admitted := func(e *entry) (bool, error) {
		if len(passed) > 0 {
			delete(passed, e.fingerprint())
		}
		return visit(e)
	}
	more, err := s.walkJobs(ctx, admitted)
	if err != nil || !more {
		return err
	}
	_, err = s.walkSkips(ctx, func(e *entry) (bool, error) {
		if _, still := passed[e.fingerprint()]; e.state.passed() && !still {
			return true, nil
		}
		return visit(e)
	})
	return err
}

func (s *Store) passed(ctx context.Context) (map[uint64]struct{}, error) {
	passed := make(map[uint64]struct{})
	_, err := s.walkSkips(ctx, func(e *entry) (bool, error) {
		if e.state.passed() {
			passed[e.fingerprint()] = struct{}{}
		}
		return true, nil
	})
	return passed, err
}

// walkJobs goes through jobs, what is newer of them, and outcomes, side by side.
func (s *Store) walkJobs(ctx context.Context, visit visitor) (more bool, err error) {
	var dones, agains *pebble.Iterator
	if dones, err = s.space(spaceDone); err != nil {
		return false, err
	}
	if agains, err = s.space(spaceAgain); err != nil {
		return false, closed(dones, err)
	}
	dones.First()
	agains.First()
	more, err = s.walkChunks(ctx, spaceJobs, func(e *entry) (bool, error) {
		newer, err := along(e.seq, agains)
		if err != nil {
			return false, err
		}
		done, err := along(e.seq, dones)
		if err != nil {
			return false, err
		}
		if newer != nil || done != nil {
			value := e.value
			if newer != nil {
				value = newer
			}
			if err := e.load(value, done); err != nil {
				return false, err
			}
		}
		return visit(e)
	})
	return more, closed(dones, closed(agains, err))
}

// along returns the value at seq, or nil, from an iterator that goes along
// with the jobs.
func along(seq uint64, it *pebble.Iterator) ([]byte, error) {
	for ; it.Valid(); it.Next() {
		switch n, err := number(it.Key()); {
		case err != nil:
			return nil, err
		case n == seq:
			return it.ValueAndErr()
		case n > seq:
			return nil, nil
		}
	}
	return nil, it.Error()
}

func (s *Store) walkSkips(ctx context.Context, visit visitor) (more bool, _ error) {
	return s.walkChunks(ctx, spaceSkips, func(e *entry) (bool, error) {
		e.seq = 0
		return visit(e)
	})
}

func (s *Store) walkChunks(ctx context.Context, space byte, visit visitor) (more bool, _ error) {
	it, err := s.space(space)
	if err != nil {
		return false, err
	}
	more = true
	for ok := it.First(); ok && more && err == nil; ok = it.Next() {
		if err = ctx.Err(); err == nil {
			more, err = walkChunk(it, visit)
		}
	}
	return more, closed(it, err)
}

func walkChunk(it *pebble.Iterator, visit visitor) (more bool, err error) {
	var c chunk
	if c.first, err = number(it.Key()); err != nil {
		return false, err
	}
	if c.rest, err = it.ValueAndErr(); err != nil {
		return false, err
	}
	var e entry
	for len(c.rest) > 0 {
		var value []byte
		if e.seq, value, err = c.next(); err != nil {
			return false, err
		}
		if err = e.load(value, nil); err != nil {
			return false, err
		}
		if more, err := visit(&e); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}
