// Package extract is what to take out of pages besides links, as one plan for
// a crawl and for saved pages alike.
//
//	Plan ── fields, recipes, structured data, text, Markdown, feeds
//	Plan.Page(ctx, Input) ──► Harvest: the data of the page, its items, the links to follow
//
// It puts the parts together and knows none of their business: parse/recipe
// takes fields, parse/structured, parse/article and parse/feed the rest. All of
// them share one tree, which is made when the first of them asks for it.
package extract

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/article"
	"github.com/trawl-crawler/trawl/parse/charset"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/structured"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Plan says what to take. The zero value and nil are nothing. It never changes
// once made, and goroutines share it.
type Plan struct {
	Fields  *recipe.Recipe   // its first item is the page's own data; its follow counts too; nil: none
	Recipes []*recipe.Recipe // each of their items is a thing of its own

	Structured bool // what the page says of itself for machines
	Text       bool // its main text
	Markdown   bool // … as Markdown
	Article    bool // what is known about its main text
	HTML       bool // the body itself, in UTF-8
	Feed       bool // the items of a feed

	Tree recipe.TreeLimits // of which pages no tree is made
}

// Input is a response.
type Input struct {
	URL       weburl.URL
	MediaType string // lower case, without parameters
	Text      []byte // the body in UTF-8; the caller's again after Page
	Charset   string // what it was sent in, as charset.Detected names it; empty is UTF-8
	Header    map[string][]string
}

// Harvest is what one page gave. Nothing of it refers to the Input.
type Harvest struct {
	Data   recipe.Object // nil: there are no Fields
	Errors []recipe.FieldError
	Items  []recipe.Item

	Structured     *structured.Structured // nil: not asked for, or the page has no markup
	Article        *article.Article
	Text, Markdown string
	HTML           string
	Header         map[string][]string // beside HTML, without Set-Cookie: whoever reads it can log in

	Fill    []Fill
	Dropped int // items that their recipe drops for an error

	Follow []recipe.Target // by priority; only these links are to be taken, if Follows
	Built  bool            // something asked for the page's tree
	Over   string          // which of Plan.Tree's limits the page is over, if something asked: OverTags, …
}

// Fill is how often a field found something.
type Fill struct {
	Recipe string
	recipe.Fill
}

// Wants reports whether there is something to take from bodies of a media type.
func (p *Plan) Wants(mediaType string) bool {
	switch {
	case p == nil:
		return false
	case mediaType == "text/plain":
		return p.Text || p.HTML || p.recipes()
	case p.Structured || p.Text || p.Markdown || p.Article || p.HTML:
		if parse.IsHTML(mediaType) {
			return true
		}
	}
	return (p.recipes() || p.Feed || p.HTML) && recipe.Readable(mediaType)
}

func (p *Plan) recipes() bool { return p.Fields != nil || len(p.Recipes) > 0 }

// all are the recipes, those of the flags first.
func (p *Plan) all() []*recipe.Recipe {
	if p == nil || p.Fields == nil {
		return p.files()
	}
	return append([]*recipe.Recipe{p.Fields}, p.Recipes...)
}

func (p *Plan) files() []*recipe.Recipe {
	if p == nil {
		return nil
	}
	return p.Recipes
}

// Follows reports whether the plan names the links to take: a page's others are
// not followed then.
func (p *Plan) Follows() bool {
	return slices.ContainsFunc(p.all(), (*recipe.Recipe).Follows)
}

// Prioritizes reports whether some of these links are to come before others.
func (p *Plan) Prioritizes() bool {
	return slices.ContainsFunc(p.all(), (*recipe.Recipe).Prioritizes)
}

// Skips reports whether a recipe says that u is not to be fetched.
func (p *Plan) Skips(u weburl.URL) bool {
	return slices.ContainsFunc(p.files(), func(r *recipe.Recipe) bool { return r.Skips(u) })
}

// Skip lists the patterns of what [Plan.Skips].
func (p *Plan) Skip() (all []recipe.Pattern) {
	for _, r := range p.files() {
		all = append(all, r.Skip()...)
	}
	return all
}

// Items reports whether pages give things of their own.
func (p *Plan) Items() bool { return p != nil && (p.Feed || len(p.Recipes) > 0) }

// Has reports whether the plan has a field of that name, as Fill names it.
func (p *Plan) Has(field string) bool {
	return slices.ContainsFunc(p.all(), func(r *recipe.Recipe) bool { return r.HasField(field) })
}

// Named are the names that items have as their recipe.
func (p *Plan) Named() (names []string) {
	for _, r := range p.files() {
		names = append(names, r.Name())
	}
	if p != nil && p.Feed {
		names = append(names, FeedItem)
	}
	return names
}

// Fill names the fields of all recipes, with no counts.
func (p *Plan) Fill() (all []Fill) {
	for _, r := range p.all() {
		for _, f := range r.Fill() {
			all = append(all, Fill{r.Name(), f})
		}
	}
	return all
}

// Page takes what the plan says from one response. The error is that of ctx,
// and then the harvest is incomplete. What panics on the page is not taken from
// it, and among the harvest's Errors.
func (p *Plan) Page(ctx context.Context, in Input) (Harvest, error) {
	var h Harvest
	if !p.Wants(in.MediaType) && in.MediaType != "" {
		return h, nil
	}
	page := recipe.NewPage(in.URL, in.MediaType, in.Text, in.Header).Within(p.Tree)
	if parse.IsHTML(in.MediaType) {
		page.EncodingQueries(charset.Detected{Name: in.Charset}.QueryEncoder())
	}
	var err error
	h.contain("fields", func() { err = p.fields(ctx, page, &h) })
	if err != nil {
		return h, err
	}
	if p.HTML {
		h.HTML = string(in.Text)
		h.Header = maps.Clone(in.Header)
		delete(h.Header, recipe.SetCookie)
	}
	if p.Feed {
		h.contain("feed", func() { h.feed(in) })
	}
	h.contain("page", func() { p.main(page, in, &h) })
	h.Built, h.Over = page.TreeBuilt(), page.Over()
	return h, ctx.Err()
}

// fields takes what recipes name.
func (p *Plan) fields(ctx context.Context, page *recipe.Page, h *Harvest) error {
	for _, r := range p.all() {
		found, err := r.Extract(ctx, page)
		if err != nil {
			return err
		}
		for _, f := range found.Fill {
			h.Fill = append(h.Fill, Fill{r.Name(), f})
		}
		h.Dropped += found.Dropped
		h.Errors = append(h.Errors, found.Errors...)
		if r == p.Fields {
			for _, it := range found.Items {
				h.Data, h.Errors = it.Data, append(h.Errors, it.Errors...)
			}
		} else {
			h.Items = append(h.Items, found.Items...)
		}
		if r.Follows() {
			targets, errs := r.Follow(ctx, page)
			h.Follow, h.Errors = append(h.Follow, targets...), append(h.Errors, errs...)
		}
	}
	slices.SortStableFunc(h.Follow, func(a, b recipe.Target) int { return b.Priority - a.Priority })
	return ctx.Err()
}

// Sum tells plans apart, also those of other processes; that of one which takes
// nothing is 0.
func (p *Plan) Sum() uint32 {
	if p == nil || p.Nothing() {
		return 0
	}
	sum := xxh3.New()
	for _, r := range p.all() {
		fmt.Fprintf(sum, "%q", r.Source())
	}
	fmt.Fprint(sum, p.Structured, p.Text, p.Markdown, p.Article, p.HTML, p.Feed)
	return max(1, uint32(sum.Sum64()))
}

// Nothing reports whether the plan is to take nothing.
func (p *Plan) Nothing() bool {
	return !p.recipes() && !p.Structured && !p.Text && !p.Markdown && !p.Article && !p.HTML && !p.Feed
}
