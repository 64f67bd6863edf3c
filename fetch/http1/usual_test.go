package http1

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

// has is a connection on which this has come.
func has(text string) *conn {
	c := &conn{in: bufio.NewReaderSize(strings.NewReader(text), 16<<10)}
	c.in.Peek(1)
	return c
}

const (
	typical = "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sun, 29 Nov 2026 01:00:00 GMT\r\nContent-Type: text/html\r\n" +
		"Content-Length: 2\r\nLast-Modified: Wed, 01 Apr 2026 10:00:00 GMT\r\nConnection: keep-alive\r\nETag: \"69ccf2a0-2\"\r\n" +
		"Accept-Ranges: bytes\r\n\r\nhi"
	brief = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
)

// What is not of the usual form is left to net/http, to its last byte. What comes
// of either is FuzzResponse's.
func TestWhichResponsesAreUsual(t *testing.T) {
	with := func(field string) string { return strings.Replace(brief, "\r\n\r\n", "\r\n"+field+"\r\n\r\n", 1) }
	for _, tt := range []struct {
		name, text string
		usual      bool
	}{
		{"typical", typical, true},
		{"brief", brief, true},
		{"no bytes", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", true},
		{"names in small letters", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: b\r\n\r\n", true},
		{"kept, as Apache says it", with("Connection: Keep-Alive"), true},
		{"forty fields", with(strings.TrimSpace(strings.Repeat("A: b\r\n", 39))), true},
		{"one more", with(strings.TrimSpace(strings.Repeat("A: b\r\n", 40))), false},
		{"long", with("A: " + strings.Repeat("b", 4000)), true},
		{"too long", with("A: " + strings.Repeat("b", 4<<10)), false},
		{"not all of it", brief[:len(brief)-2], false},
		{"not a line of it", brief[:9], false},
		{"HTTP/1.0", strings.Replace(brief, "1.1", "1.0", 1), false},
		{"interim", strings.Replace(brief, "200", "103", 1), false},
		{"no content", strings.Replace(brief, "200", "204", 1), false},
		{"not modified", strings.Replace(brief, "200", "304", 1), false},
		{"a status of two digits", strings.Replace(brief, "200", "20", 1), false},
		{"a status of a sign", strings.Replace(brief, "200", "+20", 1), false},
		{"no reason", strings.Replace(brief, " OK", "", 1), false},
		{"no length", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", false},
		{"two lengths", with("Content-Length: 2"), false},
		{"a length of a sign", strings.Replace(brief, ": 2", ": +2", 1), false},
		{"chunks", with("Transfer-Encoding: chunked"), false},
		{"a trailer", with("Trailer: A"), false},
		{"to be closed", with("Connection: close"), false},
		{"an old word for Cache-Control", with("Pragma: no-cache"), false},
		{"a name with a space", with("A b: c"), false},
		{"no name", with(": c"), false},
		{"no colon", with("A"), false},
		{"a line goes on", with("A: b\r\n c"), false},
		{"not ASCII", with("A: ü"), false},
		{"a tab", with("A: b\tc"), false},
		{"LF alone", strings.ReplaceAll(brief, "\r\n", "\n"), false},
		{"CR alone", with("A: b\rc"), false},
	} {
		c := has(tt.text)
		resp := c.usual(&http.Request{Method: http.MethodGet})
		rest, _ := io.ReadAll(c.in)
		_, body, _ := strings.Cut(tt.text, "\r\n\r\n")
		if !tt.usual {
			body = tt.text
		}
		if (resp != nil) != tt.usual || string(rest) != body {
			t.Errorf("%s: usual %v and %q left, want %v and %q", tt.name, resp != nil, rest, tt.usual, body)
		}
	}
	if has(brief).usual(&http.Request{Method: http.MethodHead}) != nil {
		t.Error("the response to a HEAD has no body")
	}
}

// BenchmarkHeader reads a typical header with net/http and as the usual one.
//
//	go test ./fetch/http1 -run '^$' -bench Header -count 5
func BenchmarkHeader(b *testing.B) {
	r := &http.Request{Method: http.MethodGet}
	text := strings.NewReader(typical)
	c := &conn{in: bufio.NewReader(text)}
	for _, tt := range []struct {
		name string
		read func() *http.Response
	}{
		{"net/http", func() *http.Response { resp, _ := http.ReadResponse(c.in, r); return resp }},
		{"usual", func() *http.Response { return c.usual(r) }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				text.Reset(typical)
				c.in.Reset(text)
				c.in.Peek(1)
				if resp := tt.read(); resp == nil || len(resp.Header) != 8 {
					b.Fatal(resp)
				}
			}
		})
	}
}
