package zoo

import (
	"bytes"
	"hash/crc32"
)

// run is n bytes of fill as one last deflate block (RFC 1951 §3.2.7), by hand:
// it has a code of one bit for "258 bytes again" and one for "from one byte
// back", both of them 0, so that a zero byte stands for 1,032 bytes. No
// compressor is asked, which would need a second a gigabyte.
func run(fill byte, n int64) bomb {
	var w bits
	w.put(1, 1)  // the last block
	w.put(2, 2)  // with codes of its own
	w.put(29, 5) // 286 of literals and lengths
	w.put(0, 5)  // 1 of distances
	w.put(14, 4) // 18 of code lengths
	for _, symbol := range [...]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1} {
		switch symbol {
		case 0, 1, 2, 18:
			w.put(2, 3)
		default:
			w.put(0, 3)
		}
	}
	w.unused(int(fill))
	w.code("10") // fill has two bits: 10
	w.unused(255 - int(fill))
	w.code("10") // and so has the end of the block: 11
	w.unused(28)
	w.code("01") // 258 bytes again have one: 0
	w.code("01") // and one byte back: 0

	w.code("10") // the first byte
	again, rest := (n-1)/258, int((n-1)%258)
	zeros := w.zeros(2 * again)
	b := bomb{head: w.done, unit: []byte{0}, n: zeros}
	w.done = nil
	for range rest {
		w.code("10")
	}
	w.code("11")
	b.tail = w.end()
	return b
}

// bits writes bits into bytes, the lowest first.
type bits struct {
	done []byte
	last byte
	n    int // bits of last
}

func (w *bits) bit(b byte) {
	w.last |= b << w.n
	if w.n++; w.n == 8 {
		w.done, w.last, w.n = append(w.done, w.last), 0, 0
	}
}

// put writes a number, its lowest bit first.
func (w *bits) put(v uint, n int) {
	for i := range n {
		w.bit(byte(v >> i & 1))
	}
}

// code writes a Huffman code as it is read.
func (w *bits) code(c string) {
	for i := range len(c) {
		w.bit(c[i] - '0')
	}
}

// unused says that n symbols have no code.
func (w *bits) unused(n int) {
	for ; n >= 11; n -= min(n, 138) {
		w.code("11") // 11 to 138 in one
		w.put(uint(min(n, 138)-11), 7)
	}
	for range n {
		w.code("00")
	}
}

// zeros writes n zero bits, all but whole bytes of them, which it counts.
func (w *bits) zeros(n int64) (whole int) {
	for ; w.n != 0 && n > 0; n-- {
		w.bit(0)
	}
	if n > 0 {
		w.n = int(n % 8) // bits of the byte that comes after the whole ones
	}
	return int(n / 8)
}

func (w *bits) end() []byte {
	if w.n == 0 {
		return w.done
	}
	return append(w.done, w.last)
}

// member is n bytes of fill as a member of a gzip file (RFC 1952 §2.3).
func member(fill byte, n int) []byte {
	b := run(fill, int64(n))
	out := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, b.head...)
	out = append(out, make([]byte, b.n)...)
	out = append(out, b.tail...)
	sum, piece := uint32(0), bytes.Repeat([]byte{fill}, 64<<10)
	for left := n; left > 0; left -= len(piece) {
		sum = crc32.Update(sum, crc32.IEEETable, piece[:min(left, len(piece))])
	}
	return append(out, byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24), byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
}
