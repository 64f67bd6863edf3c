package recipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Page is one response as fields see it. What is costly is made at most once, and only when something asks for it: the
// tree for selectors, the decoded value for jq. A Page serves one goroutine, and keeps body as long as it lives.
type Page struct {
	url       weburl.URL
	mediaType string
	body      []byte
	header    map[string][]string

	limits TreeLimits
	encode func(query []byte) []byte // nil: queries are in UTF-8

	source once[string]
	tree   once[*goquery.Document]
	xml    bool // … is one of XML
	data   once[any]
	base   once[weburl.URL]
	linked once[[]any]
}

// once is a value that is made when it is first asked for, with the error of making it.
type once[T any] struct {
	made  bool
	value T
	err   error
}

func (o *once[T]) get(make func() (T, error)) (T, error) {
	if !o.made {
		o.value, o.err = make()
		o.made = true
	}
	return o.value, o.err
}

// NewPage returns the page of a response. The media type is that of Content-Type, in lower case and without
// parameters; the body is UTF-8, whatever it was sent in, and must not change afterwards; the header has canonical
// names, as http.Header has.
func NewPage(url weburl.URL, mediaType string, body []byte, header map[string][]string) *Page {
	return &Page{url: url, mediaType: mediaType, body: body, header: header, limits: TreeLimits{}.withDefaults()}
}

// Within sets the limits of the page's tree, before anything asks for it.
func (p *Page) Within(l TreeLimits) *Page {
	p.limits = l.withDefaults()
	return p
}

// EncodingQueries sets what puts the query of a reference in the charset that the page was sent in, as browsers do
// (charset.Detected.QueryEncoder); nil leaves it in UTF-8.
func (p *Page) EncodingQueries(encode func(query []byte) []byte) *Page {
	p.encode = encode
	return p
}

// URL is the page's own.
func (p *Page) URL() weburl.URL { return p.url }

// errNoMarkup and errNoData say that a selector or jq has nothing to look at, which is no fault of the page.
var (
	errNoMarkup = errors.New("the body has no markup")
	errNoData   = errors.New("the body is no JSON")
)

// JSON returns the decoded body of an API response, its numbers as [json.Number]; callers must not change it.
func (p *Page) JSON() (any, error) {
	return p.data.get(func() (any, error) {
		if !p.hasJSON() {
			return nil, errNoData
		}
		v, err := decodeJSON(p.body)
		if err != nil {
			return nil, unreadable{"the body is no valid JSON", err}
		}
		return v, nil
	})
}

// text is the body, copied once: regular expressions give parts of it, and the body's memory is the caller's.
func (p *Page) text() string {
	s, _ := p.source.get(func() (string, error) { return string(p.body), nil })
	return s
}

// firstBase is the element that says what references are resolved against.
var firstBase = goquery.Single("base[href]")

// Base is what the page's references are resolved against: its first <base href>, or its own URL.
func (p *Page) Base() weburl.URL {
	base, _ := p.base.get(func() (weburl.URL, error) {
		doc, err := p.document()
		if err != nil {
			return p.url, nil
		}
		ref, ok := doc.FindMatcher(firstBase).Attr("href")
		if !ok {
			return p.url, nil
		}
		u, err := p.url.Resolve(ref)
		if err != nil {
			return p.url, nil
		}
		return u, nil
	})
	return base
}

// resolve gives the URL that a reference on the page leads to.
func (p *Page) resolve(ref string) (weburl.URL, error) {
	if p.encode != nil {
		ref = string(link.InCharset([]byte(ref), p.encode))
	}
	return p.Base().Resolve(ref)
}

// Readable reports whether fields can be taken from bodies of a media type, in lower case and without parameters: markup
// and JSON. Those of others need not be downloaded for a recipe.
func Readable(mediaType string) bool { return isMarkup(mediaType) || isJSON(mediaType) }

func isMarkup(mediaType string) bool {
	switch mediaType {
	case "text/html", "application/xml", "text/xml":
		return true
	}
	return strings.HasSuffix(mediaType, "+xml")
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

// hasMarkup reports whether selectors apply. A body without a media type is looked at, as servers forget it.
func (p *Page) hasMarkup() bool {
	return isMarkup(p.mediaType) || p.mediaType == "" && p.startsWith("<")
}

// hasJSON reports whether jq applies. Many an API calls its JSON text/html or text/plain, so the first byte counts, too.
func (p *Page) hasJSON() bool { return isJSON(p.mediaType) || p.startsWith("{[") }

// startsWith reports whether the body begins, white space aside, with one of these bytes.
func (p *Page) startsWith(bytesOf string) bool {
	start := bytes.TrimLeft(p.body, " \t\r\n\ufeff")
	return len(start) > 0 && strings.IndexByte(bytesOf, start[0]) >= 0
}

// decodeJSON decodes one JSON text; what follows it is an error. Numbers keep their digits.
func decodeJSON(text []byte) (any, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("it ends too early, after byte %d", len(text))
		}
		place := d.InputOffset() // of the value it is within
		if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
			place = wrong.Offset - 1 // it counts the byte that is wrong
		}
		return nil, fmt.Errorf("after byte %d: %w", place, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("more follows after byte %d", d.InputOffset())
	}
	return v, nil
}

// attribute returns an element's attribute of that name, in lower case.
func attribute(n *html.Node, name string) (string, bool) {
	for i := range n.Attr {
		if n.Attr[i].Key == name && n.Attr[i].Namespace == "" {
			return n.Attr[i].Val, true
		}
	}
	return "", false
}
