// Package rotate is a sink over one file after the other: whoever ships or
// compresses the output of a long crawl needs files that are complete.
//
// The name pages.jsonl stands for files pages-20261122T210000Z-0001.jsonl,
// -0002 and so on: the time (UTC) at which the file was begun, and a number
// that only grows. The one being written ends in .part; without it a file is
// complete, was renamed into its place, and is not touched again: it may be
// taken away. One of which the crawl has committed nothing yet ends in .new.part,
// so that it is known for what is to be dropped after a crash: what ends in .part
// alone may be another crawl's.
//
// A file is complete only once the crawl has committed its end, so one is
// closed at the first record after a Flush that found it old or large enough,
// and may be larger than asked by what one commit holds. That is what lets
// Rewind drop whatever is beyond a mark without touching a closed file. Close
// leaves a file open, in that sense, whose last mark may not have been kept.
package rotate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/internal/durable"
)

// When says when a file is closed and another begun; the zero value is never.
type When struct {
	Every time.Duration // 0 is no limit
	Size  int64         // bytes; 0 is no limit
}

// An Opener opens a file as a sink, behind what it holds.
type Opener func(path string) (output.Sink, error)

// A Sink writes to the open file.
type Sink struct {
	names names
	when  When
	open  Opener

	file  output.Sink // nil: none is open
	at    place       // of the open file, or of the last one
	mark  output.Mark // of the last Flush or Rewind
	fresh bool        // something was written since
	kept  bool        // … the crawl has the mark
	due   bool        // the open file is complete with the mark
}

// New is a sink over the files that name stands for.
func New(name string, when When, open Opener) *Sink {
	return &Sink{names: namesOf(name), when: when, open: open}
}

// Rewind drops the open file if it was begun after the mark, and cuts it off
// there if it was not. The zero mark is behind all files that there are. A
// complete file is not looked at.
func (s *Sink) Rewind(ctx context.Context, to output.Mark) error {
	there, err := s.names.list()
	if err != nil {
		return err
	}
	if to == "" {
		s.at = last(there)
		s.mark = s.markOf("")
		return nil
	}
	at, inner, err := s.names.parseMark(to)
	if err != nil {
		return fmt.Errorf("output %q is %w: %w", s.names.whole, output.ErrForeign, err)
	}
	s.at, s.mark, s.kept = at, to, true
	for _, p := range there {
		if p.new && p.number > at.number {
			err = errors.Join(err, s.drop(p))
		}
	}
	if err != nil || inner == "" {
		return err
	}
	return s.resume(ctx, there, inner)
}

// resume opens the file that the mark is of, if that is not complete yet. One
// that is belongs to whoever it is for: moved, cut or not to be opened any more.
func (s *Sink) resume(ctx context.Context, there []place, inner output.Mark) error {
	i := slices.IndexFunc(there, func(p place) bool { return p.part && p.number == s.at.number && p.begun.Equal(s.at.begun) })
	if i < 0 {
		return nil
	}
	s.at = there[i]
	file, err := s.open(s.names.path(s.at))
	if err != nil {
		return err
	}
	if err := file.Rewind(ctx, inner); err != nil {
		return errors.Join(err, file.Close())
	}
	s.file = file
	s.committed()
	return nil
}

// drop removes a file that was begun and of which nothing was committed, unless
// somebody else is writing it.
func (s *Sink) drop(p place) error {
	file, err := s.open(s.names.path(p))
	if errors.Is(err, output.ErrBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(s.names.path(p)))
}

// committed has the open file be this crawl's, by its name. Where an open file
// cannot be renamed it keeps the one it has.
func (s *Sink) committed() {
	kept := s.at
	if kept.new = false; s.at.new && os.Rename(s.names.path(s.at), s.names.path(kept)) == nil {
		s.at = kept
	}
}

// Write writes r to the open file, or to the next one if that is complete.
func (s *Sink) Write(ctx context.Context, r *output.Record) error {
	if s.due {
		if err := s.complete(); err != nil {
			return err
		}
	}
	switch {
	case s.file == nil:
		if err := s.begin(ctx); err != nil {
			return err
		}
	case !s.fresh: // the first behind a Flush, whose mark the crawl has
		s.committed()
	}
	s.fresh = true
	return s.file.Write(ctx, r)
}

func (s *Sink) begin(ctx context.Context) error {
	there, err := s.names.list()
	if err != nil {
		return err
	}
	next := place{begun: time.Now().UTC().Truncate(time.Second), number: max(s.at.number, last(there).number) + 1, part: true, new: true}
	file, err := s.open(s.names.path(next))
	if err == nil {
		err = file.Rewind(ctx, "")
	}
	if err != nil {
		return err
	}
	s.at, s.file = next, file
	return nil
}

// complete closes the open file and gives it its name.
func (s *Sink) complete() error {
	file, part := s.file, s.names.path(s.at)
	s.file, s.due, s.at.part, s.at.new = nil, false, false, false
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Rename(part, s.names.path(s.at)); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return durable.Names(s.names.dir)
}

// Flush makes everything written so far durable.
func (s *Sink) Flush(ctx context.Context) (output.Mark, error) {
	if !s.fresh {
		if s.mark == "" {
			return "", s.Rewind(ctx, "")
		}
		s.kept = true
		s.committed()
		return s.mark, nil
	}
	inner, err := s.file.Flush(ctx)
	if err != nil {
		return "", err
	}
	s.mark, s.fresh, s.kept = s.markOf(inner), false, false
	info, err := os.Stat(s.names.path(s.at))
	if err != nil {
		return "", fmt.Errorf("output: %w", err)
	}
	s.due = s.when.Size > 0 && info.Size() >= s.when.Size || s.when.Every > 0 && time.Since(s.at.begun) >= s.when.Every
	return s.mark, nil
}

// Close completes the open file, unless there are records in it that may not be
// committed: those written after the last Flush, or before it when nothing says
// that its mark was kept.
func (s *Sink) Close() error {
	switch {
	case s.file == nil:
		return nil
	case s.fresh || !s.kept:
		return s.file.Close()
	}
	return s.complete()
}
