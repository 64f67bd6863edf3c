package simhash

import (
	"encoding/binary"
	"math/bits"
)

// plain takes letters and single spaces from i on, which is what most of a text
// is, and returns where something else begins, or a word that is very long. It
// writes them eight at a time, as they are but in lower case: word by word, the
// exact sum of 10 KiB of text took twice as long.
func (h *hasher) plain(page []byte, i int) int {
	h.sumUp()
	n, whole := h.n, 0
	after := uint64(0x80) // the top bit of a byte, when the one before is a space
	if n > 0 && h.text[n-1] != ' ' {
		after = 0
	}
	for i+8 <= len(page) && whole < nearLongest {
		if n >= chunk+margin {
			h.n = n
			h.sumUp()
			n = h.n
		}
		block := binary.LittleEndian.Uint64(page[i:])
		spaces := is(block, ' ')
		block |= lower
		binary.LittleEndian.PutUint64(h.text[n:], block)
		if other := tops&^(letters(block)|spaces) | spaces&(spaces<<8|after); other != 0 {
			size := bits.TrailingZeros64(other) / 8
			if h.n = n + size; size > 0 {
				h.sumUp() // while a word is not over: phrases that all end here would never make room
			}
			return i + size
		}
		n, i = n+8, i+8
		after = spaces >> 56
		if whole += 8; spaces != 0 {
			whole = 0
		}
	}
	h.n = n
	return i
}

// nearLongest is how many letters in whole blocks may be of a word that is too
// long: up to seven more are in the block that it begins in, and in its last.
const nearLongest = longest - 8

const (
	ones  = 0x0101010101010101 // times a byte, it is eight of them
	tops  = 0x80 * ones
	lower = 0x20 * ones
)

// is has the top bit set of each byte that is c, one of ASCII.
func is(block uint64, c byte) uint64 {
	x := block ^ uint64(c)*ones
	return ^((x&^tops + 0x7f*ones) | x) & tops
}

// letters has the top bit set of each byte that is a letter from a to z, or
// none of ASCII.
func letters(block uint64) uint64 {
	low := block &^ tops
	return (low+(0x80-'a')*ones)&^(low+(0x7f-'z')*ones)&tops | block&tops
}
