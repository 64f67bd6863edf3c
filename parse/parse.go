// Package parse turns the bytes of a page into their meaning: links, metadata
// and what the page asks of crawlers.
//
// Everything in parse and below is a pure function of its input: no I/O, no
// goroutines, no clock. A [Parser] puts the parts together for one page:
//
//	charset  which encoding the bytes are in, and the bytes in UTF-8
//	link     one pass for links and metadata, without a tree
//	robots   X-Robots-Tag and the robots metas, in one answer
//	weburl   the canonical URL, which all of them speak
package parse

import (
	"fmt"
	"time"

	"github.com/trawl-crawler/trawl/parse/charset"
	"github.com/trawl-crawler/trawl/parse/internal/contain"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/robots"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Input is a response as it came. The header fields are those of the same name.
type Input struct {
	URL           weburl.URL
	MediaType     string // that of Content-Type, in lower case and without parameters
	ContentType   string
	LinkHeader    []string
	RobotsTag     []string // X-Robots-Tag
	RefreshHeader string
	Body          []byte // content codings undone; the caller's again after Parse
}

// Result is what a page means. Its texts and URLs share one allocation of
// their own: what outlives the page should be cloned. Text alone is the
// body's.
type Result struct {
	// Text is the body in UTF-8, of what is Parseable; it may be the body itself.
	Text []byte

	Links    []link.Link // each URL once, those of the Link header first, then in page order
	Hreflang []link.Translation

	Title, Description, Lang string

	Canonical    weburl.URL
	Refresh      weburl.URL // where the page sends its reader, after RefreshDelay; not among Links
	RefreshDelay time.Duration

	// Charset is the zero value for a body that is not Parseable.
	Charset charset.Detected
	Robots  robots.Directives // of the header and of the page together

	Dropped int  // references that are no http or https URL
	Limited bool // there was more than MaxLinks or another limit lets in
	TextCut bool // the title, the description or another text was longer than MaxText
}

// Options says what a [Parser] looks for.
type Options struct {
	Assets   bool   // also links to what a page needs to be rendered
	Agent    string // product token ("trawl"), whose own robots directives count beside those for all
	MaxLinks int    // links kept of one page; 0 is no limit
	MaxText  int    // bytes of a title, a description or the like; 0 is link.MaxText
}

// Parser parses one page after another and keeps its scratch memory. It serves
// one goroutine.
type Parser struct {
	opts    Options
	scanner link.Scanner
}

// NewParser returns a parser.
func NewParser(opts Options) *Parser { return &Parser{opts: opts} }

// Parse finds what a response means. Of a media type that is not [Parseable]
// only the header fields count.
func (p *Parser) Parse(in Input) (Result, error) {
	var (
		doc      link.Document
		text     []byte
		detected charset.Detected
		err      error
	)
	if panicked := contain.Run(func() { doc, text, detected, err = p.scan(in) }); panicked != nil {
		p.scanner, err = link.Scanner{}, panicked
	}
	if err != nil {
		return Result{}, fmt.Errorf("parse %s: %w", in.URL, err)
	}
	r := Result{
		Text:         text,
		Links:        doc.Links,
		Hreflang:     doc.Hreflang,
		Title:        doc.Title,
		Description:  doc.Description,
		Lang:         doc.Lang,
		Canonical:    doc.Canonical,
		Refresh:      doc.Refresh,
		RefreshDelay: doc.RefreshDelay,
		Charset:      detected,
		Robots:       robots.ParseTag(in.RobotsTag, p.opts.Agent),
		Dropped:      doc.Dropped,
		Limited:      doc.Limited,
		TextCut:      doc.TextCut,
	}
	for _, meta := range doc.Robots {
		r.Robots = r.Robots.Or(robots.ParseDirectives(meta.Content))
	}
	r.refreshBy(in)
	return r, nil
}

// scan finds the links of a response, by its media type.
func (p *Parser) scan(in Input) (link.Document, []byte, charset.Detected, error) {
	opts := link.Options{
		Assets:   p.opts.Assets,
		MaxLinks: p.opts.MaxLinks,
		MaxText:  p.opts.MaxText,
		Agent:    p.opts.Agent,
		Header:   in.LinkHeader,
		XHTML:    in.MediaType == xhtml,
	}
	if !Parseable(in.MediaType) {
		return p.scanner.Header(in.URL, opts), nil, charset.Detected{}, nil
	}
	detected := charset.Detect(in.Body, in.ContentType)
	text, err := detected.Decode(in.Body)
	if err != nil {
		return link.Document{}, nil, detected, err
	}
	if IsCSS(in.MediaType) {
		return p.scanner.CSS(text, in.URL, opts), text, detected, nil
	}
	opts.EncodeQuery = detected.QueryEncoder()
	return p.scanner.Scan(text, in.URL, opts), text, detected, nil
}

// refreshBy lets a Refresh header go before that of the page, as it comes
// first (HTML §7.4.6.3).
func (r *Result) refreshBy(in Input) {
	delay, ref, ok := link.Refresh(in.RefreshHeader)
	if !ok || ref == "" {
		return
	}
	target, err := in.URL.Resolve(ref)
	if err != nil {
		r.Dropped++
		return
	}
	r.Refresh, r.RefreshDelay = target, delay
}
