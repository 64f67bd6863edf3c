package zoo

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
)

const (
	bodyLimit = 10 << 20 // of trawl: decoded bytes of a body
	bombSize  = 10 << 30 // decoded
	unitSize  = 16 << 20 // of it in one member of gzip
)

// A bomb is a coded body made of one piece again and again, so that what
// decodes to gigabytes is held in kilobytes.
type bomb struct {
	head, unit, tail []byte
	n                int // units
}

func (b bomb) size() int64 { return int64(len(b.head) + b.n*len(b.unit) + len(b.tail)) }

// WriteTo writes the coded bytes.
func (b bomb) WriteTo(w io.Writer) (int64, error) {
	per := max(1, 64<<10/len(b.unit))
	chunk := bytes.Repeat(b.unit, per)
	n, err := w.Write(b.head)
	total := int64(n)
	for left := b.n; left > 0 && err == nil; left -= per {
		n, err = w.Write(chunk[:min(left, per)*len(b.unit)])
		total += int64(n)
	}
	if err == nil {
		n, err = w.Write(b.tail)
		total += int64(n)
	}
	return total, err
}

// gzipBomb is head and then size bytes of fill, in members of gzip that say
// the same.
func gzipBomb(head string, fill byte, size int64) (bomb, error) {
	first, err := gzipped(head)
	return bomb{head: first, unit: member(fill, unitSize), n: int(size / unitSize)}, err
}

func gzipped(text string) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// deflateBomb is size zeros in zlib's format (RFC 1950).
func deflateBomb(size int64) (bomb, error) {
	b := run(0, size)
	b.head = append([]byte{0x78, 0xda}, b.head...)
	b.tail = append(b.tail, adlerOfZeros(size)...)
	return b, nil
}

// adlerOfZeros is the Adler-32 of so many zeros: its first half stays 1, the
// second counts.
func adlerOfZeros(size int64) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(size%65521)<<16|1)
}

// brotliBomb is size zeros: what a coder makes of a first MiB of them, and of
// each one more (RFC 7932), flushed in between.
func brotliBomb(size int64) (bomb, error) {
	return bomb{
		head: []byte("\xab\xff\xff\x07@\x02 \x1e\x0b$\xf7\xfe\xc1\x00"),
		unit: []byte("\xfa\xff\x7f\x00$\x00\xe2\xb0\x00t\xef\x1f\x0c"),
		n:    int(size>>20) - 1,
		tail: []byte{0x03}, // a last, empty meta-block
	}, nil
}

// zstdBomb is size zeros, by hand: a frame of blocks that each say "a zero,
// 128 Ki times" in four bytes (RFC 8878 §3.1.1).
func zstdBomb(size int64) (bomb, error) {
	const block = 128 << 10
	rle := func(last int) []byte {
		h := block<<3 | 1<<1 | last
		return []byte{byte(h), byte(h >> 8), byte(h >> 16), 0}
	}
	magic := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3} // a frame with a window of 128 KiB
	return bomb{head: magic, unit: rle(0), n: int(size/block) - 1, tail: rle(1)}, nil
}

// again codes each piece of a bomb with gzip once more, in a member of its own.
func again(b bomb, err error) (bomb, error) {
	head, headErr := gzipped(string(b.head))
	unit, unitErr := gzipped(string(b.unit))
	return bomb{head: head, unit: unit, n: b.n}, errors.Join(err, headErr, unitErr)
}

// whole codes all of a bomb with gzip once more.
func whole(b bomb, err error) (bomb, error) {
	var plain bytes.Buffer
	_, _ = b.WriteTo(&plain) // a bytes.Buffer takes everything
	unit, gzErr := gzipped(plain.String())
	return bomb{unit: unit, n: 1}, errors.Join(err, gzErr)
}

// explode serves a bomb, which is made when it is first asked for.
func explode(contentType, coding string, make func() (bomb, error)) server {
	return func(s *site) error {
		get := sync.OnceValues(make)
		return own(func(s *site, w http.ResponseWriter, r *http.Request) {
			if s.path(r) != "" {
				plain(s, w, r)
				return
			}
			throw(w, contentType, coding, get)
		}, nil)(s)
	}
}

// throw sends a bomb.
func throw(w http.ResponseWriter, contentType, coding string, get func() (bomb, error)) {
	b, err := get()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.FormatInt(b.size(), 10))
	if coding != "" {
		w.Header().Set("Content-Encoding", coding)
	}
	_, _ = b.WriteTo(w)
}

// codingBombs decode to more than anybody wants.
func codingBombs() []Case {
	const does = "stops decoding at the limit for bodies, or refuses the ratio: 10 GiB come in 10 MiB or less"
	cut := []Want{{Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"too_large", "decode"}, Truncated: true, Over: []string{"body", "compressed", "ratio"}, MaxBytes: bodyLimit}}
	ten := func(make func(int64) (bomb, error)) func() (bomb, error) {
		return func() (bomb, error) { return make(bombSize) }
	}
	gz := func() (bomb, error) { return gzipBomb("<title>boom</title>", 0, bombSize) }
	return []Case{
		{Name: "bomb-gzip", Does: does, Want: cut, up: explode(htmlType, "gzip", gz)},
		{Name: "bomb-deflate", Does: does, Want: cut, up: explode(htmlType, "deflate", ten(deflateBomb))},
		{Name: "bomb-br", Does: does, Want: cut, up: explode(htmlType, "br", ten(brotliBomb))},
		{Name: "bomb-zstd", Does: does, Want: cut, up: explode(htmlType, "zstd", ten(zstdBomb))},
		{Name: "bomb-nested", Does: "holds each of several codings to the limit: 10 GiB come in some hundred bytes",
			Want: cut, up: explode(htmlType, "gzip, gzip, gzip", func() (bomb, error) { return whole(again(gz())) })},
		{Name: "bomb-labelled-once", Does: "undoes as many codings as the header names, not as many as there are",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{200}, Title: "-", MaxBytes: bodyLimit}},
			up:   explode(htmlType, "gzip", func() (bomb, error) { return again(gz()) })},
		{Name: "codings-50", Does: "undoes no fifty codings, one over the other",
			Want: failed("decode"), up: own(coded(fifty(), "<title>fifty</title>"), nil)},
		{Name: "bomb-image", Does: "does not decode what it has no use for",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{200}, MaxBytes: bodyLimit}},
			up:   explode("image/png", "gzip", gz)},
	}
}
