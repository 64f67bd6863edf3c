package link

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// MaxText is the most bytes that a title, a description or any other text of
// a [Document] has, unless the scan says otherwise; what is longer is cut
// between two characters.
const MaxText = 4096

// MaxRaw is the most bytes that the raw form of a link has.
const MaxRaw = 256

// maxScratch is how much text a scanner keeps room for, in bytes: one huge page
// must not stay in memory for ever.
const maxScratch = 1 << 20

// More of these than a page can mean are not kept.
const (
	maxRobots   = 16
	maxHreflang = 1024
)

// Link is a reference to another page or to a part of this one.
type Link struct {
	URL      weburl.URL
	Raw      string // as the page has it, without entities; cut at MaxRaw bytes
	From     Source
	NoFollow bool  // rel has nofollow
	Priority int16 // higher comes first; a scan leaves it at 0
}

// Translation is the same page in another language, as rel=alternate has it.
type Translation struct {
	Lang string // the hreflang attribute: a BCP 47 tag or "x-default"
	URL  weburl.URL
}

// NamedContent is a meta element with a name and a content.
type NamedContent struct{ Name, Content string }

// Document is what a scan found. Its strings and URLs share one allocation.
type Document struct {
	// Base is what references were resolved against: that of the first <base
	// href>, or the page's own URL.
	Base weburl.URL
	// Links has each URL once, in page order, those of the Link header first.
	// A URL found in several places is From the first of them, but navigation
	// goes before everything else; it is NoFollow only if all of them are.
	Links []Link

	Title, Description, Lang string
	Canonical                weburl.URL
	Hreflang                 []Translation

	// Robots has the metas named robots, or as the agent asked for, in order.
	Robots []NamedContent

	// Refresh is where the page sends its reader after RefreshDelay. It is not
	// among the Links. A refresh without a URL is a reload and left out.
	Refresh      weburl.URL
	RefreshDelay time.Duration

	Dropped int  // references that are no http or https URL
	Limited bool // there was more than the limits of the scan let in
	TextCut bool // a text was longer than it may be
}

// Options says what a scan looks for.
type Options struct {
	Assets   bool     // also links of kind Asset
	MaxLinks int      // at most so many links; 0 is no limit
	MaxText  int      // bytes of each text; 0 is the constant of that name
	Agent    string   // product token whose own robots metas are collected, too
	Header   []string // values of the response's Link header fields
	XHTML    bool     // the page is XML: <script/> is closed, and CDATA is text

	// EncodeQuery puts a query in the charset that the page was written in;
	// nil leaves it in UTF-8. It does not concern Header.
	EncodeQuery func(query []byte) []byte
}

// Scanner finds links. Its zero value is ready; it keeps its scratch memory
// from page to page and serves one goroutine.
type Scanner struct {
	opts     Options
	resolver weburl.Resolver
	links    set
	draft    draft
	frame    frame
	depth    int // of srcdoc documents: 0 is the page itself
	tag      tag
	scratch  []byte // decoded attribute values of one tag
}

// frame is the state of one document: the page, or an iframe's srcdoc.
type frame struct {
	body     []byte
	base     weburl.URL
	baseSeen bool
	start    mark
	foreign  foreign
	hasNUL   bool
}

// mark is a state to come back to when a <base> turns up after links.
type mark struct {
	arena, links int
	draft        draft
}

// Scan finds the links and metadata of an HTML page in UTF-8.
func (s *Scanner) Scan(body []byte, page weburl.URL, opts Options) Document {
	s.begin(page, opts)
	s.html(body)
	return s.end()
}

// CSS finds the links of a style sheet in UTF-8.
func (s *Scanner) CSS(body []byte, sheet weburl.URL, opts Options) Document {
	s.begin(sheet, opts)
	if opts.Assets {
		s.css(body, SheetURL, SheetImport)
	}
	return s.end()
}

// Header finds the links of Options.Header alone, for a body without any.
func (s *Scanner) Header(page weburl.URL, opts Options) Document {
	s.begin(page, opts)
	return s.end()
}

func (s *Scanner) begin(page weburl.URL, opts Options) {
	s.opts = opts
	s.opts.MaxText = cmp.Or(opts.MaxText, MaxText)
	s.resolver.Reset(page)
	s.links.reset(opts.MaxLinks)
	s.draft = draft{hreflang: s.draft.hreflang[:0], robots: s.draft.robots[:0]}
	s.frame = frame{base: page, foreign: s.frame.foreign[:0]}
	s.opts.EncodeQuery = nil
	for _, value := range opts.Header {
		s.header(value)
	}
	s.opts.EncodeQuery = opts.EncodeQuery
}

// add takes a reference into the list of links and returns its place there,
// or -1.
func (s *Scanner) add(ref []byte, from Source, nofollow bool) int {
	if from.Kind() == Asset {
		// An empty reference or a fragment is a part of this page, not one more
		// thing to fetch.
		if ref = trim(ref); len(ref) == 0 || ref[0] == '#' {
			return -1
		}
	}
	at, ok := s.resolve(ref)
	if !ok {
		return -1
	}
	i, ok := s.links.insert(at, trim(ref), from, nofollow)
	if !ok {
		s.draft.limited = true
	}
	return i
}

// resolve appends the URL of a reference to the arena.
func (s *Scanner) resolve(ref []byte) (span, bool) {
	if s.opts.EncodeQuery != nil {
		ref = InCharset(ref, s.opts.EncodeQuery)
	}
	from := len(s.links.arena)
	arena, err := s.resolver.Append(s.links.arena, ref)
	if err != nil {
		s.draft.dropped++
		return span{}, false
	}
	s.links.arena = arena
	return span{from, len(arena)}, true
}

// InCharset has the query of a reference encoded, as Options.EncodeQuery does, if
// it has one.
func InCharset(ref []byte, encode func([]byte) []byte) []byte {
	ref, _, _ = bytes.Cut(ref, []byte("#"))
	if path, query, ok := bytes.Cut(ref, []byte("?")); ok {
		return slices.Concat(path, []byte("?"), encode(query))
	}
	return ref
}

// end makes the document and lets go of the page.
func (s *Scanner) end() Document {
	text := string(s.links.arena)
	d := s.draft.document(text)
	d.Base = s.frame.base
	d.Links = s.links.list(text)
	s.frame = frame{foreign: s.frame.foreign[:0]}
	s.opts.Header, s.opts.EncodeQuery = nil, nil
	if cap(s.links.arena)+cap(s.scratch) > maxScratch {
		*s = Scanner{}
	}
	return d
}
