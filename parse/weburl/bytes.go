package weburl

// What a byte may be, as the bits of classOf's entries.
const (
	inPath       = 1 << iota // is percent-encoded in a path
	inQuery                  // is percent-encoded in a query
	inHost                   // is a forbidden domain code point
	endOfSegment             // ends a path segment, and the authority
	notPlain                 // is not itself in a path: escaped, turned round, or the end (fast.go)
	slash                    // "/"
	dotLike                  // may start a dot segment; slash<<1, so that plainPath need not branch
	plainInHost              // is itself in a host
)

// classOf has the percent-encode sets of WHATWG URL §1.3 and the forbidden domain code points of §3.1, which are sets
// of ASCII; every byte above is percent-encoded.
var classOf = func() (set [256]uint8) {
	mark := func(chars string, bits uint8) {
		for _, c := range []byte(chars) {
			set[c] |= bits
		}
	}
	for c := range set {
		switch {
		case c <= ' ' || c == 0x7f:
			set[c] = inPath | inQuery | inHost | notPlain
		case c > 0x7f:
			set[c] = inPath | inQuery | notPlain
		}
	}
	mark("\"#<>", inPath|inQuery|notPlain)
	mark("?^`{}", inPath|notPlain)
	mark("'", inQuery)
	mark(`#/:<>?@[\]^|%`, inHost)
	mark(`/\?#`, endOfSegment)
	mark(`\`, notPlain)
	mark("/", slash)
	mark(".%", dotLike)
	mark("abcdefghijklmnopqrstuvwxyz0123456789.-_", plainInHost)
	return set
}()

// indexAny returns the index of the first byte of s in the set, or len(s).
func indexAny(s []byte, set uint8) int {
	for i, c := range s {
		if classOf[c]&set != 0 {
			return i
		}
	}
	return len(s)
}

// appendEscaped appends s with the bytes in the set percent-encoded. A "%" stays as it is, followed by digits or not.
func appendEscaped(dst, s []byte, set uint8) []byte {
	const digits = "0123456789ABCDEF"
	for {
		n := indexAny(s, set)
		dst = append(dst, s[:n]...)
		if n == len(s) {
			return dst
		}
		dst = append(dst, '%', digits[s[n]>>4], digits[s[n]&15])
		s = s[n+1:]
	}
}

// unescape decodes the percent-encoded bytes of s; a "%" without two digits stands for itself.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, fromHex(s[i+1])<<4|fromHex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

func fromHex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
