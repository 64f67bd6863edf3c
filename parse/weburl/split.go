package weburl

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// clean takes away what the standard has a parser take away before it starts: C0 controls and spaces at both ends, and
// tabs and line ends anywhere. Bytes that are not UTF-8 become U+FFFD, one for each maximal part of a sequence, as
// they do when a browser decodes the page. It returns a part of s if it can.
func clean(s []byte) []byte {
	if !utf8.Valid(s) {
		s, _ = unicode.UTF8.NewDecoder().Bytes(s)
	}
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	if !bytes.ContainsAny(s, "\t\r\n") {
		return s
	}
	kept := make([]byte, 0, len(s))
	for _, c := range s {
		if c != '\t' && c != '\r' && c != '\n' {
			kept = append(kept, c)
		}
	}
	return kept
}

// cutScheme cuts "scheme:" off s; it is not ok when s has none.
func cutScheme(s []byte) (scheme, rest []byte, ok bool) {
	for i, c := range s {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return s[:i], s[i+1:], true
		default:
			return nil, s, false
		}
	}
	return nil, s, false
}

// cutAuthority splits s, which starts after "//", before its path, query or fragment.
func cutAuthority(s []byte) (authority, rest []byte) {
	end := indexAny(s, endOfSegment)
	return s[:end], s[end:]
}

// cutUserinfo splits an authority at its last "@".
func cutUserinfo(authority []byte) (info, hostport []byte) {
	at := bytes.LastIndexByte(authority, '@')
	return authority[:max(0, at)], authority[at+1:]
}

// cutPort splits "host:port" at the first colon outside of brackets.
func cutPort(hostport []byte) (host, port []byte) {
	inside := false
	for i, c := range hostport {
		switch {
		case c == '[':
			inside = true
		case c == ']':
			inside = false
		case c == ':' && !inside:
			return hostport[:i], hostport[i+1:]
		}
	}
	return hostport, nil
}

func trimSlashes(s []byte) []byte {
	for len(s) > 0 && isSlash(s[0]) {
		s = s[1:]
	}
	return s
}

// isSlash reports whether c separates segments: in http and https a backslash does too.
func isSlash(c byte) bool { return c == '/' || c == '\\' }

// equalFold reports whether s is lower, whatever the case of its ASCII letters.
func equalFold(s []byte, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i, c := range s {
		if toLower(c) != lower[i] {
			return false
		}
	}
	return true
}

func toLower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}
