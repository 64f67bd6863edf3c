package zoo

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// What a bomb decodes to is tested on small ones, by other decoders than
// those of the crawler where there are any; the great ones differ in their
// count of pieces alone.
func TestBombsDecodeWhole(t *testing.T) {
	ungzip := func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }
	for _, c := range []struct {
		name   string
		make   func(size int64) (bomb, error)
		decode func(io.Reader) (io.Reader, error)
		head   string
		fill   byte
		size   int
	}{
		{"gzip", func(n int64) (bomb, error) { return gzipBomb("<title>", 0, n) }, ungzip, "<title>", 0, unitSize},
		{"gzip of spaces", func(n int64) (bomb, error) { return gzipBomb("<a>", ' ', n) }, ungzip, "<a>", ' ', unitSize},
		{"deflate", deflateBomb, func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }, "", 0, 1_000_000},
		{"br", brotliBomb, func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }, "", 0, 3 << 20},
		{"zstd", zstdBomb, func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) }, "", 0, 1 << 20},
		{"gzip of gzip", func(n int64) (bomb, error) { return again(gzipBomb("", 0, n)) }, func(r io.Reader) (io.Reader, error) {
			outer, err := gzip.NewReader(r)
			if err != nil {
				return nil, err
			}
			return gzip.NewReader(outer)
		}, "", 0, unitSize},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := c.make(int64(c.size))
			if err != nil {
				t.Fatal(err)
			}
			r, err := c.decode(stream(b))
			if err != nil {
				t.Fatal(err)
			}
			if err := holds(r, c.head, c.fill, c.size); err != nil {
				t.Error(err)
			}
			great, err := c.make(bombSize)
			if err != nil || great.size() > 10<<20 {
				t.Errorf("10 GiB come in %d bytes, want at most 10 MiB; error %v", great.size(), err)
			}
			if held := len(great.head) + len(great.unit) + len(great.tail); held > 64<<10 {
				t.Errorf("%d bytes are held", held)
			}
		})
	}
}

// stream gives what a bomb writes.
func stream(b bomb) io.Reader {
	var out bytes.Buffer
	if n, err := b.WriteTo(&out); err != nil || n != b.size() {
		return brokenReader{fmt.Errorf("%d bytes written of %d: %w", n, b.size(), err)}
	}
	return &out
}

type brokenReader struct{ err error }

func (e brokenReader) Read([]byte) (int, error) { return 0, e.err }

// holds tells whether r gives head and then n bytes of fill.
func holds(r io.Reader, head string, fill byte, n int) error {
	got := make([]byte, len(head))
	if _, err := io.ReadFull(r, got); err != nil || string(got) != head {
		return fmt.Errorf("starts with %q, want %q: %v", got, head, err)
	}
	want := bytes.Repeat([]byte{fill}, 64<<10)
	buf := make([]byte, len(want))
	total := 0
	for {
		k, err := io.ReadFull(r, buf)
		if !bytes.Equal(buf[:k], want[:k]) {
			return fmt.Errorf("other bytes than %q after %d", fill, total)
		}
		total += k
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if total != n {
		return fmt.Errorf("%d bytes, want %d", total, n)
	}
	return nil
}

func TestRunIsOneDeflateBlock(t *testing.T) {
	for _, n := range []int64{1, 2, 3, 258, 259, 260, 517, 1033, 5000, 100_001} {
		for _, fill := range []byte{0, ' ', 'a', 255} {
			r := flate.NewReader(stream(run(fill, n)))
			if err := holds(r, "", fill, int(n)); err != nil {
				t.Errorf("run(%q, %d): %v", fill, n, err)
			}
		}
	}
}

func TestCodingsThatAreWhole(t *testing.T) {
	gz, err := gzipped("text")
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "text" {
		t.Errorf("gzipped: %q, %v", got, err)
	}
}
