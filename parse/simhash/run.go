package simhash

import (
	"encoding/binary"
	"math/bits"
)

// run takes the words from i on as long as they are short ones (less than eight
// letters, of ASCII) with a byte of no meaning between them, as most of a text
// is, and returns where it stops: at i if the first word is another.
//
// It does what token does word by word, but keeps the sums in registers, and
// finds a word's end in eight bytes at once, where a loop over them ends when the
// processor does not expect it. A page of text costs a third of what it did.
func (h *hasher) run(page []byte, i int) int {
	if h.pairs || h.afterDate {
		return i
	}
	exact, words, waiting, last := h.exact, h.words, h.waiting, h.hash
	for i+8 <= len(page) {
		block := binary.LittleEndian.Uint64(page[i:]) | lower
		bit := uint(bits.TrailingZeros64(notLetters(block))) &^ 7
		if bit == 0 || bit == 64 {
			break
		}
		end := i + int(bit/8)
		next := page[end]
		if class[next] != space {
			break // the token goes on
		}
		if len(waiting) > 0 {
			exact = chain(exact, last)
			words++
		}
		waiting, last = page[i:end], mix(uint64(bit/8)*mixer, block&(1<<(bit%64)-1))
		if i = end; next == '<' || next == '&' {
			break
		}
		i++
	}
	h.exact, h.words, h.waiting, h.hash = exact, words, waiting, last
	return i
}

// ones has a 1 in each of its bytes: times a byte, it is eight of them.
const (
	ones  = 0x0101010101010101
	tops  = 0x80 * ones
	lower = 0x20 * ones
)

// notLetters has the top bit set of each byte that is not from a to z.
func notLetters(block uint64) uint64 {
	low := block &^ tops
	return (^(low + (0x80-'a')*ones) | (low + (0x7f-'z')*ones) | block) & tops
}
