package fetch

import (
	"bytes"
	"io"
	"net/http"
	"strings"
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

// A decoder that panics breaks one body, and is not used for another.
func TestADecoderThatPanics(t *testing.T) {
	d := newDecoders()
	d.kinds["gzip"].make = func() (decoder, error) { return panics{}, nil }
	codings, err := d.codings(http.Header{"Content-Encoding": {"gzip"}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := d.open(codings, nothing, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, body); n != 0 || err == nil || err.Error() != "panic: what is that?" {
		t.Errorf("%d bytes and %v, want the panic as an error", n, err)
	}
	body.close()
	if got := len(codings[0].spare.items); got != 0 {
		t.Errorf("%d decoders are kept", got)
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("what is that?") }
func (panics) reset(io.Reader) error    { return nil }

// FuzzDecoders: whatever comes as whatever coding has an end and no panic, and a
// decoder that has read it reads the next body as a new one does.
func FuzzDecoders(f *testing.F) {
	names := []string{"gzip", "deflate", "br", "zstd"}
	var coded bytes.Buffer
	w := gzip.NewWriter(&coded)
	if _, err := io.WriteString(w, "<p>a page"); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	for i := range names {
		f.Add(uint8(i), coded.Bytes())
	}
	f.Add(uint8(2), []byte("\x0b\x02\x80hello\x03"))
	f.Add(uint8(3), []byte("\x28\xb5\x2f\xfd\x04\x00\x29\x00\x00hello\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, coding uint8, data []byte) {
		d := newDecoders()
		codings, err := d.codings(http.Header{"Content-Encoding": {names[int(coding)%len(names)]}})
		if err != nil {
			t.Fatal(err)
		}
		var texts [3]string
		for i := range texts {
			body, err := d.open(codings, bytes.NewReader(data), 1<<20)
			var text []byte
			if err == nil {
				text, err = io.ReadAll(io.LimitReader(body, 1<<20))
			}
			body.close()
			if texts[i] = string(text); err != nil {
				texts[i] += "\n" + err.Error()
			}
		}
		if texts[0] != texts[1] || texts[0] != texts[2] || strings.Contains(texts[0], "\npanic: ") {
			t.Errorf("%s of %q gives %q, then %q and %q", codings[0].name, data, texts[0], texts[1], texts[2])
		}
	})
}
