package disk

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// A Store is a state directory that is open. As a frontier.Store it has one
// caller at a time.
type Store struct {
	dir   string
	home  *home
	db    *pebble.DB
	alarm *alarm
	seeds seedBook

	lastSeq   uint64
	abandoned bool // a call into Pebble did not return, and the directory is kept locked
	closed    bool

	ended      map[uint64]struct{} // scratch of Commit
	key, value []byte              // scratch
}

var _ frontier.Store = (*Store)(nil)

// Commit implements frontier.Store. A batch that says what became of a job,
// or how far the sink had got, is on the disk when Commit returns; one of new
// jobs alone is only so with the next such batch. After an error the store
// takes no other batch.
func (s *Store) Commit(_ context.Context, b *frontier.Batch) error {
	batch := s.db.NewBatch()
	sync := pebble.NoSync
	if len(b.Rows) > 0 || b.Mark != "" {
		sync = pebble.Sync
	}
	err := s.fill(batch, b)
	if err == nil {
		err = s.apply(batch, sync)
	}
	if err != nil {
		s.alarm.raise(err)
		return explain(s.dir, err)
	}
	return nil
}

func (s *Store) apply(batch *pebble.Batch, sync *pebble.WriteOptions) error {
	if err := s.usable(); err != nil {
		return err
	}
	if batch.Empty() {
		return batch.Close()
	}
	returned, err := guard(s.alarm.failed, s.alarm, func() error {
		if err := batch.Commit(sync); err != nil {
			return err
		}
		return batch.Close()
	})
	s.abandoned = !returned
	return err
}

// usable returns why the store can do no more, if so.
func (s *Store) usable() error {
	if s.closed {
		return ErrClosed
	}
	select {
	case <-s.alarm.failed:
		return s.alarm.err
	default:
		return nil
	}
}

func (s *Store) fill(batch *pebble.Batch, b *frontier.Batch) error {
	clear(s.ended)
	for i := range b.Rows {
		s.ended[b.Rows[i].Job.Key.Seq] = struct{}{}
	}
	for i := range b.Put {
		if err := s.put(batch, &b.Put[i]); err != nil {
			return err
		}
	}
	for i := range b.Rows {
		if err := s.end(batch, &b.Rows[i]); err != nil {
			return err
		}
	}
	if len(b.Put) > 0 {
		if err := batch.Set([]byte(keySeq), binary.BigEndian.AppendUint64(nil, s.lastSeq), nil); err != nil {
			return err
		}
	}
	if b.Mark != "" {
		return batch.Set([]byte(keyMark), []byte(b.Mark), nil)
	}
	return nil
}

func (s *Store) put(batch *pebble.Batch, j *frontier.Job) error {
	s.lastSeq = max(s.lastSeq, j.Key.Seq)
	if _, over := s.ended[j.Key.Seq]; over {
		return nil // it begins and ends here
	}
	if err := s.name(batch, j); err != nil {
		return err
	}
	s.key = pendingKey(s.key[:0], j.URL.Host(), j.Key)
	s.value = appendPending(s.value[:0], j, &s.seeds)
	return batch.Set(s.key, s.value, nil)
}

func (s *Store) end(batch *pebble.Batch, r *frontier.Row) error {
	if err := s.name(batch, &r.Job); err != nil {
		return err
	}
	if r.Job.Key.Seq != 0 {
		s.key = pendingKey(s.key[:0], r.Job.URL.Host(), r.Job.Key)
		if err := batch.Delete(s.key, nil); err != nil {
			return err
		}
	}
	var rest string
	s.key, rest = rowKey(s.key[:0], r.Job.URL)
	s.value = appendRow(s.value[:0], r, rest, &s.seeds)
	return batch.Set(s.key, s.value, nil)
}

// name has the job's seed in the book, if there is room.
func (s *Store) name(batch *pebble.Batch, j *frontier.Job) error {
	if j.Seed == j.URL || !s.seeds.add(j.Seed) {
		return nil
	}
	return batch.Set(seedKey(len(s.seeds.urls)-1), []byte(j.Seed.String()), nil)
}

// Page implements frontier.Store.
func (s *Store) Page(_ context.Context, host string, after frontier.Key, n int) ([]frontier.Job, error) {
	jobs, err := s.page(host, after, n)
	if err != nil {
		return nil, explain(s.dir, fmt.Errorf("read the jobs of host %s: %w", host, err))
	}
	return jobs, nil
}

func (s *Store) page(host string, after frontier.Key, n int) (jobs []frontier.Job, _ error) {
	if err := s.usable(); err != nil {
		return nil, err
	}
	s.key = append(pendingKey(s.key[:0], host, after), 0)
	end := hostKey(nil, spacePending, host)
	end[len(end)-1]++ // past the zero that ends the host's name
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: s.key, UpperBound: end})
	if err != nil {
		return nil, err
	}
	for ok := it.First(); ok && len(jobs) < n; ok = it.Next() {
		var j frontier.Job
		if j, err = s.job(it); err != nil {
			break
		}
		jobs = append(jobs, j)
	}
	return jobs, closed(it, err)
}

func (s *Store) job(it *pebble.Iterator) (frontier.Job, error) {
	value, err := it.ValueAndErr()
	if err != nil {
		return frontier.Job{}, err
	}
	host, rest, err := splitKey(it.Key())
	if err != nil {
		return frontier.Job{}, err
	}
	return decodePending(host, rest, value, &s.seeds)
}

// closed closes an iterator and returns the first error.
func closed(it *pebble.Iterator, err error) error {
	if end := it.Close(); err == nil {
		err = end
	}
	return err
}

// Close implements frontier.Store. After an error from which Pebble does not
// come back, the directory stays locked until the process ends.
func (s *Store) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.abandoned {
		return nil // the error was returned by who met it
	}
	returned, err := guard(s.alarm.dead, s.alarm, s.db.Close)
	if !returned {
		return nil
	}
	if end := s.home.release(); err == nil {
		err = end
	}
	return explain(s.dir, err)
}
