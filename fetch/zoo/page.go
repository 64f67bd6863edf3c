package zoo

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const htmlType = "text/html; charset=utf-8"

// okHead is the start of a response's header, which the case goes on with.
const okHead = "HTTP/1.1 200 OK\r\nContent-Type: " + htmlType + "\r\n"

// document is a small page with a title, links and words.
func document(title string, links ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html><title>%s</title>\n", html.EscapeString(title))
	for _, l := range links {
		fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a>\n", html.EscapeString(l), html.EscapeString(l))
	}
	return b.String()
}

// response is body as a whole HTTP/1.1 response.
func response(body string) string {
	return okHead + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// send answers with a body of a media type; "" sends no Content-Type.
func send(w http.ResponseWriter, contentType, body string) {
	w.Header()["Content-Type"] = nil // else net/http guesses one
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	_, _ = io.WriteString(w, body)
}

func sendHTML(w http.ResponseWriter, body string) { send(w, htmlType, body) }

// plain answers with a page whose title is its path, or the case's name.
func plain(s *site, w http.ResponseWriter, r *http.Request) {
	title := s.path(r)
	if title == "" {
		title = s.name
	}
	sendHTML(w, document(title))
}

// linking is plain, with links on the seed.
func linking(links ...string) handler {
	return func(s *site, w http.ResponseWriter, r *http.Request) {
		if s.path(r) == "" {
			sendHTML(w, document(s.name, links...))
			return
		}
		plain(s, w, r)
	}
}

// body answers the seed with a page, and is plain otherwise.
func body(contentType, text string) handler {
	return func(s *site, w http.ResponseWriter, r *http.Request) {
		if s.path(r) == "" {
			send(w, contentType, text)
			return
		}
		plain(s, w, r)
	}
}

// flood writes text n times; for ever if n is negative.
func flood(w io.Writer, text string, n int) {
	per := max(1, 64<<10/len(text))
	chunk := strings.Repeat(text, per)
	for n != 0 {
		k := per
		if n > 0 {
			k = min(per, n)
			n -= k
		}
		if _, err := io.WriteString(w, chunk[:k*len(text)]); err != nil {
			return
		}
	}
}

// each writes n pieces that are not the same.
func each(w io.Writer, n int, piece func(i int) string) {
	out := bufio.NewWriterSize(w, 64<<10)
	for i := range n {
		if _, err := out.WriteString(piece(i)); err != nil {
			return
		}
	}
	_ = out.Flush() // whoever has gone reads no more
}

// numbered makes paths: prefix1 … prefixN.
func numbered(prefix string, n int) []string {
	paths := make([]string, n)
	for i := range paths {
		paths[i] = prefix + strconv.Itoa(i+1)
	}
	return paths
}

// index is the page that links to every case.
func (z *Zoo) index(w http.ResponseWriter) {
	var b strings.Builder
	b.WriteString("<!doctype html><title>trawl testsite</title>\n<h1>What the hostile web sends</h1>\n")
	var last Group
	for _, c := range Cases() {
		if c.Group != last {
			last = c.Group
			fmt.Fprintf(&b, "<h2>%s</h2>\n", last)
		}
		fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a>: %s\n", z.Seeds(c.Name)[0], c.Name, html.EscapeString(c.Does))
	}
	sendHTML(w, b.String())
}
