package fetch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const (
	maxCodings = 3       // more are an attack
	zstdWindow = 8 << 20 // RFC 9659 §3: what a zstd decoder on the web must offer, and may refuse beyond
	maxShelved = 16      // decoders of a kind kept between bodies
	largeBody  = 1 << 20 // … but for those that a larger one may have given a window of up to 16 MiB
)

// A decoder undoes one content coding; reset makes it read from r.
type decoder interface {
	io.Reader
	reset(r io.Reader) error
}

// decoders makes decoders and keeps them for the next body.
type decoders struct {
	kinds map[string]*decoderKind // by content coding
}

type decoderKind struct {
	name  string
	make  func() (decoder, error)
	spare shelf[decoder]
}

func newDecoders() *decoders {
	kind := func(name string, make func() (decoder, error)) *decoderKind {
		return &decoderKind{name: name, make: make, spare: shelf[decoder]{max: maxShelved}}
	}
	gz := kind("gzip", func() (decoder, error) { return &gzipDecoder{}, nil })
	return &decoders{kinds: map[string]*decoderKind{
		"gzip":    gz,
		"x-gzip":  gz, // RFC 9110 §8.4.1.3
		"deflate": kind("deflate", func() (decoder, error) { return &deflateDecoder{}, nil }),
		"br":      kind("br", func() (decoder, error) { return &brotliDecoder{}, nil }),
		"zstd":    kind("zstd", newZstd),
	}}
}

// unsupported are the registered codings that would leave a body unreadable.
// Any other unknown word ("UTF-8", "none", "binary") is a server's mistake
// and means no coding, as browsers have it.
var unsupported = [...]string{"compress", "x-compress", "exi", "pack200-gzip", "aes128gcm", "dcb", "dcz", "xz", "lzma", "bzip2"}

// codings lists what was done to a body, in the order it was done.
func (d *decoders) codings(h http.Header) ([]*decoderKind, error) {
	var list []*decoderKind
	for _, value := range h["Content-Encoding"] {
		for name := range strings.SplitSeq(value, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			if slices.Contains(unsupported[:], name) {
				return nil, fmt.Errorf("content coding %q: only %s are known", name, acceptEncoding)
			}
			if kind := d.kinds[name]; kind != nil {
				list = append(list, kind)
			}
		}
	}
	if len(list) > maxCodings {
		return nil, fmt.Errorf("%d content codings one over the other: more than %d", len(list), maxCodings)
	}
	return list, nil
}

// A decoding is a body's codings undone, from the outermost in.
type decoding struct {
	io.Reader
	layers []*layer
}

// A layer is one coding undone.
type layer struct {
	decoder
	kind   *decoderKind
	made   int64 // bytes
	broken bool  // it panicked, and is of no use to another body
}

// Read has a panic of a library be an error of the body that brought it about:
// each crawl that came to it again would end there.
func (l *layer) Read(p []byte) (n int, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			l.broken = true
			n, err = 0, fmt.Errorf("panic: %v", panicked)
		}
	}()
	n, err = l.decoder.Read(p)
	l.made += int64(n)
	return n, err
}

// open undoes codings over raw. What each layer gives is held to limit bytes,
// so that no layer within can be made to work for long without output.
func (d *decoders) open(codings []*decoderKind, raw io.Reader, limit int64) (*decoding, error) {
	out := &decoding{Reader: raw}
	for i, kind := range slices.Backward(codings) {
		d, ok := kind.spare.take()
		if !ok {
			var err error
			if d, err = kind.make(); err != nil {
				return out, err
			}
		}
		l := &layer{decoder: d, kind: kind}
		out.layers = append(out.layers, l)
		if err := l.reset(out.Reader); err != nil {
			return out, err
		}
		out.Reader = l
		if i > 0 {
			out.Reader = &capped{r: l, left: limit}
		}
	}
	return out, nil
}

func (d *decoding) name() string {
	var names []string
	for _, l := range slices.Backward(d.layers) {
		names = append(names, l.kind.name)
	}
	return strings.Join(names, ", ")
}

// close puts the decoders back for the next body.
func (d *decoding) close() {
	for _, l := range d.layers {
		if l.broken {
			continue
		}
		_ = l.reset(nothing) // lets go of the body; the error is that nothing is no gzip
		if l.made <= largeBody {
			l.kind.spare.put(l.decoder)
		}
	}
}

// nothing is an empty reader without state, to be shared.
var nothing = empty{}

type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }
func (empty) ReadByte() (byte, error)  { return 0, io.EOF }

// capped reads at most left bytes.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, LimitCompressed
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// measured ends a body that makes more than most bytes of each that raw read.
type measured struct {
	r    io.Reader
	raw  *exchange
	made int64
	most int64
}

func (m *measured) Read(p []byte) (int, error) {
	if m.made > ratioFrom && m.made/m.most > m.raw.got {
		return 0, LimitRatio
	}
	n, err := m.r.Read(p[:min(len(p), measureEvery)])
	m.made += int64(n)
	return n, err
}

// measureEvery is how many bytes may pass unmeasured.
const measureEvery = 64 << 10

// sips gives a decoder little at a time. What came from the network and is not
// looked at yet would count among the bytes that a bomb was made of: of 16 KiB
// each may have become 200.
type sips struct{ raw *exchange }

func (s sips) Read(p []byte) (int, error) { return s.raw.Read(p[:min(len(p), sip)]) }

const sip = 2 << 10

// gzipDecoder reads members of gzip, one behind the other.
type gzipDecoder struct {
	gzip.Reader
	in *bufio.Reader
}

func (d *gzipDecoder) reset(r io.Reader) error {
	if d.in == nil {
		d.in = bufio.NewReader(r)
	} else {
		d.in.Reset(r)
	}
	return d.begin()
}

// begin reads the header of a member.
func (d *gzipDecoder) begin() error {
	err := d.Reset(d.in)
	d.Multistream(false)
	return err
}

func (d *gzipDecoder) Read(p []byte) (int, error) {
	for {
		n, err := d.Reader.Read(p)
		if err != io.EOF {
			return n, err
		}
		if err := d.next(); n > 0 || err != nil {
			return n, err
		}
	}
}

// next goes on to the next member. What follows the last one and is none itself,
// a line's end for one, is padding, as gzip(1) and browsers have it.
func (d *gzipDecoder) next() error {
	head, err := d.in.Peek(2)
	switch {
	case len(head) < 2 && err != io.EOF:
		return err
	case string(head) != "\x1f\x8b":
		return io.EOF
	}
	if err := d.begin(); !errors.Is(err, gzip.ErrHeader) {
		return err
	}
	return io.EOF
}

type brotliDecoder struct {
	brotli.Reader
}

func (d *brotliDecoder) reset(r io.Reader) error { return d.Reset(r) }

// Read passes over what follows the data, as browsers do and as with gzip.
func (d *brotliDecoder) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && err.Error() == "brotli: excessive input" { // the library keeps that error to itself
		err = io.EOF
	}
	return n, err
}

type zstdDecoder struct {
	*zstd.Decoder
}

func (d zstdDecoder) reset(r io.Reader) error { return d.Reset(r) }

func newZstd() (decoder, error) {
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1), // in the caller: no goroutine to end
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(zstdWindow))
	return zstdDecoder{d}, err
}

// deflateDecoder reads the "deflate" coding, which is zlib's format
// (RFC 9110 §8.4.1.2), and bare deflate, which some servers send for it.
type deflateDecoder struct {
	in   *bufio.Reader
	zlib io.ReadCloser
	bare io.ReadCloser
	r    io.Reader
}

func (d *deflateDecoder) reset(r io.Reader) error {
	if d.in == nil {
		d.in = bufio.NewReader(r)
	} else {
		d.in.Reset(r)
	}
	d.r = nil
	return nil
}

func (d *deflateDecoder) Read(p []byte) (int, error) {
	if d.r == nil {
		if err := d.begin(); err != nil {
			return 0, err
		}
	}
	return d.r.Read(p)
}

// begin looks at the first two bytes: zlib's are a method and a checksum (RFC 1950 §2.2).
func (d *deflateDecoder) begin() error {
	head, err := d.in.Peek(2)
	if len(head) == 0 {
		return err
	}
	if len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
		if d.zlib == nil {
			d.zlib, err = zlib.NewReader(d.in)
		} else {
			err = d.zlib.(zlib.Resetter).Reset(d.in, nil)
		}
		d.r = d.zlib
		return err
	}
	if d.bare == nil {
		d.bare = flate.NewReader(d.in)
		d.r = d.bare
		return nil
	}
	d.r = d.bare
	return d.bare.(flate.Resetter).Reset(d.in, nil)
}
