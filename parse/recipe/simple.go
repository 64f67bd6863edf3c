package recipe

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// metaSource is the content of the metas of a name: <meta name|property|itemprop|http-equiv=NAME content=…>. It is
// looked for in the whole page, wherever it stands.
type metaSource struct{ name string }

func parseMeta(name string) (*metaSource, error) {
	if name = strings.TrimSpace(name); name == "" {
		return nil, errors.New("empty name of a meta element")
	}
	return &metaSource{strings.ToLower(name)}, checkLength(name)
}

func (s *metaSource) find(x *run, _ scope, most int) ([]value, error) {
	root, err := x.top(scope{})
	if root == nil || err != nil {
		return nil, err
	}
	var out []value
	for n := range root.Descendants() {
		if err := x.spend(1); err != nil {
			return nil, err
		}
		if n.DataAtom != atom.Meta || !s.names(n) {
			continue
		}
		content, ok := attribute(n, "content")
		if !ok {
			continue
		}
		if err := x.keep(len(content)); err != nil {
			return nil, err
		}
		if out = append(out, value{data: content}); len(out) == most {
			break
		}
	}
	return out, nil
}

func (s *metaSource) names(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "name", "property", "itemprop", "http-equiv":
			if strings.EqualFold(a.Val, s.name) {
				return true
			}
		}
	}
	return false
}

// SetCookie is the header field that nothing is taken from: its values log in
// whoever has them, and records are given away.
const SetCookie = "Set-Cookie"

// headerSource is the values of a response header field.
type headerSource struct{ name string }

func parseHeader(name string) (*headerSource, error) {
	if !isName(name) || strings.ContainsAny(name, ":,;\\?") {
		return nil, fmt.Errorf("%q is not the name of a header field", name)
	}
	if strings.EqualFold(name, SetCookie) {
		return nil, errors.New("cookies are no data: they are never in a record")
	}
	// The canonical form of RFC 9110 §5.1 names as net/http has it: Content-Type.
	words := strings.Split(strings.ToLower(name), "-")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return &headerSource{strings.Join(words, "-")}, checkLength(name)
}

func (s *headerSource) find(x *run, _ scope, most int) ([]value, error) {
	return texts(x, x.page.header[s.name], most)
}

func texts(x *run, list []string, most int) ([]value, error) {
	var out []value
	for _, s := range list[:min(most, len(list))] {
		if err := x.keep(len(s)); err != nil {
			return nil, err
		}
		out = append(out, value{data: s})
	}
	return out, nil
}

// urlSource is a part of the page's URL.
type urlSource struct {
	part  string // "", "scheme", "host", "port", "path", "query"
	name  string // of a query parameter
	index int    // of a path segment from 1, or from the end below 0; 0 is the whole path
}

const urlParts = "url, scheme, host, port, path, path.N (N-th segment; -1 is the last), query, query.NAME"

func parseURLPart(text string) (*urlSource, error) {
	part, rest, dotted := strings.Cut(text, ".")
	s := &urlSource{part: part}
	switch {
	case part == "query" && dotted && rest != "":
		s.name = rest
		return s, checkLength(text)
	case part == "path" && dotted:
		n, err := strconv.Atoi(rest)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("%q is no part of a URL: %q is no number of a segment (allowed: 1, 2, … or -1, -2, …)", text, rest)
		}
		s.index = n
		return s, nil
	case !dotted && slices.Contains([]string{"url", "scheme", "host", "port", "path", "query"}, part):
		return s, nil
	}
	return nil, fmt.Errorf("%q is no part of a URL (allowed: %s)", text, urlParts)
}

func (s *urlSource) find(x *run, _ scope, most int) ([]value, error) {
	found := slices.DeleteFunc(s.values(x.page), func(s string) bool { return s == "" })
	return texts(x, found, most)
}

func (s *urlSource) values(p *Page) []string {
	switch s.part {
	case "scheme":
		return []string{p.url.Scheme()}
	case "host":
		return []string{p.url.Hostname()}
	case "port":
		return []string{p.url.Port()}
	case "path":
		return []string{segment(p.url.Path(), s.index)}
	case "query":
		if s.name == "" {
			return []string{p.url.Query()}
		}
		return parameters(p.url.Query(), s.name)
	}
	return []string{p.url.String()}
}

// parameters are the values that a query has for a name, read as browsers and most servers do (WHATWG URL §5.1): a semicolon
// is a part of the value, and so is a % that nothing is written with.
func parameters(query, name string) (values []string) {
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if formText(key) == name {
			values = append(values, formText(value))
		}
	}
	return values
}

func formText(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' {
			c = ' '
		} else if c == '%' && i+2 < len(s) {
			if code, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c = byte(code)
				i += 2
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// segment is the n-th segment of a path, unescaped; the path itself if n is 0.
func segment(path string, n int) string {
	if n == 0 {
		return path
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if n < 0 {
		n += len(segments) + 1
	}
	if n < 1 || n > len(segments) {
		return ""
	}
	if s, err := url.PathUnescape(segments[n-1]); err == nil {
		return s
	}
	return segments[n-1]
}
