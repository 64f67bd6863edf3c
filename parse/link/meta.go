package link

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// meta takes what a <meta> says of the page.
func (s *Scanner) meta() {
	content, ok := s.attr(attrContent)
	if !ok || s.depth > 0 {
		return
	}
	if pragma, ok := s.attr(attrHTTPEquiv); ok && equalFold(pragma, "refresh") {
		s.refresh(content)
	}
	name, _ := s.attr(attrName)
	switch name = trim(name); {
	case equalFold(name, "description"):
		if s.draft.description == (span{}) {
			s.draft.description = s.text(content)
		}
	case equalFold(name, "robots"),
		len(name) > 0 && len(name) == len(s.opts.Agent) && bytes.EqualFold(name, []byte(s.opts.Agent)):
		if len(s.draft.robots) == maxRobots {
			s.draft.limited = true
			return
		}
		s.draft.robots = append(s.draft.robots, named{s.text(name), s.text(content)})
	}
}

// language takes the language of the page.
func (s *Scanner) language() {
	if s.depth > 0 || s.draft.lang != (span{}) {
		return
	}
	lang, ok := s.attr(attrLang)
	if !ok {
		lang, _ = s.attr(attrXMLLang)
	}
	s.draft.lang = s.text(lang)
}

func (s *Scanner) refresh(content []byte) {
	if s.draft.refresh != (span{}) {
		return
	}
	delay, ref, ok := Refresh(string(content))
	if !ok || ref == "" {
		return
	}
	if s.draft.refresh, ok = s.resolve([]byte(ref)); ok {
		s.draft.delay = delay
	}
}

// maxDelay is the longest delay of a refresh, in seconds; more means never.
const maxDelay = 1<<31 - 1

// Refresh parses the value of a Refresh header field or of <meta
// http-equiv=refresh> (HTML §4.2.5.3, shared declarative refresh steps), such
// as "5; url=/next". A reload has no ref. What is no refresh at all is not ok.
func Refresh(value string) (delay time.Duration, ref string, ok bool) {
	b := trim([]byte(value))
	n := digits(b)
	if n == 0 && (len(b) == 0 || b[0] != '.') {
		return 0, "", false
	}
	seconds, err := strconv.Atoi("0" + string(b[:n]))
	if err != nil || seconds > maxDelay {
		seconds = maxDelay
	}
	delay = time.Duration(seconds) * time.Second
	for b = b[n:]; len(b) > 0 && (b[0] == '.' || isDecimal(b[0])); {
		b = b[1:] // a fraction is dropped
	}
	if len(b) == 0 {
		return delay, "", true
	}
	if b[0] != ';' && b[0] != ',' && class[b[0]]&space == 0 {
		return 0, "", false
	}
	if b = trim(b); len(b) > 0 && (b[0] == ';' || b[0] == ',') {
		b = trim(b[1:])
	}
	return delay, string(refreshTarget(b)), true
}

// refreshTarget removes "url=" and quotes from the rest of a refresh.
func refreshTarget(b []byte) []byte {
	if len(b) >= 3 && equalFold(b[:3], "url") {
		if rest := trim(b[3:]); len(rest) > 0 && rest[0] == '=' {
			b = trim(rest[1:])
		}
	}
	if len(b) > 0 && (b[0] == '"' || b[0] == '\'') {
		quote := b[0]
		b = b[1:]
		if end := bytes.IndexByte(b, quote); end >= 0 {
			b = b[:end]
		}
	}
	return b
}

func digits(b []byte) (n int) {
	for n < len(b) && isDecimal(b[n]) {
		n++
	}
	return n
}

// titleText takes the text of a title: unlike the attributes', its character
// references are still there, and decoded as those of text are.
func (s *Scanner) titleText(raw []byte) span {
	// No reference makes more of its bytes than it has, white space aside: a
	// few times the limit is enough to read.
	if most := s.opts.MaxText; len(raw)/4 > most {
		raw = cutText(raw, 4*most)
		s.draft.textCut = true
	}
	if s.frame.hasNUL {
		raw = bytes.ReplaceAll(raw, []byte{0}, []byte("\uFFFD"))
	}
	if bytes.IndexByte(raw, '&') >= 0 {
		raw = []byte(html.UnescapeString(string(raw)))
	}
	return s.text(raw)
}

// text appends a text to the arena, white space collapsed as document.title
// has it, and cut to Options.MaxText.
func (s *Scanner) text(b []byte) span {
	from := len(s.links.arena)
	out := s.links.arena
	most := s.opts.MaxText
	for i := skipSpace(b, 0); i < len(b); i = skipSpace(b, i) {
		end := until(b, i, space)
		if len(out) > from {
			out = append(out, ' ')
		}
		out = append(out, b[i:min(end, i+most+1)]...)
		i = end
		if len(out)-from > most {
			out = cutText(out, from+most)
			s.draft.textCut = true
			break
		}
	}
	s.links.arena = out
	if len(out) == from {
		return span{}
	}
	return span{from, len(out)}
}

// cutText cuts b to n bytes, or a few less to keep its last character whole.
func cutText(b []byte, n int) []byte {
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[:n]
}
