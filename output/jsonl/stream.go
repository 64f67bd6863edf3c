package jsonl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/trawl-crawler/trawl/output"
)

// A Stream writes to what only goes forward: a pipe, a terminal, a device.
//
// Each record is written whole, in one call and at once, so that a reader
// never waits for a record that exists. A slow reader makes Write wait; that
// is how it slows the crawl. A reader that has left makes Write return
// output.ErrReaderGone. (On the standard output Go ends the whole process
// then, unless main takes notice of SIGPIPE.)
type Stream struct {
	w       io.Writer
	closer  io.Closer // nil when the stream was lent to us
	as      Encoding
	begun   bool // the header is written
	buf     []byte
	written int64 // records
}

// NewStream is a sink over w, which is not closed by Close.
func NewStream(w io.Writer, fields output.FieldSet) *Stream {
	return newStream(w, Options{Fields: fields})
}

func newStream(w io.Writer, o Options) *Stream { return &Stream{w: w, as: o.encoding()} }

// Rewind returns output.ErrNoRewind for all but the zero mark: what was
// written is with the reader. The stream can be written to all the same.
func (s *Stream) Rewind(_ context.Context, to output.Mark) error {
	if err := s.begin(); err != nil {
		return err
	}
	if to != "" {
		return fmt.Errorf("records already sent down a pipe or terminal: %w", output.ErrNoRewind)
	}
	return nil
}

// begin writes the header, if there is one.
func (s *Stream) begin() error {
	if s.begun || len(s.as.Header) == 0 {
		return nil
	}
	s.begun = true
	return s.send(s.as.Header)
}

// Write writes r in a line of its own.
func (s *Stream) Write(_ context.Context, r *output.Record) error {
	if err := s.begin(); err != nil {
		return err
	}
	s.buf = s.as.Append(s.buf[:0], r)
	err := s.send(s.buf)
	s.buf = trim(s.buf)
	if err == nil {
		s.written++
	}
	return err
}

func (s *Stream) send(b []byte) error {
	err := writeAll(s.w, b)
	if output.ReaderLeft(err) || errors.Is(err, io.ErrClosedPipe) {
		return fmt.Errorf("%w (%w)", output.ErrReaderGone, err)
	}
	if err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return nil
}

// Flush has nothing to do; its mark is the number of records written, which
// only tells that there were some.
func (s *Stream) Flush(context.Context) (output.Mark, error) {
	return output.Mark(strconv.FormatInt(s.written, 10)), nil
}

// Close closes what Open opened, and leaves the standard output alone.
func (s *Stream) Close() error {
	if s.closer == nil {
		return nil
	}
	return s.closer.Close()
}

// writeAll goes on after a write that took only part.
func writeAll(w io.Writer, b []byte) error {
	for len(b) > 0 {
		n, err := w.Write(b)
		b = b[n:]
		if err != nil && (n == 0 || !errors.Is(err, io.ErrShortWrite)) {
			return err
		}
		if n == 0 {
			return io.ErrNoProgress
		}
	}
	return nil
}
