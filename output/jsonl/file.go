package jsonl

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/internal/durable"
)

// bufferSize is how many bytes are gathered before they are written. Only
// whole records are, so a file is torn by a crash of the machine at most.
const bufferSize = 64 << 10

// A File appends to a regular file.
//
// Write fills a buffer; Flush writes it and waits until the disk has it
// (fsync). Its mark is the length of the file with a checksum of the end of
// it, so that Rewind can tell in constant time whether this is the file that
// was written, and drop what came later.
//
// After an error (a full disk, say) the file ends with a whole record, and
// every later call returns the same error.
type File struct {
	name string
	file file
	as   Encoding
	mode Mode

	buf    []byte // records not written yet
	ends   []int  // where each of them ends
	size   int64  // bytes in the file, all of them ours to keep
	begun  bool   // Rewind was called, or Write did without it
	synced output.Mark
	err    error
}

// file is the part of os.File that a File uses: what a test makes fail.
type file interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Stat() (os.FileInfo, error)
	Sync() error
	Close() error
}

func openFile(name string, o Options, fresh bool) (*File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, unusable(name, err)
	}
	sink, err := newFile(name, f, o)
	if err == nil && fresh {
		err = durable.Names(filepath.Dir(name))
	}
	if err != nil {
		f.Close() // nothing was written to it
		return nil, err
	}
	return sink, nil
}

func newFile(name string, f *os.File, o Options) (*File, error) {
	if err := lock(f); err != nil {
		return nil, fmt.Errorf("output %q: %w", name, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, unusable(name, err)
	}
	if o.Mode == Create && info.Size() > 0 {
		return nil, fmt.Errorf("output %q holds %d bytes: %w; say --append to write behind them or --overwrite to replace them",
			name, info.Size(), output.ErrNotEmpty)
	}
	return &File{name: name, file: f, as: o.encoding(), mode: o.Mode, size: info.Size()}, nil
}

// Rewind cuts the file off at the mark, a torn record included. The zero mark
// is where this sink begins: the end of what was there with Append, else the
// beginning of the file.
//
// A file that is shorter than the mark says, or whose 64 KiB before it are not
// what they were, is refused with output.ErrForeign and left as it is. A
// change further up goes unseen.
func (f *File) Rewind(_ context.Context, to output.Mark) error {
	if to == "" {
		return f.rewindToStart()
	}
	m, err := parseMark(to)
	if err != nil {
		return f.fail(f.foreign(err))
	}
	if m.size > f.size {
		return f.fail(f.foreign(fmt.Errorf("it has %d bytes, and had %d", f.size, m.size)))
	}
	now, err := markAt(f.file, m.size)
	if err != nil {
		return f.fail(fmt.Errorf("output %q: %w", f.name, err))
	}
	if now != m {
		return f.fail(f.foreign(fmt.Errorf("what is before byte %d has changed", m.size)))
	}
	if m.size > 0 {
		if err := f.sameHeader(output.ErrForeign); err != nil {
			return f.fail(err)
		}
	}
	f.begun = true
	return f.cut(m.size)
}

func (f *File) rewindToStart() error {
	f.begun = true
	if f.mode != Append {
		if err := f.cut(0); err != nil {
			return err
		}
	}
	if f.size == 0 {
		f.add(f.as.Header)
		return nil
	}
	if err := f.sameHeader(output.ErrColumns); err != nil {
		return f.fail(err)
	}
	last := make([]byte, 1)
	if _, err := f.file.ReadAt(last, f.size-1); err != nil {
		return f.fail(fmt.Errorf("output %q: %w", f.name, err))
	}
	if last[0] != '\n' {
		f.add([]byte("\n")) // else our first record would join its last line
	}
	return nil
}

// sameHeader refuses a file whose columns are not ours, which makes it other.
func (f *File) sameHeader(other error) error {
	if len(f.as.Header) == 0 {
		return nil
	}
	const quoted = 1 << 10 // … of a longer one
	there := make([]byte, min(int64(len(f.as.Header)+quoted), f.size))
	if _, err := f.file.ReadAt(there, 0); err != nil && len(there) > 0 {
		return fmt.Errorf("output %q: %w", f.name, err)
	}
	if !bytes.HasPrefix(there, f.as.Header) {
		line, _, _ := bytes.Cut(there, []byte("\n"))
		return fmt.Errorf("output %q is %w: its header is %q, and would be %q; name its columns with --fields, or another output",
			f.name, other, bytes.TrimSpace(line), bytes.TrimSpace(f.as.Header))
	}
	return nil
}

func (f *File) add(b []byte) {
	f.buf = append(f.buf, b...)
	f.ends = append(f.ends, len(f.buf))
}

func (f *File) cut(size int64) error {
	if size == f.size {
		return nil
	}
	if err := f.file.Truncate(size); err != nil {
		return f.fail(fmt.Errorf("output %q: %w", f.name, err))
	}
	f.size = size
	return nil
}

// Write adds r to the buffer.
func (f *File) Write(_ context.Context, r *output.Record) error {
	if err := f.ready(); err != nil {
		return err
	}
	f.buf = f.as.Append(f.buf, r)
	f.ends = append(f.ends, len(f.buf))
	if len(f.buf) < bufferSize {
		return nil
	}
	return f.drain()
}

// Flush makes everything written so far durable.
func (f *File) Flush(context.Context) (output.Mark, error) {
	return f.flush()
}

func (f *File) flush() (output.Mark, error) {
	if err := f.ready(); err != nil {
		return "", err
	}
	if len(f.buf) == 0 && f.synced != "" {
		return f.synced, nil
	}
	if err := f.drain(); err != nil {
		return "", err
	}
	if err := f.file.Sync(); err != nil {
		return "", f.fail(fmt.Errorf("output %q: %w", f.name, err))
	}
	m, err := markAt(f.file, f.size)
	if err != nil {
		return "", f.fail(fmt.Errorf("output %q: %w", f.name, err))
	}
	f.synced = m.text()
	return f.synced, nil
}

// Close flushes and closes the file. After an error it only closes it.
func (f *File) Close() error {
	var err error
	if f.err == nil && f.begun {
		_, err = f.flush()
	}
	if closeErr := f.file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// ready begins the file for a caller who did not rewind it.
func (f *File) ready() error {
	if f.err == nil && !f.begun {
		return f.rewindToStart()
	}
	return f.err
}

// drain writes the buffer. When the disk takes only a part of it, the file is
// cut back to the last record that is whole.
func (f *File) drain() error {
	if err := f.ours(); err != nil {
		return f.fail(err)
	}
	n, err := f.file.WriteAt(f.buf, f.size)
	if err != nil {
		n, whole := max(n, f.taken()), 0
		for _, end := range f.ends {
			if end <= n {
				whole = end
			}
		}
		f.size += int64(whole)
		_ = f.file.Truncate(f.size) // err says what is wrong
		return f.fail(fmt.Errorf("output %q: %w; it ends with a whole record", f.name, err))
	}
	f.size += int64(n)
	f.buf, f.ends = trim(f.buf), f.ends[:0]
	f.synced = "" // an old mark would say that the file ends before this
	return nil
}

// taken is how much of the buffer the file has got: os.File does not count what
// the write took that failed in the end.
func (f *File) taken() int {
	info, err := f.file.Stat()
	if err != nil {
		return 0
	}
	return int(min(info.Size()-f.size, int64(len(f.buf))))
}

// ours refuses to write where the file does not end any more: what another
// program has written there would be lost, and where it has cut the file off, as
// logrotate does with copytruncate, a hole would come before our records.
func (f *File) ours() error {
	info, err := f.file.Stat()
	if err == nil && info.Size() != f.size {
		err = fmt.Errorf("another program has changed it: it has %d bytes, and had %d; say --rotate for files to be taken away", info.Size(), f.size)
	}
	if err != nil {
		return fmt.Errorf("output %q: %w", f.name, err)
	}
	return nil
}

func (f *File) fail(err error) error {
	f.err = err
	return err
}

func (f *File) foreign(why error) error {
	return fmt.Errorf("output %q is %w: %w; put the file back, or begin again with another output", f.name, output.ErrForeign, why)
}

// trim empties buf, and lets go of one that a single huge record made huge.
func trim(buf []byte) []byte {
	if cap(buf) > 16*bufferSize {
		return nil
	}
	return buf[:0]
}
