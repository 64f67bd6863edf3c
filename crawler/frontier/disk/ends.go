package disk

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// An outcome is written at the end of its space, in the order in which jobs end,
// which is none that the jobs have: as a key beside its job's others it had to be
// merged in between them, and each merge rewrote all there were. Who reads jobs
// and outcomes side by side has the work instead (ends), and of a job that was
// visited more than once the last outcome counts.

// addEnd appends a job's outcome to a chunk.
func (s *Store) addEnd(p *packer, seq uint64, done []byte) error {
	if p.full() {
		s.lastEnd++
	}
	s.outcomes++
	s.value = append(binary.AppendUvarint(s.value[:0], seq), done...)
	return p.add(s.lastEnd, s.value)
}

// eachEnd visits every outcome, of a job's several the newest last.
func (s *Store) eachEnd(ctx context.Context, lost *[]string, visit func(seq uint64, done []byte)) error {
	c, err := s.cursor(spaceDone)
	if err != nil {
		return err
	}
	c.lost = lost
	more := true
	for more && err == nil {
		if more, err = c.next(); more && err == nil {
			visit(c.at, c.it.Value())
		}
	}
	if err = c.close(err); err != nil {
		return err
	}
	if c, err = s.cursor(spaceEnds); err != nil {
		return err
	}
	c.lost = lost
	_, err = c.walkChunks(ctx, func(_, _ uint64, value []byte) (bool, error) {
		seq, n := binary.Uvarint(value)
		if n <= 0 || seq > maxSeq {
			return false, fmt.Errorf("%w: an outcome is of no job", ErrCorrupt)
		}
		visit(seq, value[n:])
		return true, nil
	})
	return err
}

// ends gives outcomes in the order of their jobs, which is not that of the disk:
// it holds those of as many jobs as there is room for, and reads all there are
// again for the next ones.
type ends struct {
	store *Store
	sizes []int64 // of the outcomes of each run of jobs
	room  int64

	first, end uint64   // the jobs whose outcomes are held, without the second
	at         []uint32 // where in held, plus one; 0: the job has none
	held       []byte
}

const (
	endsRun   = 1 << 12  // jobs
	endsRoom  = 64 << 20 // bytes
	endsReads = 8        // how often all are read, at most: beyond that there is more room
)

// readEnds counts the outcomes, which it must have done before the first is
// asked for.
func (s *Store) readEnds(ctx context.Context) (*ends, error) {
	e, total := &ends{store: s}, int64(0)
	s.outcomes = 0
	err := s.eachEnd(ctx, s.lost, func(seq uint64, done []byte) {
		for uint64(len(e.sizes)) <= seq/endsRun {
			e.sizes = append(e.sizes, 4*endsRun) // of at
		}
		size := int64(len(done) + binary.MaxVarintLen32)
		e.sizes[seq/endsRun] += size
		total += size
		s.outcomes++
	})
	e.room = min(max(endsRoom, total/endsReads), math.MaxUint32/2)
	return e, err
}

// of returns the outcome of a job, nil if it has none. The calls are in the
// order of seq.
func (e *ends) of(ctx context.Context, seq uint64) ([]byte, error) {
	if seq/endsRun >= uint64(len(e.sizes)) {
		return nil, nil
	}
	if seq >= e.end {
		if err := e.read(ctx, seq/endsRun); err != nil {
			return nil, err
		}
	}
	at := e.at[seq-e.first]
	if at == 0 {
		return nil, nil
	}
	size, n := binary.Uvarint(e.held[at-1:])
	return e.held[int(at)-1+n:][:size], nil
}

// read reads the outcomes from a run of jobs on.
func (e *ends) read(ctx context.Context, run uint64) error {
	size, to := e.sizes[run], run+1
	for to < uint64(len(e.sizes)) && size+e.sizes[to] <= e.room {
		size += e.sizes[to]
		to++
	}
	e.first, e.end = run*endsRun, to*endsRun
	e.at = make([]uint32, e.end-e.first)
	e.held = slices.Grow(e.held[:0], int(size)-4*len(e.at))
	var lost *[]string
	if e.store.lost != nil {
		lost = new([]string) // it was noted when they were counted
	}
	return e.store.eachEnd(ctx, lost, func(seq uint64, done []byte) {
		if seq < e.first || seq >= e.end {
			return
		}
		e.at[seq-e.first] = uint32(len(e.held)) + 1
		e.held = append(binary.AppendUvarint(e.held, uint64(len(done))), done...)
	})
}

// Outcomes that a later visit has replaced are kept until they are most of all.
const (
	endsAJob = 2 // outcomes for each job there is
	endsMore = 1 << 16
)

// trim keeps what was replaced from growing with every run.
func (s *Store) trim(ctx context.Context) error {
	if s.outcomes <= endsAJob*s.lastSeq+endsMore {
		return nil
	}
	return s.tidy(context.WithoutCancel(ctx))
}

// tidy writes the outcomes that count behind all others, and then drops those. A
// crash in between leaves some that are there twice.
func (s *Store) tidy(ctx context.Context) error {
	last := s.lastEnd
	e, err := s.readEnds(ctx)
	s.outcomes = 0
	for seq := uint64(1); seq <= s.lastSeq && err == nil; {
		seq, err = s.copyEnds(ctx, e, seq)
	}
	if err != nil {
		return err
	}
	batch := s.db.NewBatch()
	err = batch.DeleteRange([]byte{spaceDone}, []byte{spaceDone + 1}, nil)
	if err == nil {
		err = batch.DeleteRange([]byte{spaceEnds}, numbered(nil, spaceEnds, last+1), nil)
	}
	if err != nil {
		return err
	}
	return s.apply(batch, pebble.Sync)
}

const tidyBatch = 1 << 20 // bytes

// copyEnds writes the outcomes from job seq on again, as many as make a batch.
func (s *Store) copyEnds(ctx context.Context, e *ends, seq uint64) (next uint64, _ error) {
	batch := s.db.NewBatch()
	p := packer{batch: batch, space: spaceEnds}
	for ; seq <= s.lastSeq && batch.Len() < tidyBatch; seq++ {
		done, err := e.of(ctx, seq)
		if err == nil && done != nil {
			err = s.addEnd(&p, seq, done)
		}
		if err != nil {
			return seq, err
		}
	}
	if err := p.flush(); err != nil {
		return seq, err
	}
	return seq, s.apply(batch, pebble.NoSync)
}
