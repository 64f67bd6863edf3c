package trap

import "strings"

// What is folded as a token: long enough, and mixed enough, that no one made
// it up to be read. "face2face", "utf8" and "x86" are words.
const (
	minHex       = 8  // hexadecimal digits, minHexDigits of them decimal
	minHexDigits = 2  //
	minToken     = 16 // letters and digits, minOfEach of both
	minOfEach    = 3  //
)

// fold appends text to dst with its numbers written as # and its tokens as *,
// and tells whether there were tokens.
func fold(dst []byte, text string) (folded []byte, volatile bool) {
	for text != "" {
		if isUUID(text) {
			dst, text, volatile = append(dst, '*'), text[uuidLen:], true
			continue
		}
		run := alnums(text)
		switch {
		case run == 0:
			n := 1
			if text[0] == '%' { // its hexadecimal digits are no number
				n = min(3, len(text))
			}
			dst, text = append(dst, text[:n]...), text[n:]
		case isToken(text[:run]):
			dst, text, volatile = append(dst, '*'), text[run:], true
		default:
			dst, text = foldNumbers(dst, text[:run]), text[run:]
		}
	}
	return dst, volatile
}

func foldNumbers(dst []byte, word string) []byte {
	for i := range len(word) {
		switch {
		case !isDigit(word[i]):
			dst = append(dst, word[i])
		case i == 0 || !isDigit(word[i-1]):
			dst = append(dst, '#')
		}
	}
	return dst
}

// alnums is how many bytes at the start of text are letters and digits.
func alnums(text string) int {
	for i := range len(text) {
		if c := text[i] | 0x20; !isDigit(text[i]) && (c < 'a' || c > 'z') {
			return i
		}
	}
	return len(text)
}

func isToken(word string) bool {
	if len(word) < minHex {
		return false
	}
	digits, hex := 0, true
	for i := range len(word) {
		if isDigit(word[i]) {
			digits++
		} else {
			hex = hex && word[i]|0x20 <= 'f'
		}
	}
	letters := len(word) - digits
	if hex && digits >= minHexDigits && letters > 0 {
		return true
	}
	return len(word) >= minToken && digits >= minOfEach && letters >= minOfEach
}

const uuidLen = len("123e4567-e89b-12d3-a456-426614174000")

// isUUID tells whether text starts with a UUID (RFC 9562 §4).
func isUUID(text string) bool {
	if len(text) < uuidLen || text[8] != '-' {
		return false
	}
	for i := range uuidLen {
		switch i {
		case 8, 13, 18, 23:
			if text[i] != '-' {
				return false
			}
		default:
			if strings.IndexByte("0123456789abcdefABCDEF", text[i]) < 0 {
				return false
			}
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
