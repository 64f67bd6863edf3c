package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// usual reads the header of a response as most are: all of it has come, it is of
// HTTP/1.1, answers a GET, and its body has a length; and nothing in it needs to
// be understood. For any other it gives nil and takes nothing: that is for
// http.ReadResponse, which says the same of this one (FuzzResponse) in twice the
// time (BenchmarkHeader), and whose body takes more of it again: 4 % of a page's
// CPU together.
func (c *conn) usual(r *http.Request) *http.Response {
	if r.Method != http.MethodGet {
		return nil
	}
	var h header
	come, _ := c.in.Peek(min(c.in.Buffered(), mostHeader))
	n := h.read(come)
	if n == 0 {
		return nil
	}
	made := &struct {
		resp http.Response
		body sized
	}{http.Response{
		Status: h.status, StatusCode: h.code,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h.fields(), ContentLength: h.length, Request: r, Body: http.NoBody,
	}, sized{c.in, h.length}}
	if h.length > 0 {
		made.resp.Body = &made.body
	}
	c.in.Discard(n)
	return &made.resp
}

const (
	mostHeader = 4 << 10 // bytes; one value that is kept keeps the others
	mostFields = 40
)

// A header is a response's of the usual form.
type header struct {
	status string
	code   int
	length int64
	n      int
	names  [mostFields]string
	values [mostFields][]byte
	size   int // of all values
}

// read takes a header from the beginning of what has come, and gives its length;
// 0 if it is not all there, or not of the usual form.
func (h *header) read(come []byte) int {
	line, rest := cutLine(come)
	if !h.statusLine(line) {
		return 0
	}
	h.length = -1
	for {
		if line, rest = cutLine(rest); line == nil {
			return 0
		}
		if len(line) == 0 {
			if h.length < 0 {
				return 0
			}
			return len(come) - len(rest)
		}
		if !h.field(line) {
			return 0
		}
	}
}

// cutLine cuts off a line that ends with CRLF; nil if there is none.
func cutLine(text []byte) (line, rest []byte) {
	end := bytes.IndexByte(text, '\n')
	if end < 1 || text[end-1] != '\r' {
		return nil, text
	}
	return text[:end-1], text[end+1:]
}

// statusLine reads "HTTP/1.1 200 OK", of a response that has a body.
func (h *header) statusLine(line []byte) bool {
	const before, least = "HTTP/1.1 ", len("HTTP/1.1 200 ")
	if len(line) < least || string(line[:len(before)]) != before || line[least-1] != ' ' || !plain(line) {
		return false
	}
	code, err := strconv.ParseUint(string(line[len(before):least-1]), 10, 16)
	h.code, h.status = int(code), "200 OK"
	if status := line[len(before):]; string(status) != h.status {
		h.status = string(status)
	}
	return err == nil && code >= 200 && code != http.StatusNoContent && code != http.StatusNotModified
}

// field reads "Name: value".
func (h *header) field(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 || h.n == mostFields || !plain(line) {
		return false
	}
	name, ok := canonical(line[:colon])
	value := bytes.Trim(line[colon+1:], " ")
	if !ok || !h.means(name, value) {
		return false
	}
	h.names[h.n], h.values[h.n] = name, value
	h.n++
	h.size += len(value)
	return true
}

// means tells whether a field means nothing to who reads the response, but for
// the length of its body, if that is one number.
func (h *header) means(name string, value []byte) bool {
	switch name {
	case "Transfer-Encoding", "Trailer", "Pragma":
		return false
	case "Connection":
		return strings.EqualFold(string(value), "keep-alive")
	case "Content-Length":
		n, err := strconv.ParseUint(string(value), 10, 63)
		if err != nil || h.length >= 0 {
			return false
		}
		h.length = int64(n)
	}
	return true
}

// plain tells whether a line is of printable characters of ASCII.
func plain(line []byte) bool {
	for _, c := range line {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// fields are the header as a map, of strings of its own.
func (h *header) fields() http.Header {
	var text strings.Builder
	text.Grow(h.size)
	for _, value := range h.values[:h.n] {
		text.Write(value)
	}
	m, values, rest := make(http.Header, h.n), make([]string, h.n), text.String()
	for i, name := range h.names[:h.n] {
		size := len(h.values[i])
		values[i], rest = rest[:size], rest[size:]
		if more, ok := m[name]; ok {
			m[name] = append(more, values[i])
		} else {
			m[name] = values[i : i+1 : i+1]
		}
	}
	return m
}

// canonical is a field's name in its canonical form, if it is of letters, digits
// and hyphens. Those that most responses have are not made anew.
func canonical(name []byte) (string, bool) {
	switch string(name) {
	case "Content-Type":
		return "Content-Type", true
	case "Content-Length":
		return "Content-Length", true
	case "Date":
		return "Date", true
	case "Server":
		return "Server", true
	case "Last-Modified":
		return "Last-Modified", true
	case "ETag", "Etag":
		return "Etag", true
	case "Connection":
		return "Connection", true
	case "Accept-Ranges":
		return "Accept-Ranges", true
	case "Cache-Control":
		return "Cache-Control", true
	case "Expires":
		return "Expires", true
	case "Vary":
		return "Vary", true
	case "Content-Encoding":
		return "Content-Encoding", true
	case "Location":
		return "Location", true
	case "Set-Cookie":
		return "Set-Cookie", true
	}
	for _, c := range name {
		if c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return "", false
		}
	}
	return textproto.CanonicalMIMEHeaderKey(string(name)), true
}

// sized is a body of so many bytes.
type sized struct {
	in   *bufio.Reader
	left int64
}

func (b *sized) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	switch b.left -= int64(n); {
	case b.left == 0:
		err = io.EOF // at once, for the connection to be given back
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Close makes it a response's body. A body's own is what is called.
func (b *sized) Close() error { return nil }
