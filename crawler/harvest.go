package crawler

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/charset"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Saved makes of a page that is at hand what a crawl makes of the same
// response: its record, which it completes, and those of the items on it.
func Saved(ctx context.Context, p *parse.Parser, plan *extract.Plan, page *fetch.Page) (*output.Record, []*output.Record, extract.Harvest, error) {
	found, err := p.Parse(inputOf(page))
	if err != nil {
		return nil, nil, extract.Harvest{}, err
	}
	r := &output.Record{URL: page.URL.String(), Outcome: output.Fetched}
	fill(r, page, &found)
	h, err := harvest(ctx, plan, page, &found)
	return r, records(r, &h), h, err
}

// Reread takes from the html of a record what a crawl took from the response,
// byte for byte the same. It puts it into the record, in place of what was
// taken before, and returns the records of the items.
func Reread(ctx context.Context, plan *extract.Plan, r *output.Record) ([]*output.Record, extract.Harvest, error) {
	u, err := weburl.Parse(r.URL)
	if err != nil {
		return nil, extract.Harvest{}, err
	}
	header := http.Header{}
	if len(r.Headers) > 0 {
		if err := json.Unmarshal(r.Headers, &header); err != nil {
			return nil, extract.Harvest{}, fmt.Errorf("%s: headers: %w", r.URL, err)
		}
	}
	if r.ContentType != "" && header.Get("Content-Type") == "" {
		header.Set("Content-Type", r.ContentType)
	}
	body := []byte(r.HTML)
	mediaType := fetch.MediaType(header, body)
	if mediaType == "text/plain" && len(header) == 0 { // no record of a crawl, which has the header
		mediaType = "text/html"
	}
	h, err := plan.Page(ctx, extract.Input{URL: u, MediaType: mediaType, Text: body, Charset: r.Charset, Header: header})
	r.Data, r.Structured, r.Article, r.Errors = nil, nil, nil, nil
	r.NotOver(recipe.OverTags, recipe.OverAttributes, recipe.OverNesting)
	return records(r, &h), h, err
}

// inputOf is a response as the parser wants it.
func inputOf(page *fetch.Page) parse.Input {
	return parse.Input{
		URL:           page.URL,
		MediaType:     page.MediaType,
		ContentType:   fetch.ContentType(page.Header),
		LinkHeader:    page.Header.Values("Link"),
		RobotsTag:     page.Header.Values("X-Robots-Tag"),
		RefreshHeader: page.Header.Get("Refresh"),
		Body:          page.Body,
	}
}

// harvest takes from a page what the plan says.
func harvest(ctx context.Context, plan *extract.Plan, page *fetch.Page, found *parse.Result) (extract.Harvest, error) {
	if plan == nil || len(page.Body) == 0 {
		return extract.Harvest{}, nil
	}
	text := found.Text
	if text == nil {
		var err error
		if text, err = charset.Detect(page.Body, fetch.ContentType(page.Header)).Decode(page.Body); err != nil {
			return extract.Harvest{}, err
		}
	}
	return plan.Page(ctx, extract.Input{URL: page.URL, MediaType: page.MediaType, Text: text, Charset: found.Charset.Name, Header: page.Header})
}

// records puts a harvest into the page's record, and makes those of its items.
func records(r *output.Record, h *extract.Harvest) []*output.Record {
	if h.Data != nil {
		r.Data = h.Data.AppendJSON(nil)
	}
	if h.Structured != nil {
		r.Structured = encode(h.Structured)
	}
	if h.Article != nil {
		r.Article = encode(h.Article)
	}
	if len(h.Errors) > 0 {
		r.Errors = encode(h.Errors)
	}
	if h.Over != "" {
		r.Over(h.Over)
	}
	r.Text, r.Markdown, r.HTML, r.Headers = h.Text, h.Markdown, h.HTML, nil
	if h.Header != nil {
		r.Headers = encode(h.Header)
	}
	items := make([]*output.Record, len(h.Items))
	for i, it := range h.Items {
		items[i] = &output.Record{
			Type: output.TypeItem, Recipe: it.Recipe, Item: it.Name,
			URL: r.URL, Outcome: output.Fetched, Via: r.Via, Seed: r.Seed, FetchedAt: r.FetchedAt, Change: r.Change, Bytes: -1,
			Data: it.Data.AppendJSON(nil),
		}
		if len(it.Errors) > 0 {
			items[i].Errors = encode(it.Errors)
		}
	}
	return items
}

// encode writes what package parse made, which JSON can hold.
func encode(v any) json.RawMessage {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}

// targets are a page's links, those that the plan names instead of those that
// lead to pages.
func targets(plan *extract.Plan, h *extract.Harvest, found []link.Link) []link.Link {
	if !plan.Follows() {
		return found
	}
	var links []link.Link
	for _, t := range h.Follow {
		links = append(links, link.Link{URL: t.URL, NoFollow: t.NoFollow, Priority: int16(t.Priority)})
	}
	for _, l := range found {
		if l.From.Kind() == link.Asset {
			links = append(links, l)
		}
	}
	return links
}

// FieldFill is how often a field found something on the pages that were asked
// for it.
type FieldFill struct {
	Recipe string  `json:"recipe,omitempty"`
	Item   string  `json:"item,omitempty"`
	Field  string  `json:"field"`
	Of     int64   `json:"of"`
	Filled int64   `json:"filled"`
	Share  float64 `json:"share"` // filled of of, in [0, 1]
}

// Harvested counts what extraction gave. One goroutine uses it.
type Harvested struct {
	Items   int64       `json:"items"`
	Dropped int64       `json:"dropped,omitempty"` // by recipes, for their errors
	Errors  int64       `json:"errors,omitempty"`  // of fields
	Trees   int64       `json:"trees"`             // pages that something was selected from
	Fill    []FieldFill `json:"fill,omitempty"`    // in the order of recipes and fields
	Follow  *int64      `json:"follow,omitempty"`  // links that the plan named, if it names any

	at map[[3]string]int
}

// NewHarvested counts for a plan, whose fields are all there from the
// beginning: one that nothing was asked for is the one to worry about.
func NewHarvested(plan *extract.Plan) *Harvested {
	if plan == nil {
		return nil
	}
	t := &Harvested{at: make(map[[3]string]int)}
	for _, f := range plan.Fill() {
		t.fill(f)
	}
	if plan.Follows() {
		t.Follow = new(int64)
	}
	return t
}

// Add takes in one page.
func (t *Harvested) Add(h *extract.Harvest) {
	if t == nil {
		return
	}
	t.Items += int64(len(h.Items))
	t.Dropped += int64(h.Dropped)
	if h.Built {
		t.Trees++
	}
	if t.Follow != nil {
		*t.Follow += int64(len(h.Follow))
	}
	t.Errors += int64(len(h.Errors))
	for _, it := range h.Items {
		t.Errors += int64(len(it.Errors))
	}
	for _, f := range h.Fill {
		t.fill(f)
	}
}

// Share is the smallest share of the fields of that name, of those alone, with
// asked, that some page was asked for.
func (t *Harvested) Share(field string, asked bool) float64 {
	least := 1.0
	if t == nil {
		return least
	}
	for _, f := range t.Fill {
		if (f.Field == field || f.Item+"."+f.Field == field) && (f.Of > 0 || !asked) {
			least = min(least, f.Share)
		}
	}
	return least
}

func (t *Harvested) fill(f extract.Fill) {
	key := [3]string{f.Recipe, f.Item, f.Field}
	i, known := t.at[key]
	if !known {
		i = len(t.Fill)
		t.at[key] = i
		t.Fill = append(t.Fill, FieldFill{Recipe: f.Recipe, Item: f.Item, Field: f.Field})
	}
	sum := &t.Fill[i]
	sum.Of += int64(f.Of)
	sum.Filled += int64(f.Filled)
	if sum.Of > 0 {
		sum.Share = float64(sum.Filled) / float64(sum.Of)
	}
}
