package simhash

import (
	"encoding/binary"
	"math/bits"
)

// hasher takes the words of a page.
type hasher struct {
	exact uint64
	words int

	pairs bool   // of words are counted, too
	last  uint64 // the word before

	// The last word waits for what comes next: one that dates are told with is
	// left out beside a number.
	waiting   []byte // none if empty
	hash      uint64 // of it
	afterDate bool   // a number, or a word of a date, was left out just now

	// lanes count the bits of hashes: byte j of lane i is bit 8j+i, up to 255
	// before they are added to counts.
	lanes  [8]uint64
	inLane int
	counts [64]int32
}

const mixer = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio

// Tokens of more letters than this are no words: they are nonces, keys or data.
const longest = 40

// nonce is how long a token of letters and digits is at least that is one.
const nonce = 8

// token takes the token that begins at i, and returns where it ends.
func (h *hasher) token(page []byte, i int) int {
	start, kinds := i, byte(0)
	for ; i < len(page) && class[page[i]] != space; i++ {
		kinds |= class[page[i]]
	}
	word := page[start:i]
	switch {
	case class[word[0]] == digit, kinds&digit != 0 && len(word) >= nonce:
		h.number()
	case kinds&high == 0 && len(word) > longest:
	default:
		h.word(word, hash(page, start, i))
	}
	return i
}

// hash is that of the word from start to end, in lower case if it is ASCII:
// eight bytes at a time, read beyond its end where the page goes on.
func hash(page []byte, start, end int) uint64 {
	sum := uint64(end-start) * mixer
	for ; end-start >= 8; start += 8 {
		sum = mix(sum, binary.LittleEndian.Uint64(page[start:])|lower)
	}
	if start == end {
		return sum
	}
	if start+8 <= len(page) {
		beyond := 64 - 8*(end-start)
		return mix(sum, (binary.LittleEndian.Uint64(page[start:])|lower)<<beyond>>beyond)
	}
	var rest [8]byte
	copy(rest[:], page[start:end])
	beyond := 64 - 8*(end-start)
	return mix(sum, (binary.LittleEndian.Uint64(rest[:])|lower)<<beyond>>beyond)
}

func mix(sum, block uint64) uint64 {
	sum = (sum ^ block) * mixer
	return sum ^ sum>>29
}

// number leaves out a number, and the words of a date around it.
func (h *hasher) number() {
	if len(h.waiting) > 0 && !isDateWord(h.waiting) {
		h.add(h.hash)
	}
	h.waiting, h.afterDate = nil, true
}

func (h *hasher) word(word []byte, hash uint64) {
	if h.afterDate {
		if isDateWord(word) {
			return
		}
		h.afterDate = false
	}
	if len(h.waiting) > 0 {
		h.add(h.hash)
	}
	h.waiting, h.hash = word, hash
}

// add counts a word.
func (h *hasher) add(word uint64) {
	h.words++
	h.exact = chain(h.exact, word)
	if h.pairs {
		h.count(mix(mix(h.last, word), 0))
		h.last = word
	}
}

func chain(sum, word uint64) uint64 { return (bits.RotateLeft64(sum, 5) ^ word) * mixer }

// count counts the bits of a pair of words.
func (h *hasher) count(pair uint64) {
	const low = 0x0101010101010101
	l := &h.lanes
	l[0] += pair & low
	l[1] += pair >> 1 & low
	l[2] += pair >> 2 & low
	l[3] += pair >> 3 & low
	l[4] += pair >> 4 & low
	l[5] += pair >> 5 & low
	l[6] += pair >> 6 & low
	l[7] += pair >> 7 & low
	if h.inLane++; h.inLane == 255 {
		h.flush()
	}
}

func (h *hasher) flush() {
	for i, lane := range h.lanes {
		for j := range 8 {
			h.counts[8*j+i] += int32(lane>>(8*j)&0xff)*2 - int32(h.inLane)
		}
	}
	h.lanes, h.inLane = [8]uint64{}, 0
}

func (h *hasher) sum() Sum {
	if len(h.waiting) > 0 {
		h.add(h.hash)
	}
	h.flush()
	s := Sum{Exact: h.exact ^ h.exact>>31, Words: h.words}
	for bit, count := range h.counts {
		if count > 0 {
			s.Similar |= 1 << bit
		}
	}
	return s
}

// isDateWord reports whether a word is one of those that times are told with.
func isDateWord(word []byte) bool {
	if len(word) > len("wednesday") {
		return false
	}
	var lower [len("wednesday")]byte
	for i, c := range word {
		lower[i] = c | 0x20
	}
	switch string(lower[:len(word)]) {
	case "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun",
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
		"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
		"january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
		"am", "pm", "gmt", "utc", "cet", "cest", "est", "edt", "pst", "pdt", "t", "z",
		"s", "ms", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hour", "hours",
		"d", "day", "days", "week", "weeks", "month", "months", "year", "years", "ago":
		return true
	}
	return false
}
