package output

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/parse/link"
)

// Outcome is the first question of every record: what became of the URL.
type Outcome string

// What became of a URL.
const (
	Fetched Outcome = "fetched" // a response came, whatever its status
	Failed  Outcome = "failed"  // no response, after all tries
	Skipped Outcome = "skipped" // not asked for; Skip says why
)

// A Record is what trawl says of one URL: one flat object, the same for every
// sink and every command. Within a major version fields are only added. A
// field that does not apply is absent, never null.
type Record struct {
	URL          string
	Outcome      Outcome
	Status       int           // HTTP status; 0 when there was no response
	Depth        int           // links from a seed; 0 is a seed
	Via          string        // the page that first linked here
	Seed         string        // the seed the way here began at
	RedirectTo   string        // absolute target of a redirect
	FetchedAt    time.Time     // when the request began; written in UTC, to the millisecond
	Elapsed      time.Duration // from then to its last byte; written in whole milliseconds
	Attempts     int
	IP           string
	Protocol     string
	ContentType  string
	Charset      string
	CharsetFrom  string // bom, header, meta or content
	Bytes        int64  // decoded body; -1 unknown; 0 is written when Fetched
	Truncated    bool
	Limits       []string // the bounds that it went over: body, compressed, ratio, links, …; see Over
	SHA256       string   // hex, of the decoded body
	ETag         string
	LastModified string
	Title        string
	Description  string
	Canonical    string
	Lang         string
	Robots       string      // meta robots and X-Robots-Tag: "noindex, nofollow"
	RobotsTxt    string      // under --robots report: the verdict, with its rule
	Change       string      // since the last run: new, modified, unchanged, gone or moved; "" when there is no past to compare with
	Links        []link.Link // absolute, in page order, each once; nil: none were looked for
	Error        *Error
	Skip         *Skip

	// What a plan of parse/extract takes from a page, as JSON; nil is absent.
	Type         string // item: a thing found on a page; "" is a URL
	Recipe, Item string // what the thing was found by
	Data         json.RawMessage
	Structured   json.RawMessage
	Article      json.RawMessage
	Errors       json.RawMessage // of single fields
	Text         string
	Markdown     string
	HTML         string
	Headers      json.RawMessage // of the response, beside its HTML

	// Shape is what a sink writes instead of the record: what --select made of
	// it, one JSON value.
	Shape json.RawMessage
}

// TypeItem is the type of records that are no URL but a thing found there.
const TypeItem = "item"

// An Error is why there was no response, or that something was cut off it.
type Error struct {
	Kind    string
	Message string
}

// A Skip is why a URL was not asked for.
type Skip struct {
	Rule   string // scope, depth, exclude, robots, …
	Detail string // the text of the rule
}

// TooLarge is the kind of error of what went over a bound.
const TooLarge = "too_large"

// Over says that the page went over bounds, which cut something off it: they
// are among its Limits, and its Error names them all. A page is Fetched all the
// same.
func (r *Record) Over(bounds ...string) {
	r.cut(append(r.Limits, bounds...))
}

// NotOver takes back what Over said of bounds.
func (r *Record) NotOver(bounds ...string) {
	r.cut(slices.DeleteFunc(slices.Clone(r.Limits), func(b string) bool { return slices.Contains(bounds, b) }))
}

func (r *Record) cut(limits []string) {
	if len(limits) == 0 {
		if len(r.Limits) > 0 {
			r.Limits, r.Error = nil, nil
		}
		return
	}
	r.Limits = limits
	r.Error = &Error{Kind: TooLarge, Message: "over --max-" + strings.Join(limits, ", --max-") + ": the rest is left out"}
}
