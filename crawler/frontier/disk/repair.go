package disk

import (
	"context"
	"errors"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
)

// The names under which Repair builds a store and leaves the old one.
const (
	repairDir  = "repaired"
	damagedDir = "damaged"
)

// Repair writes all that can be read of a state directory into a new store,
// and puts that in the place of the old one, which stays beside it as
// "damaged". It returns what was lost, in sentences. A page whose outcome is
// lost is fetched again, and its record comes a second time; a page whose job
// is lost is found again when a page that links to it is.
func Repair(ctx context.Context, dir string, o Options) (lost []string, _ error) {
	if err := mendFormat(o.fs(), dir, &lost); err != nil {
		return lost, explain(dir, err)
	}
	old, err := openHome(dir, o, false, &lost, lenient)
	if corrupt(err) {
		old, err = salvage(ctx, dir, o, &lost)
	}
	if err != nil {
		return lost, explain(dir, err)
	}
	fs := o.fs()
	path := fs.PathJoin(dir, repairDir)
	err = fs.RemoveAll(path)
	if err == nil {
		err = old.copyInto(ctx, path, o)
	}
	if err == nil {
		err = old.swap(fs, path)
	}
	return lost, explain(dir, errors.Join(err, old.Close(), fs.RemoveAll(fs.PathJoin(dir, salvageDir))))
}

// swap puts the store at path in this one's place. After a crash between the
// two renames, Open finishes it.
func (s *Store) swap(fs vfs.FS, path string) error {
	if err := s.home.upgrade(); err != nil {
		return err
	}
	if err := fs.RemoveAll(s.home.path(damagedDir)); err != nil {
		return err
	}
	if err := fs.Rename(s.home.path(storeDir), s.home.path(damagedDir)); err != nil {
		return err
	}
	if err := fs.Rename(path, s.home.path(storeDir)); err != nil {
		return err
	}
	return syncDir(fs, s.dir)
}

func (s *Store) copyInto(ctx context.Context, path string, o Options) error {
	to := &Store{dir: path, alarm: newAlarm(), ended: make(map[uint64]struct{})}
	var err error
	if to.db, err = pebble.Open(path, o.pebble(to.alarm)); err != nil {
		return err
	}
	err = s.copyBeside(ctx, to)
	if err == nil {
		err = s.copyRows(ctx, to)
	}
	return errors.Join(err, to.Close())
}

// copyBatch is how many URLs are committed at once.
const copyBatch = 1000

func (s *Store) copyRows(ctx context.Context, to *Store) error {
	var b frontier.Batch
	err := s.walk(ctx, func(e *entry) (bool, error) {
		row, err := e.row(&s.seeds)
		if err != nil {
			s.lose("%s: %v", e.url, err)
			return true, nil
		}
		addRow(&b, &row)
		if b.Len() < copyBatch {
			return true, nil
		}
		err = to.Commit(ctx, &b)
		b = frontier.Batch{}
		return true, err
	})
	if err != nil {
		return err
	}
	return to.Commit(ctx, &b)
}

// addRow writes a URL as the crawl did: first as it was found, then as it was
// put again, then as it ended.
func addRow(b *frontier.Batch, row *frontier.Row) {
	if row.Job.Key.Seq != 0 {
		found := row.Job
		found.Last, found.Attempts, found.Trouble = nil, 0, ""
		b.Put = append(b.Put, found)
		if row.Outcome == frontier.Pending && row.Job != found {
			b.Put = append(b.Put, row.Job)
		}
	}
	if row.Outcome != frontier.Pending {
		b.Rows = append(b.Rows, *row)
	}
}

// copyBeside copies what is no URL: mark, notes, pauses.
func (s *Store) copyBeside(ctx context.Context, to *Store) error {
	var b frontier.Batch
	mark, err := s.get([]byte(keyMark))
	if err != nil {
		s.note(spaceOwn, err)
	}
	b.Mark = output.Mark(mark)
	it, err := s.space(spaceNote)
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		b.Notes = append(b.Notes, frontier.Note{Key: string(it.Key()[1:]), Value: append([]byte{}, it.Value()...)})
	}
	if err := it.Close(); err != nil {
		s.note(spaceNote, err)
	}
	if b.Hosts, err = s.pauses(time.Time{}); err != nil {
		s.note(spaceHost, err)
	}
	return to.Commit(ctx, &b)
}
