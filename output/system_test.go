package output_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/trawl-crawler/trawl/output"
)

// A pipe whose reader has left says so on every system, in a word of its own.
func TestReaderLeft(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	_, err = w.WriteString("x")
	if err = fmt.Errorf("write: %w", err); !output.ReaderLeft(err) || output.DiskFull(err) {
		t.Errorf("%v: ReaderLeft %v, DiskFull %v; want that the reader has left", err, output.ReaderLeft(err), output.DiskFull(err))
	}
	if output.ReaderLeft(os.ErrClosed) || output.ReaderLeft(nil) || output.DiskFull(nil) {
		t.Error("nothing of the kind was said")
	}
}
