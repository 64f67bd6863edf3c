package fetch

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// A decoder is used again, unless a large body may have given it a large window.
func TestWhichDecodersAreKept(t *testing.T) {
	for size, kept := range map[int]int{100: 1, largeBody: 1, largeBody + 1: 0} {
		var coded bytes.Buffer
		w := gzip.NewWriter(&coded)
		if _, err := w.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		d := newDecoders()
		codings, err := d.codings(http.Header{"Content-Encoding": {"gzip"}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := d.open(codings, &coded, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, body); n != int64(size) || err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		body.close()
		if got := len(codings[0].spare.items); got != kept {
			t.Errorf("after %d bytes %d decoders are kept, want %d", size, got, kept)
		}
	}
}
