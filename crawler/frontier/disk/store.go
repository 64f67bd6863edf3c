package disk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

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

	lost *[]string // of a store that is being repaired: what could not be read

	queues    *queues // nil until they are needed
	lastSeq   uint64
	lastSkip  uint64 // a chunk
	lastEnd   uint64 // a chunk
	outcomes  uint64 // all there are; counted with the queues
	abandoned bool   // a call into Pebble did not return, and the directory is kept locked
	closed    bool

	puts       []*frontier.Job     // scratch of Commit
	ended      map[uint64]struct{} // scratch of Commit
	key, value []byte              // scratch
	done       []byte              // scratch
}

var (
	_ frontier.Store   = (*Store)(nil)
	_ frontier.Archive = (*Store)(nil)
	_ frontier.Notes   = (*Store)(nil)
)

// Commit implements frontier.Store. A batch is on the disk when Commit
// returns, except one of jobs alone, which is so with the next other one.
// After an error the store takes no more batches.
//
// A job that is put again, in this run or in a later one, keeps its key: that
// is how a URL has one row, however often it is visited.
func (s *Store) Commit(ctx context.Context, b *frontier.Batch) error {
	ready := s.usable
	if len(b.Put)+len(b.Rows) > 0 {
		ready = func() error { return s.ready(ctx) }
	}
	if err := ready(); err != nil {
		return explain(s.dir, err)
	}
	batch := s.db.NewBatch()
	sync := pebble.Sync
	if len(b.Put) == b.Len() && b.Mark == "" {
		sync = pebble.NoSync // a link that is lost is found again: its page is not done
	}
	err := s.fill(batch, b)
	if err == nil {
		err = s.apply(batch, sync)
	}
	if err == nil {
		err = s.trim(ctx)
	}
	if err != nil {
		s.alarm.raise(err)
		return explain(s.dir, err)
	}
	return nil
}

func (s *Store) apply(batch *pebble.Batch, sync *pebble.WriteOptions) error {
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

// ready returns why the store cannot be worked with, or makes its queues.
func (s *Store) ready(ctx context.Context) error {
	if err := s.usable(); err != nil || s.queues != nil {
		return err
	}
	q, err := s.readQueues(ctx)
	if err == nil {
		s.queues = q
	}
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

// fill writes b into batch. The jobs go first, in the order of their sequence
// numbers, since those that are new go into chunks.
func (s *Store) fill(batch *pebble.Batch, b *frontier.Batch) error {
	clear(s.ended)
	for i := range b.Rows {
		s.ended[b.Rows[i].Job.Key.Seq] = struct{}{}
	}
	s.puts = s.puts[:0]
	for i := range b.Put {
		s.puts = append(s.puts, &b.Put[i])
	}
	slices.SortStableFunc(s.puts, func(a, b *frontier.Job) int { return cmp.Compare(a.Key.Seq, b.Key.Seq) })
	defer func() { clear(s.puts) }()
	jobs, skips, ends := packer{batch: batch, space: spaceJobs}, packer{batch: batch, space: spaceSkips}, packer{batch: batch, space: spaceEnds}
	for _, j := range s.puts {
		if err := s.put(batch, &jobs, j); err != nil {
			return err
		}
	}
	for i := range b.Rows {
		r := &b.Rows[i]
		var err error
		if r.Job.Key.Seq == 0 {
			err = s.skip(batch, &skips, r)
		} else {
			err = s.end(batch, &ends, r)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(jobs.flush(), skips.flush(), ends.flush(), putBeside(batch, b))
}

func (s *Store) put(batch *pebble.Batch, jobs *packer, j *frontier.Job) error {
	if err := s.name(batch, j); err != nil {
		return err
	}
	s.value = appendJob(s.value[:0], j, &s.seeds)
	if j.Key.Seq <= s.lastSeq {
		return s.putAgain(batch, j)
	}
	if j.Last != nil {
		return fmt.Errorf("%q was visited before: it keeps the key it had, and %d is new", j.URL, j.Key.Seq)
	}
	s.lastSeq = j.Key.Seq
	if err := jobs.add(j.Key.Seq, s.value); err != nil {
		return err
	}
	if jobs.first == j.Key.Seq {
		s.queues.chunks = append(s.queues.chunks, jobs.first)
	}
	if _, over := s.ended[j.Key.Seq]; over {
		return nil // it begins and ends here: it never waits
	}
	return s.queues.add(j.URL.Host(), j.Key)
}

// putAgain writes a job that is in a chunk already.
func (s *Store) putAgain(batch *pebble.Batch, j *frontier.Job) error {
	if err := batch.Set(numbered(nil, spaceAgain, j.Key.Seq), s.value, nil); err != nil {
		return err
	}
	s.queues.again.add(j.Key.Seq)
	return s.queues.add(j.URL.Host(), j.Key)
}

func (s *Store) end(batch *pebble.Batch, ends *packer, r *frontier.Row) error {
	j := &r.Job
	if s.queues.again.has(j.Key.Seq) {
		if err := batch.Delete(numbered(nil, spaceAgain, j.Key.Seq), nil); err != nil {
			return err
		}
	}
	s.queues.end(j.URL.Host(), j.Key)
	s.done = appendDone(s.done[:0], r)
	return s.addEnd(ends, j.Key.Seq, s.done)
}

func (s *Store) skip(batch *pebble.Batch, skips *packer, r *frontier.Row) error {
	if err := s.name(batch, &r.Job); err != nil {
		return err
	}
	s.value = appendSkip(s.value[:0], r, &s.seeds)
	if skips.full() {
		s.lastSkip++
	}
	return skips.add(s.lastSkip, s.value)
}

// name has the job's seed in the book, if there is room.
func (s *Store) name(batch *pebble.Batch, j *frontier.Job) error {
	if j.Seed == j.URL || !s.seeds.add(j.Seed) {
		return nil
	}
	return batch.Set(numbered(nil, spaceSeed, uint64(len(s.seeds.urls)-1)), []byte(j.Seed.String()), nil)
}

// Page implements frontier.Store.
func (s *Store) Page(ctx context.Context, host string, after frontier.Key, n int) ([]frontier.Job, error) {
	jobs, err := s.page(ctx, host, after, n)
	if err != nil {
		return nil, explain(s.dir, fmt.Errorf("read the jobs of host %s: %w", host, err))
	}
	return jobs, nil
}

func (s *Store) page(ctx context.Context, host string, after frontier.Key, n int) ([]frontier.Job, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	keys := s.queues.page(host, after, n)
	if len(keys) == 0 {
		return nil, nil
	}
	jobs := make([]frontier.Job, len(keys))
	for i, k := range keys {
		var err error
		if jobs[i], err = s.job(k); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

func (s *Store) job(k frontier.Key) (frontier.Job, error) {
	again, first := s.queues.again.has(k.Seq), s.queues.chunk(k.Seq)
	s.key = numbered(s.key[:0], spaceJobs, first)
	if again {
		s.key = numbered(s.key[:0], spaceAgain, k.Seq)
	}
	value, closer, err := s.db.Get(s.key)
	if errors.Is(err, pebble.ErrNotFound) {
		err = fmt.Errorf("%w: job %d waits and is not there", ErrCorrupt, k.Seq)
	}
	if err != nil {
		return frontier.Job{}, err
	}
	r := frontier.Row{Job: frontier.Job{Key: k}}
	if !again {
		value, err = unpack(value, first, k.Seq)
	}
	if err == nil {
		err = decode(&r, value, &s.seeds)
	}
	return r.Job, errors.Join(err, closer.Close())
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
	if s.home != nil { // one that is being built has none
		err = errors.Join(err, s.home.release())
	}
	return explain(s.dir, err)
}
