package link

import "bytes"

// header takes the links of one Link header field, a comma-separated list of
// "<reference>; rel=next; …" (RFC 8288 §3). A link with an anchor is about
// another page than this one, and left out.
func (s *Scanner) header(value string) {
	b := []byte(value)
	for {
		lt := bytes.IndexByte(b, '<')
		if lt < 0 {
			return
		}
		gt := bytes.IndexByte(b[lt:], '>')
		if gt < 0 {
			return
		}
		ref := b[lt+1 : lt+gt]
		var p headerParams
		b = p.read(b[lt+gt+1:])
		rel := relations(p.rel)
		from, ok := relSources{HeaderPage, HeaderCanonical, HeaderAlternate, HeaderAsset}.of(rel)
		if ok && !p.anchored && len(trim(ref)) > 0 {
			s.related(ref, rel, from, p.hreflang)
		}
	}
}

// headerParams is what counts of a link's parameters: the first of each.
type headerParams struct {
	rel, hreflang []byte
	anchored      bool
}

// read reads the parameters before the next comma and returns what follows it.
func (p *headerParams) read(b []byte) []byte {
	for len(b) > 0 {
		c := b[0]
		b = b[1:]
		if c == ',' {
			return b
		}
		if c != ';' {
			continue
		}
		end := bytes.IndexAny(b, "=;,")
		if end < 0 {
			return nil
		}
		name := trim(b[:end])
		if b = b[end:]; b[0] != '=' {
			continue
		}
		var value []byte
		value, b = headerValue(trim(b[1:]))
		p.set(name, value)
	}
	return nil
}

func (p *headerParams) set(name, value []byte) {
	switch {
	case equalFold(name, "rel") && p.rel == nil:
		p.rel = value
	case equalFold(name, "hreflang") && p.hreflang == nil:
		p.hreflang = value
	case equalFold(name, "anchor"):
		p.anchored = true
	}
}

// headerValue reads a token or a quoted string, and returns what follows it.
func headerValue(b []byte) (value, rest []byte) {
	if len(b) == 0 || b[0] != '"' {
		end := bytes.IndexAny(b, ";,")
		if end < 0 {
			end = len(b)
		}
		return trim(b[:end]), b[end:]
	}
	value = []byte{}
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '"':
			return value, b[i+1:]
		case b[i] == '\\' && i+1 < len(b):
			i++
		}
		value = append(value, b[i])
	}
	return value, nil
}
