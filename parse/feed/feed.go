// Package feed reads RSS (0.9 to 2.0, RDF), Atom (RFC 4287) and JSON Feed
// (https://www.jsonfeed.org/version/1.1/) into items of one shape.
//
// The formats are gofeed's to know; [Parse] bounds what it is given and what
// it gives, makes references absolute and dates RFC 3339, and reads a feed
// that is cut short up to its last whole item.
package feed

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/trawl-crawler/trawl/parse/internal/zone"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

var (
	ErrNotFeed = errors.New("not a feed: neither RSS, Atom nor JSON Feed")
	ErrBroken  = errors.New("broken feed")
)

// Limits bounds a feed. A zero is the default.
type Limits struct {
	Items int // the first of a feed; 10,000
	Field int // bytes of a text, what is longer is cut; 1 MiB
}

// Feed is a feed. What it does not say is empty.
type Feed struct {
	Title    string `json:"title,omitempty"`
	URL      string `json:"url,omitempty"` // the page that it is the feed of
	Language string `json:"language,omitempty"`
	Items    []Item `json:"items"`

	Truncated bool `json:"truncated,omitempty"` // there was more than Limits let in, or the feed is cut short
}

// Item is an item of a feed. URLs are absolute, dates are in RFC 3339, UTC.
type Item struct {
	Title      string      `json:"title,omitempty"`
	URL        string      `json:"url,omitempty"`
	ID         string      `json:"id,omitempty"`
	Published  string      `json:"published,omitempty"`
	Updated    string      `json:"updated,omitempty"`
	Author     string      `json:"author,omitempty"`  // several are separated by "; "
	Summary    string      `json:"summary,omitempty"` // text or HTML
	Content    string      `json:"content,omitempty"` // HTML
	Categories []string    `json:"categories,omitempty"`
	Enclosures []Enclosure `json:"enclosures,omitempty"`
}

// Enclosure is a file that belongs to an item.
type Enclosure struct {
	URL    string `json:"url"`
	Type   string `json:"type,omitempty"`
	Length string `json:"length,omitempty"` // bytes, as the feed gives it
}

// Parse reads a feed. The text is UTF-8, whatever its XML declaration says.
// References are resolved against base, the feed's URL, where the feed has no
// xml:base. The error is ErrNotFeed or ErrBroken.
func Parse(text []byte, base weburl.URL, limits Limits) (Feed, error) {
	text = prepare(text)
	if !bytes.HasPrefix(text, []byte("{")) && depth(text) > maxDepth { // what looks like elements in a JSON Feed is text
		return Feed{}, fmt.Errorf("%w: elements are nested deeper than %d", ErrBroken, maxDepth)
	}
	found, short, err := read(text)
	if err != nil {
		return Feed{}, err
	}
	c := converter{
		resolver: weburl.NewResolver(base),
		items:    cmp.Or(max(limits.Items, 0), 10_000),
		field:    cmp.Or(max(limits.Field, 0), 1<<20),
	}
	f := c.feed(found)
	f.Truncated = f.Truncated || short
	return f, nil
}

// read gives what gofeed makes of text, or of its whole items.
func read(text []byte) (found *gofeed.Feed, short bool, err error) {
	found, err = parser().Parse(bytes.NewReader(text))
	if err == nil {
		return found, false, nil
	}
	if errors.Is(err, gofeed.ErrFeedTypeNotDetected) {
		return nil, false, ErrNotFeed
	}
	if whole := wholeItems(text); whole != nil {
		if found, err := parser().Parse(bytes.NewReader(whole)); err == nil {
			return found, true, nil
		}
	}
	return nil, false, fmt.Errorf("%w: %w", ErrBroken, err)
}

type converter struct {
	resolver     *weburl.Resolver
	items, field int
	cut          bool
}

func (c *converter) feed(found *gofeed.Feed) Feed {
	f := Feed{
		Title:    c.line(found.Title),
		URL:      c.url(found.Link),
		Language: c.line(found.Language),
		Items:    []Item{},
	}
	for i, item := range found.Items {
		if i == c.items {
			c.cut = true
			break
		}
		if item != nil {
			f.Items = append(f.Items, c.item(item))
		}
	}
	f.Truncated = c.cut
	return f
}

func (c *converter) item(from *gofeed.Item) Item {
	item := Item{
		Title:     c.line(from.Title),
		URL:       c.url(from.Link),
		ID:        c.line(from.GUID),
		Published: date(from.PublishedParsed, from.Published),
		Updated:   date(from.UpdatedParsed, from.Updated),
		Author:    c.authors(from.Authors),
		Summary:   c.text(from.Description),
		Content:   c.text(from.Content),
	}
	if item.URL == "" && isPermalink(from) {
		item.URL = c.url(item.ID)
	}
	for _, category := range from.Categories {
		if category = c.line(category); category != "" && !slices.Contains(item.Categories, category) {
			item.Categories = append(item.Categories, category)
		}
	}
	for _, e := range from.Enclosures {
		if e != nil && e.URL != "" {
			item.Enclosures = append(item.Enclosures, Enclosure{URL: c.url(e.URL), Type: c.line(e.Type), Length: c.line(e.Length)})
		}
	}
	return item
}

func (c *converter) authors(people []*gofeed.Person) string {
	var names []string
	for _, p := range people {
		if p == nil {
			continue
		}
		if name := c.line(cmp.Or(p.Name, p.Email)); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, "; ")
}

// date is t in RFC 3339, which has four digits for a year. What gofeed could not read may be a date of mail all the same,
// such as one with its zone in a comment: "-0500 (CDT)".
func date(t *time.Time, text string) string {
	if t == nil {
		const longest = 64
		mail, err := zone.Mail(text[:min(len(text), longest)])
		if err != nil {
			return ""
		}
		t = &mail
	}
	if t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// url makes a reference absolute; what is no http or https URL stays as it is.
func (c *converter) url(ref string) string {
	ref = c.line(ref)
	if ref == "" {
		return ""
	}
	address, fragment, hasFragment := strings.Cut(ref, "#")
	resolved, err := c.resolver.Append(nil, []byte(address))
	if err != nil {
		return ref
	}
	if hasFragment {
		return string(resolved) + "#" + fragment
	}
	return string(resolved)
}

// line is a text without white space around and within, but single spaces.
func (c *converter) line(s string) string { return strings.Join(strings.Fields(c.text(s)), " ") }

func (c *converter) text(s string) string {
	if len(s) > c.field {
		s, c.cut = s[:c.field], true
	}
	return strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
}
