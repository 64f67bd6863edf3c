package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// entry is one URL that the store knows. Its bytes are good until the walk
// goes on.
type entry struct {
	seq   uint64 // 0: it never was a job
	chunk uint64 // which it is in
	value []byte // of the job or skip
	done  []byte // of the outcome; nil: it waits
	again bool   // value is not that in the chunk
	state state
	url   []byte
}

// fingerprint is the job's: that of weburl.URL, by its kind.
func (e *entry) fingerprint() uint64 { return e.state.kind().Fingerprint(xxh3.Hash(e.url)) }

func (e *entry) host() []byte {
	_, rest, _ := bytes.Cut(e.url, []byte("://"))
	host, _, _ := bytes.Cut(rest, []byte{'/'})
	return host
}

// keyDepth is the depth in the job's key.
func (e *entry) keyDepth() (uint32, error) {
	_, _, f, err := split(e.value)
	for err == nil && len(f) > 0 {
		var tag byte
		var v uint64
		if tag, v, _, err = f.next(); err == nil && tag == tagKeyDepth {
			return uint32(v), nil
		}
	}
	return 0, err
}

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
func (s *Store) walkJobs(ctx context.Context, visit visitor) (more bool, _ error) {
	ends, err := s.readEnds(ctx)
	if err != nil {
		return false, err
	}
	agains, err := s.cursor(spaceAgain)
	if err != nil {
		return false, err
	}
	more, err = s.walkEntries(ctx, spaceJobs, func(e *entry) (bool, error) {
		value, err := agains.along(e.seq)
		if err != nil {
			return false, err
		}
		var done []byte
		if e.again = value != nil; !e.again {
			value = e.value
			done, err = ends.of(ctx, e.seq)
		}
		if err == nil && (e.again || done != nil) {
			err = e.load(value, done)
		}
		if err != nil {
			return false, err
		}
		return visit(e)
	})
	return more, agains.close(err)
}

func (s *Store) walkSkips(ctx context.Context, visit visitor) (more bool, _ error) {
	return s.walkEntries(ctx, spaceSkips, func(e *entry) (bool, error) {
		e.seq = 0
		return visit(e)
	})
}

func (s *Store) walkEntries(ctx context.Context, space byte, visit visitor) (more bool, _ error) {
	c, err := s.cursor(space)
	if err != nil {
		return false, err
	}
	var e entry
	return c.walkChunks(ctx, func(chunk, n uint64, value []byte) (bool, error) {
		e.chunk, e.seq = chunk, n
		if err := e.load(value, nil); err != nil {
			return false, err
		}
		return visit(&e)
	})
}

// walkChunks goes through the values of a space of chunks, and closes the cursor.
// A value that visit finds damaged is the last that is looked at in its chunk.
func (c *cursor) walkChunks(ctx context.Context, visit func(chunk, n uint64, value []byte) (more bool, err error)) (more bool, err error) {
	more = true
	for more && err == nil {
		if more, err = c.next(); !more || err != nil {
			more = err == nil
			break
		}
		if err = ctx.Err(); err == nil {
			more, err = c.walkChunk(visit)
		}
	}
	return more, c.close(err)
}

func (c *cursor) walkChunk(visit func(chunk, n uint64, value []byte) (more bool, err error)) (more bool, _ error) {
	packed, err := c.it.ValueAndErr()
	if err != nil {
		return c.forgive(err)
	}
	for k := (chunk{first: c.at, rest: packed}); len(k.rest) > 0; {
		n, value, err := k.next()
		if err != nil {
			return c.forgive(err)
		}
		more, err := visit(c.at, n, value)
		if errors.Is(err, ErrCorrupt) {
			return c.forgive(err)
		}
		if err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// forgive notes an error and has the walk go on, if the cursor is lenient.
func (c *cursor) forgive(err error) (more bool, _ error) {
	if c.lost == nil {
		return false, err
	}
	c.note(fmt.Errorf("the rest of chunk %d: %w", c.at, err))
	return true, nil
}

// readQueues finds out what waits.
func (s *Store) readQueues(ctx context.Context) (*queues, error) {
	q := newQueues()
	if s.lastSeq == 0 {
		return q, nil // a new store
	}
	_, err := s.walkJobs(ctx, func(e *entry) (bool, error) {
		return true, q.learn(e)
	})
	return q, err
}

// learn takes in what the walk has come to.
func (q *queues) learn(e *entry) error {
	if e.seq == 0 {
		return nil // it never was a job
	}
	if n := len(q.chunks); n == 0 || q.chunks[n-1] != e.chunk {
		q.chunks = append(q.chunks, e.chunk)
	}
	if e.again {
		q.again.add(e.seq)
	}
	if e.done != nil {
		q.ended.add(e.seq)
		return nil
	}
	depth, err := e.keyDepth()
	if err != nil {
		return err
	}
	return q.add(string(e.host()), frontier.Key{Depth: depth, Seq: e.seq})
}
