package sitemap

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// decodeReferences decodes, in place, XML's five entities and character references. What else looks like one stays as it
// is: in a sitemap it is mostly a bare & between the parameters of a URL.
func decodeReferences(b []byte) []byte {
	at := bytes.IndexByte(b, '&')
	if at < 0 {
		return b
	}
	out := b[:at] // a reference is never shorter than what it stands for, so out cannot overtake b
	for b = b[at:]; len(b) > 0; {
		if b[0] == '&' {
			if r, size := reference(b); size > 0 {
				out = utf8.AppendRune(out, r)
				b = b[size:]
				continue
			}
		}
		out = append(out, b[0])
		b = b[1:]
	}
	return out
}

// reference reads the reference that b begins with. Its size is 0 when there is none.
func reference(b []byte) (r rune, size int) {
	const longest = len("&#x0010FFFF;")
	end := bytes.IndexByte(b[:min(len(b), longest)], ';')
	if end < 0 {
		return 0, 0
	}
	switch name := string(b[1:end]); name {
	case "amp":
		r = '&'
	case "lt":
		r = '<'
	case "gt":
		r = '>'
	case "quot":
		r = '"'
	case "apos":
		r = '\''
	default:
		if r = character(name); r == 0 {
			return 0, 0
		}
	}
	return r, end + 1
}

// character is the character that #65 or #x41 names, or 0.
func character(name string) rune {
	if len(name) < 2 || name[0] != '#' {
		return 0
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0
	}
	return rune(n)
}

// attribute gives the value of an attribute from the raw attributes of a tag.
func attribute(attrs []byte, name string) (value string, found bool) {
	for {
		attrs = bytes.TrimLeft(attrs, " \t\r\n/")
		end := bytes.IndexByte(attrs, '=')
		if end < 0 {
			return "", false
		}
		key := bytes.TrimRight(attrs[:end], " \t\r\n")
		attrs = bytes.TrimLeft(attrs[end+1:], " \t\r\n")
		if len(attrs) == 0 || attrs[0] != '"' && attrs[0] != '\'' {
			return "", false
		}
		end = bytes.IndexByte(attrs[1:], attrs[0])
		if end < 0 {
			return "", false
		}
		if string(key) == name {
			return string(bytes.TrimSpace(decodeReferences(bytes.Clone(attrs[1 : 1+end])))), true
		}
		attrs = attrs[1+end+1:]
	}
}

// splitName parts a name from its prefix, which is empty when there is none.
func splitName(name []byte) (prefix, local []byte) {
	prefix, local, found := bytes.Cut(name, []byte(":"))
	if !found || len(prefix) == 0 || len(local) == 0 {
		return nil, name
	}
	return prefix, local
}
