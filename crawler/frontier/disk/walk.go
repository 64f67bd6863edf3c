package disk

import (
	"bytes"
	"context"
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

// fingerprint is that of weburl.URL.
func (e *entry) fingerprint() uint64 { return xxh3.Hash(e.url) }

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

// update takes in what came after the chunk was written.
func (e *entry) update(newer, done []byte) error {
	e.again = newer != nil
	value := e.value
	if newer != nil {
		value = newer
	} else if done == nil {
		return nil
	}
	return e.load(value, done)
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
	dones, err := s.cursor(spaceDone)
	if err != nil {
		return false, err
	}
	agains, err := s.cursor(spaceAgain)
	if err != nil {
		return false, dones.close(err)
	}
	more, err = s.walkChunks(ctx, spaceJobs, func(e *entry) (bool, error) {
		newer, err := agains.along(e.seq)
		if err != nil {
			return false, err
		}
		done, err := dones.along(e.seq)
		if err == nil {
			err = e.update(newer, done)
		}
		if err != nil {
			return false, err
		}
		return visit(e)
	})
	return more, dones.close(agains.close(err))
}

func (s *Store) walkSkips(ctx context.Context, visit visitor) (more bool, _ error) {
	return s.walkChunks(ctx, spaceSkips, func(e *entry) (bool, error) {
		e.seq = 0
		return visit(e)
	})
}

func (s *Store) walkChunks(ctx context.Context, space byte, visit visitor) (more bool, _ error) {
	c, err := s.cursor(space)
	if err != nil {
		return false, err
	}
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

func (c *cursor) walkChunk(visit visitor) (more bool, _ error) {
	packed, err := c.it.ValueAndErr()
	if err != nil {
		return c.forgive(err)
	}
	e := entry{chunk: c.at}
	for k := (chunk{first: c.at, rest: packed}); len(k.rest) > 0; {
		var value []byte
		if e.seq, value, err = k.next(); err == nil {
			err = e.load(value, nil)
		}
		if err != nil {
			return c.forgive(err)
		}
		if more, err := visit(&e); err != nil || !more {
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
