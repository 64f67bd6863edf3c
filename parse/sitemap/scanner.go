package sitemap

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A scanner cuts XML into tags and text. It goes on after a fault and remembers the first.
type scanner struct {
	r     *bufio.Reader
	place int64 // bytes read so far

	name     []byte // of the tag read last, with its prefix
	attrs    []byte // the rest of that tag, raw
	selfEnds bool   // that tag was <a/>

	keep bool   // whether text is wanted
	text []byte // what was wanted and came; set to text[:0] by the one who wants
	long bool   // text had more than MaxValue bytes, which are not kept

	fault error
}

type token int

const (
	startTag token = iota
	endTag
)

// maxTag is how much of a tag is kept. What comes later in it (a picture in a data URL) is dropped.
const maxTag = 32 << 10

// next reads up to and including the next tag. The error is io.EOF or the reader's.
func (s *scanner) next() (token, error) {
	for {
		if err := s.readText(); err != nil {
			return 0, err
		}
		c, err := s.peek()
		if err != nil {
			return 0, s.cut(err)
		}
		switch {
		case c == '!':
			err = s.markup()
		case c == '?':
			err = s.skip("?>")
		case c == '/':
			s.advance(1)
			if whole, err := s.readTag(); err != nil || whole {
				return endTag, err
			}
		case isNameStart(c):
			if whole, err := s.readTag(); err != nil || whole {
				return startTag, err
			}
		default:
			s.broken("a %s that begins no tag", []byte("<"))
			s.add("<")
		}
		if err != nil {
			return 0, s.cut(err)
		}
	}
}

// readText reads up to and including the next "<", and keeps what is before it if it is wanted. Its references are decoded.
func (s *scanner) readText() error {
	from := len(s.text)
	for {
		chunk, err := s.r.ReadSlice('<')
		s.place += int64(len(chunk))
		if err == nil {
			chunk = chunk[:len(chunk)-1]
		}
		s.addBytes(chunk)
		if err != bufio.ErrBufferFull {
			s.text = append(s.text[:from], decodeReferences(s.text[from:])...)
			return err
		}
	}
}

// markup reads what follows "<" and begins with "!": a comment, a CDATA section, whose text may be wanted, or a document
// type, which is not heard.
func (s *scanner) markup() error {
	switch start, _ := s.r.Peek(len("![CDATA[")); {
	case bytes.HasPrefix(start, []byte("!--")):
		s.advance(len("!--"))
		return s.skip("-->")
	case bytes.HasPrefix(start, []byte("![CDATA[")):
		s.advance(len("![CDATA["))
		return s.cdata()
	default:
		return s.doctype()
	}
}

// cdata keeps the text up to "]]>" as it is.
func (s *scanner) cdata() error {
	brackets := 0
	for {
		c, err := s.byte()
		if err != nil {
			return err
		}
		switch {
		case c == '>' && brackets >= 2:
			for range brackets - 2 {
				s.add("]")
			}
			return nil
		case c == ']':
			brackets++
			continue
		}
		for ; brackets > 0; brackets-- {
			s.add("]")
		}
		s.addBytes([]byte{c})
	}
}

// doctype passes over <!DOCTYPE …>, its internal subset with it.
func (s *scanner) doctype() error {
	quote, depth := byte(0), 1
	for depth > 0 {
		c, err := s.byte()
		if err != nil {
			return err
		}
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			depth--
		case c == '<':
			if start, _ := s.r.Peek(len("!--")); string(start) == "!--" { // an apostrophe in a comment is no quote
				s.advance(len("!--"))
				if err := s.skip("-->"); err != nil {
					return err
				}
				continue
			}
			depth++
		}
	}
	return nil
}

// skip passes over everything up to and including end, which is two or three bytes.
func (s *scanner) skip(end string) error {
	var last [3]byte
	for {
		c, err := s.byte()
		if err != nil {
			return err
		}
		last = [3]byte{last[1], last[2], c}
		if bytes.HasSuffix(last[:], []byte(end)) {
			return nil
		}
	}
}

// readTag reads the name and attributes up to ">". A "<" on the way means that the tag was never closed: it is then dropped
// (whole is false) and what begins there is read next.
func (s *scanner) readTag() (whole bool, err error) {
	s.name = s.name[:0]
	quote, last := byte(0), byte(0)
	for {
		c, err := s.byte()
		switch {
		case err != nil:
			return false, s.cut(err)
		case c == '<':
			s.broken("the tag <%.40s has no end", s.name)
			s.place--
			return false, s.r.UnreadByte()
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			s.splitTag(last == '/')
			return true, nil
		}
		if len(s.name) < maxTag {
			s.name = append(s.name, c)
		}
		last = c
	}
}

// splitTag parts the tag, which is all in name, into name and attributes.
func (s *scanner) splitTag(selfEnds bool) {
	tag := s.name
	if s.selfEnds = selfEnds; selfEnds {
		tag = bytes.TrimSuffix(tag, []byte("/"))
	}
	end := 0
	for end < len(tag) && !isSpace(tag[end]) && tag[end] != '/' {
		end++
	}
	s.name, s.attrs = tag[:end], tag[end:]
}

func (s *scanner) add(text string) { s.addBytes([]byte(text)) }

func (s *scanner) addBytes(text []byte) {
	if !s.keep {
		return
	}
	if len(s.text)+len(text) > MaxValue {
		s.long = true
		return
	}
	s.text = append(s.text, text...)
}

func (s *scanner) byte() (byte, error) {
	c, err := s.r.ReadByte()
	if err == nil {
		s.place++
	}
	return c, err
}

func (s *scanner) peek() (byte, error) {
	b, err := s.r.Peek(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// advance passes over n bytes that were peeked at.
func (s *scanner) advance(n int) {
	n, _ = s.r.Discard(n)
	s.place += int64(n)
}

// broken remembers the first fault. what has a verb for the name of the element at fault; it is filled in here, for a
// hostile file has millions of faults that nobody reads.
func (s *scanner) broken(what string, name []byte) {
	if s.fault == nil {
		s.fault = fmt.Errorf("sitemap: %w: at byte %d of its text: "+what, ErrBroken, s.place, name)
	}
}

// cut notes an end of the input in the midst of a tag.
func (s *scanner) cut(err error) error {
	if errors.Is(err, io.EOF) {
		s.broken("it ends within a tag, the last being <%.40s>", s.name)
	}
	return err
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func isNameStart(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == ':' || c >= 0x80
}
