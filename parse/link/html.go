package link

import (
	"bytes"
)

// html scans one document: the page, or the srcdoc of an iframe.
func (s *Scanner) html(body []byte) {
	s.frame.body = body
	s.frame.start = mark{len(s.links.arena), len(s.links.found), s.draft}
	s.frame.hasNUL = bytes.IndexByte(body, 0) >= 0
	for i := 0; ; {
		lt := bytes.IndexByte(body[i:], '<')
		if lt < 0 || i+lt+1 == len(body) {
			return
		}
		i += lt + 1
		switch c := body[i]; {
		case isLetter(c):
			i = s.startTag(i)
		case c == '/':
			i = s.endTag(i + 1)
		case c == '!':
			i = s.declaration(i + 1)
		case c == '?':
			i = after(body, i, ">")
		}
	}
}

// startTag reads a tag whose name begins at i and what belongs to it, and
// returns where to go on.
func (s *Scanner) startTag(i int) int {
	body := s.frame.body
	end := nameEnd(body, i)
	e := elementNamed(body[i:end])
	if e.dull(s.opts.Assets) && len(s.frame.foreign) == 0 {
		return skipTag(body, end)
	}
	next := s.tag.read(body, end)
	if next < 0 {
		return len(body) // cut off inside a tag: it is none
	}
	closed := s.tag.closed // before a srcdoc, which has tags of its own
	inForeign := s.frame.foreign.start(e, body[i:end], closed)
	if e == elBase {
		return s.baseTag(next, inForeign)
	}
	if e == elImage && !inForeign {
		e = elImg // the standard: "Don't ask."
	}
	s.element(e)
	if !e.isRaw() || inForeign || s.opts.XHTML && closed {
		return next
	}
	return s.rawText(e, body[i:end], next)
}

// endTag goes behind an end tag; i is behind its slash.
func (s *Scanner) endTag(i int) int {
	body := s.frame.body
	if i == len(body) || !isLetter(body[i]) {
		return after(body, i, ">") // a bogus comment, or </>
	}
	end := nameEnd(body, i)
	if len(s.frame.foreign) > 0 {
		s.frame.foreign.end(elementNamed(body[i:end]), body[i:end])
	}
	return skipTag(body, end)
}

// declaration goes behind a comment, a doctype or CDATA; i is behind "<!".
func (s *Scanner) declaration(i int) int {
	body := s.frame.body
	switch rest := body[i:]; {
	case bytes.HasPrefix(rest, []byte("--")):
		return skipComment(body, i+2)
	case bytes.HasPrefix(rest, []byte("[CDATA[")) && (s.opts.XHTML || s.frame.foreign.inside()):
		return after(body, i+len("[CDATA["), "]]>")
	}
	return after(body, i, ">")
}

// rawText takes the text of a raw text element and returns where its end tag
// begins.
func (s *Scanner) rawText(e element, name []byte, i int) int {
	body := s.frame.body
	end := rawTextEnd(e, body, name, i)
	switch {
	case e == elTitle && s.depth == 0 && !s.draft.titleSeen:
		s.draft.titleSeen = true
		s.draft.title = s.titleText(body[i:end])
	case e == elStyle && s.opts.Assets:
		s.css(body[i:end], StyleText, StyleText)
	}
	return end
}

// rawTextEnd returns where the end tag of a raw text element begins, or the end.
func rawTextEnd(e element, body, name []byte, i int) int {
	switch e {
	case elPlaintext:
		return len(body)
	case elScript:
		return scriptEnd(body, i)
	}
	return rawEnd(body, i, name)
}

// baseTag sets the base of all links of the document. Those already found were
// resolved against another one: the scan begins anew, which is rare, for
// <base> belongs before them.
func (s *Scanner) baseTag(next int, inForeign bool) int {
	href, ok := s.attr(attrHref)
	if !ok || inForeign || s.frame.baseSeen {
		return next
	}
	f := &s.frame
	f.baseSeen = true
	if url, err := f.base.Resolve(string(href)); err == nil {
		f.base = url
		s.resolver.Reset(url)
	}
	start := f.start
	if len(s.links.found) == start.links && len(s.links.arena) == start.arena {
		return next
	}
	s.links.cut(start.arena, start.links)
	s.draft = start.draft
	f.foreign = f.foreign[:0]
	return 0
}
