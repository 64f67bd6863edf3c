package link

import (
	"bytes"

	"golang.org/x/net/html/atom"
)

// CloseEmpty gives a page of XML as a parser of HTML reads it right: with an end
// tag behind each element that is empty in XML, as <script/>, and would begin
// there in HTML, to take in all that follows. Without any it is the page itself.
func CloseEmpty(page []byte) []byte {
	s := Scanner{opts: Options{XHTML: true}, frame: frame{body: page}}
	var out []byte
	done := 0
	for i := 0; ; {
		lt := bytes.IndexByte(page[i:], '<')
		if lt < 0 || i+lt+1 == len(page) {
			break
		}
		i += lt + 1
		switch c := page[i]; {
		case isLetter(c):
			name := page[i:nameEnd(page, i)]
			var empty bool
			if i, empty = s.emptyTag(i, name); empty {
				out = append(append(append(append(out, page[done:i]...), "</"...), name...), '>')
				done = i
			}
		case c == '/':
			i = s.endTag(i + 1)
		case c == '!':
			i = s.declaration(i + 1)
		case c == '?':
			i = after(page, i, ">")
		}
	}
	if done == 0 {
		return page
	}
	return append(out, page[done:]...)
}

// emptyTag goes behind the start tag of that name at i, and the raw text that
// may follow it, and tells whether the element needs an end tag there. Foreign
// elements need none, as HTML has their "/>", nor do those that are always empty.
func (s *Scanner) emptyTag(i int, name []byte) (next int, empty bool) {
	body := s.frame.body
	next = s.tag.read(body, i+len(name))
	if next < 0 {
		return len(body), false
	}
	e := elementNamed(name)
	inForeign := s.frame.foreign.start(e, name, s.tag.closed)
	switch {
	case inForeign:
		return next, false
	case s.tag.closed:
		return next, !isVoid(name)
	case e.isRaw():
		return rawTextEnd(e, body, name, next), false
	}
	return next, false
}

// isVoid tells whether an element has no content in HTML (§13.1.2).
func isVoid(name []byte) bool {
	switch atom.Lookup(bytes.ToLower(name)) {
	case atom.Area, atom.Base, atom.Basefont, atom.Bgsound, atom.Br, atom.Col, atom.Embed, atom.Frame, atom.Hr, atom.Image, atom.Img,
		atom.Input, atom.Keygen, atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}
