// Package structured reads what a page says about itself for machines:
// JSON-LD, microdata, RDFa Lite, OpenGraph, Twitter cards and its other metas.
//
// [Extract] takes the page's tree and gives a [Structured], which encodes to
// JSON the same way each time. A vocabulary keeps its own shape:
//
//	json_ld    the values of all blocks as they are written (JSON-LD 1.1), not
//	           expanded; the elements of a block that is an array follow each other
//	microdata  the items at the top, as WHATWG HTML §5.3.1 turns them into JSON
//	rdfa       the items at the top (RDFa Lite 1.1), in the shape of microdata
//	opengraph  https://ogp.me: names without "og:"; images, videos and audio are
//	           lists of objects, what may be repeated a list, all else the first value
//	twitter    names without "twitter:", the first value of each
//	meta       all other metas by their name in lower case, each a list
//
// Pages are written by people, so a JSON-LD block is read as far as it makes
// sense (lenient.go): what was mended and what was lost are told in Errors, and
// never keep the rest from being read.
//
// References become absolute where a vocabulary says that a value is one:
// URLs are those of weburl, but keep their fragments, which tell apart the
// things of a page. What is no http or https URL stays as it is written.
package structured

import (
	"cmp"
	"strings"

	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/internal/flow"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Limits bounds what a page can make of itself. A zero is the default.
type Limits struct {
	Bytes  int // text kept of a page, over all vocabularies; 1 MiB
	Depth  int // objects within objects; 64
	Errors int // faults told, the others are counted in Structured.MoreErrors; 20
}

func (l Limits) orDefaults() Limits {
	return Limits{
		Bytes:  cmp.Or(max(l.Bytes, 0), 1<<20),
		Depth:  cmp.Or(max(l.Depth, 0), 64),
		Errors: cmp.Or(max(l.Errors, 0), 20),
	}
}

// Structured is the structured data of a page. What a page has none of is nil.
type Structured struct {
	// JSONLD holds what encoding/json would decode into an any, with
	// json.Number for numbers.
	JSONLD    []any               `json:"json_ld,omitempty"`
	Microdata []*Item             `json:"microdata,omitempty"`
	RDFa      []*Item             `json:"rdfa,omitempty"`
	OpenGraph map[string]any      `json:"opengraph,omitempty"` // of string, []string, []map[string]string
	Twitter   map[string]string   `json:"twitter,omitempty"`
	Meta      map[string][]string `json:"meta,omitempty"`

	Errors     []Fault `json:"errors,omitempty"`
	MoreErrors int     `json:"more_errors,omitempty"`
	Truncated  bool    `json:"truncated,omitempty"` // there was more than Limits let in
}

// Item is a thing with a type and properties, of microdata or RDFa. A value is
// a string or an *Item.
type Item struct {
	Type       []string         `json:"type,omitempty"`
	ID         string           `json:"id,omitempty"`
	Properties map[string][]any `json:"properties"`
}

// Fault says what was wrong with a part of the page.
type Fault struct {
	Source  string `json:"source"`         // the key of the vocabulary, as json_ld
	Block   int    `json:"block"`          // which one of its kind on the page, from 1
	Line    int    `json:"line,omitempty"` // within the block, from 1; 0 if unknown
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	Lost    bool   `json:"lost"` // something could not be read; otherwise it was mended
}

// Extract reads the structured data of the page that root is the tree of.
// References are resolved against base, the page's URL or what its base
// element says. It does not change the tree.
func Extract(root *html.Node, base weburl.URL, limits Limits) Structured {
	if root == nil {
		return Structured{}
	}
	limits = limits.orDefaults()
	const stepsPerByte = 4
	x := &extraction{
		limits:   limits,
		resolver: weburl.NewResolver(base),
		left:     limits.Bytes,
		steps:    stepsPerByte * limits.Bytes,
	}
	page := survey(root)
	x.jsonLD(page.scripts)
	x.metas(page.metas)
	x.microdata(page)
	x.rdfa(root)
	return x.out
}

// extraction is one run of Extract, and what it may still use up.
type extraction struct {
	limits   Limits
	resolver *weburl.Resolver
	scratch  []byte
	left     int // of limits.Bytes
	steps    int // looks at nodes: itemrefs and items within items multiply them
	out      Structured
}

// spend takes n bytes, and what a value costs beside its text, from the limit.
// It reports whether they were left.
func (x *extraction) spend(n int) bool {
	const overhead = 16
	if x.left < n+overhead {
		x.left = 0
		x.out.Truncated = true
		return false
	}
	x.left -= n + overhead
	return true
}

// step reports whether one more node may be looked at.
func (x *extraction) step() bool {
	x.steps--
	x.out.Truncated = x.out.Truncated || x.steps < 0
	return x.steps >= 0
}

func (x *extraction) fault(f Fault) {
	if len(x.out.Errors) == x.limits.Errors {
		x.out.MoreErrors++
		return
	}
	x.out.Errors = append(x.out.Errors, f)
}

// text is the text of n and all below it, its white space collapsed: nobody
// means the line ends of the markup. Nor does anybody mean the words of two lines
// or paragraphs to be one, as the standard has it.
func (x *extraction) text(n *html.Node) string {
	var b strings.Builder
	gap := false
	for d, apart := range flow.Nodes(n) {
		if !x.step() || b.Len() > x.left {
			break
		}
		gap = gap || apart
		if d.Type == html.TextNode && !rawText(d.Parent) {
			if gap {
				b.WriteByte(' ')
			}
			b.WriteString(d.Data)
			gap = false
		}
	}
	return strings.Join(strings.Fields(valid(b.String())), " ")
}

// absolute returns the URL that ref means, with its fragment, or ref trimmed
// when that is no http or https URL.
func (x *extraction) absolute(ref string) string {
	ref = strings.TrimSpace(valid(ref))
	if ref == "" {
		return ""
	}
	address, fragment, hasFragment := strings.Cut(ref, "#")
	resolved, err := x.resolver.Append(x.scratch[:0], []byte(address))
	x.scratch = resolved
	if err != nil {
		return ref
	}
	if hasFragment {
		resolved = append(append(resolved, '#'), fragment...)
	}
	// The caller spends what is written; a long base makes more of it.
	if len(resolved) > len(ref) && !x.spend(len(resolved)-len(ref)) {
		return ref
	}
	return string(resolved)
}

// valid makes s what JSON can hold.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
