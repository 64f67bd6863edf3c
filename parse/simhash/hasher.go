package simhash

import (
	"bytes"

	"github.com/zeebo/xxh3"
)

// hasher takes the words of a page. It writes them down in lower case, with one
// space behind each, and sums up what it has written: all of it, in order, is
// the exact sum; eight bytes at a time are what the similar one counts.
//
// It works on eight bytes at once wherever a page lets it (see plain), since a
// page of text has some thousand words: what is done for each of them is what a
// sum costs.
type hasher struct {
	text   [chunk + 2*margin]byte // not summed up yet
	n      int                    // bytes of it
	exact  uint64                 // of what was before
	before int                    // bytes of that
	enough int                    // bytes of text; what comes after them is not read

	// A word is left out that dates are told with and that is beside a number.
	afterDate bool // a number, or such a word, was left out just now
	date      int  // no word before this place in text is beside the next number

	// For the similar sum phrases are counted.
	countable int    // bytes of phrases that are still to be
	links     links  // what is done with what they say
	silent    bool   // within a link whose text is not counted
	phrase    int    // where what was not counted begins in text
	end       int    // … and where a phrase that is over ends; its last word may still be left out
	counts    counts // of the phrases
}

// links are treated as other text (read), as text that is not counted, or left out.
type links uint8

const (
	read links = iota
	uncounted
	left
)

const (
	chunk  = 2048 // bytes are summed up at once
	margin = 64   // … and the last ones may still be taken back
)

// Tokens of more letters than this are no words: they are nonces, keys or data.
const longest = 40

// nonce is how long a token of letters and digits is at least that is one.
const nonce = 8

// wants tells whether there is not enough text yet.
func (h *hasher) wants() bool { return h.before+h.n <= h.enough }

// read takes the words from i on, and returns where something else begins: a
// tag, an entity, the end.
func (h *hasher) read(page []byte, i int) int {
	for i < len(page) && h.wants() {
		if !h.afterDate {
			i = h.plain(page, i)
		}
		if i == len(page) {
			break
		}
		switch c := page[i]; {
		case c == '<' || c == '&':
			return i
		case class[c] != space:
			i = h.token(page, i)
		default:
			h.endPhrase(c)
			i++
		}
	}
	return i
}

// token takes the token that begins at i, or that i is within, and returns
// where it ends.
func (h *hasher) token(page []byte, i int) int {
	start, kinds := i-h.takeBack(), byte(0)
	for i = start; i < len(page) && class[page[i]] != space; i++ {
		kinds |= class[page[i]]
	}
	switch word := page[start:i]; {
	case class[word[0]] == digit, kinds&digit != 0 && len(word) >= nonce:
		h.number()
	case kinds&high == 0 && len(word) > longest:
		h.endPhrase(0)
	case h.afterDate && isDateWord(word):
	default:
		h.afterDate = false
		h.word(word)
	}
	return i
}

// takeBack takes back the letters of a word that is not over, and returns how
// many there are.
func (h *hasher) takeBack() int {
	last := bytes.LastIndexByte(h.text[:h.n], ' ') + 1
	size := h.n - last
	h.n = last
	return size
}

// word writes a word.
func (h *hasher) word(word []byte) {
	for len(word) > 0 {
		n := copy(h.text[h.n:h.n+margin/2], word)
		for i := range n {
			h.text[h.n+i] |= 0x20
		}
		h.n += n
		word = word[n:]
		h.sumUp()
	}
	h.text[h.n] = ' '
	h.n++
}

// number leaves out a number, and the words of a date around it.
func (h *hasher) number() {
	if h.n > h.date {
		last := bytes.LastIndexByte(h.text[:h.n-1], ' ') + 1
		if isDateWord(h.text[last : h.n-1]) {
			h.n, h.end = last, min(h.end, last)
		}
	}
	h.endPhrase(0)
	h.date, h.afterDate = h.n, true
}

// endPhrase ends a word. Unless that is all, as a space says, the next one
// begins a phrase: what is counted does not depend on how long the text before
// it is.
func (h *hasher) endPhrase(by byte) {
	if h.n > 0 && h.text[h.n-1] != ' ' {
		h.text[h.n] = ' '
		h.n++
	}
	if by != ' ' && h.n > h.end {
		h.count()
		h.end = h.n
	}
}

// sumUp makes room in text.
func (h *hasher) sumUp() {
	if h.n < chunk+margin || h.n == h.end {
		return
	}
	h.count()
	whole := max(0, chunk-h.phrase+7) &^ 7
	h.add(whole)
	h.phrase += whole
	h.exact, h.before = xxh3.HashSeed(h.text[:chunk], h.exact), h.before+chunk
	copy(h.text[:], h.text[chunk:h.n])
	h.n, h.phrase, h.end, h.date = h.n-chunk, h.phrase-chunk, max(h.end-chunk, 0), max(h.date-chunk, 0)
}

// count counts a phrase that is over, in blocks of eight bytes.
func (h *hasher) count() {
	if h.phrase < h.end {
		h.add(h.end - h.phrase)
	}
	h.phrase = max(h.phrase, h.end)
}

// add counts the next bytes of a phrase.
func (h *hasher) add(size int) {
	if size > 0 && h.countable > 0 && !h.silent {
		h.counts.add(h.text[h.phrase:], size)
		h.countable -= size
	}
}

func (h *hasher) sum() Sum {
	h.endPhrase(0)
	h.count()
	if h.before+h.n == 0 {
		return Sum{}
	}
	return Sum{Exact: xxh3.HashSeed(h.text[:h.n], h.exact), Similar: h.counts.sum()}
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
