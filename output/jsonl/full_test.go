package jsonl

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/outputtest"
)

// smallDisk is a file on a disk with room for so many bytes. What it took of the
// write that failed it does not say, as os.File does not.
type smallDisk struct {
	file
	room int64
}

func (d *smallDisk) WriteAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) <= d.room {
		return d.file.WriteAt(b, at)
	}
	_, _ = d.file.WriteAt(b[:max(d.room-at, 0)], at)
	return 0, &os.PathError{Op: "write", Path: "out.jsonl", Err: syscall.ENOSPC}
}

// TestFullDisk: wherever in a record the disk ends, the file ends with a whole
// one, and the error is told at once and again.
func TestFullDisk(t *testing.T) {
	records := outputtest.Records(3)
	var whole []byte
	var ends []int
	for i := range records {
		whole = append(records[i].AppendJSON(whole, 0), '\n')
		ends = append(ends, len(whole))
	}
	dir := t.TempDir()
	for room := range len(whole) {
		name := filepath.Join(dir, "out.jsonl")
		s, err := openFile(name, Options{Mode: Overwrite}, false)
		if err != nil {
			t.Fatal(err)
		}
		s.file = &smallDisk{file: s.file, room: int64(room)}
		for i := range records {
			if err := s.Write(t.Context(), &records[i]); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if _, err := s.Flush(t.Context()); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("Flush with room for %d bytes: %v, want ENOSPC", room, err)
			}
		}
		if err := s.Write(t.Context(), &records[0]); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("Write after that: %v, want ENOSPC", err)
		}
		if err := s.Close(); err != nil {
			t.Fatalf("Close after that: %v", err)
		}
		want := 0
		for _, end := range ends {
			if end <= room {
				want = end
			}
		}
		if got, _ := os.ReadFile(name); !bytes.Equal(got, whole[:want]) {
			t.Fatalf("room for %d bytes: the file holds %d, want the %d of whole records", room, len(got), want)
		}
	}
}

// brokenDisk takes everything and keeps nothing.
type brokenDisk struct{ file }

func (brokenDisk) Sync() error { return syscall.EIO }

func TestFailedSyncGivesNoMark(t *testing.T) {
	s, err := openFile(filepath.Join(t.TempDir(), "out.jsonl"), Options{}, true)
	if err != nil {
		t.Fatal(err)
	}
	s.file = brokenDisk{s.file}
	if err := s.Write(t.Context(), &output.Record{}); err != nil {
		t.Fatal(err)
	}
	// A second fsync may succeed after the kernel has dropped the pages, so
	// the first error must stay.
	for range 2 {
		if m, err := s.Flush(t.Context()); !errors.Is(err, syscall.EIO) || m != "" {
			t.Fatalf("Flush = %q, %v, want EIO", m, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
