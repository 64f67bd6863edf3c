package link

import "bytes"

// Attributes counts those of all start tags of a page in UTF-8, no further than
// to one more than most. None is kept: of 10 MiB of attributes a tokenizer that
// keeps them makes half a gigabyte. In XML no element has tags for text.
func Attributes(page []byte, most int, xml bool) (n int) {
	if len(page)/2 <= most {
		return 0 // each takes two bytes at least, so that few pages have to be read for it
	}
	s := Scanner{frame: frame{body: page}}
	for i := 0; n <= most; {
		lt := bytes.IndexByte(page[i:], '<')
		if lt < 0 || i+lt+1 == len(page) {
			return n
		}
		i += lt + 1
		switch c := page[i]; {
		case isLetter(c):
			var found int
			i, found = s.countTag(i, most+1-n, xml)
			n += found
		case c == '/':
			i = s.endTag(i + 1)
		case c == '!':
			i = s.declaration(i + 1)
		case c == '?':
			i = after(page, i, ">")
		}
	}
	return n
}

// countTag counts the attributes of the start tag at i, enough of them being
// enough, and returns where to go on.
func (s *Scanner) countTag(i, enough int, xml bool) (next, n int) {
	body := s.frame.body
	end := nameEnd(body, i)
	for next = end; n < enough; n++ {
		at := next
		var name span
		if name, _, next = nextAttr(body, at); next < 0 {
			return len(body), n
		}
		if name.from < name.to {
			continue
		}
		closed := body[next-2] == '/' && at != next-1
		e := elementNamed(body[i:end])
		inForeign := s.frame.foreign.start(e, body[i:end], closed)
		if e.isRaw() && !inForeign && !xml {
			next = rawTextEnd(e, body, body[i:end], next)
		}
		return next, n
	}
	return next, n
}
