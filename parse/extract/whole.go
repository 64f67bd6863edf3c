package extract

import (
	"errors"

	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/article"
	"github.com/trawl-crawler/trawl/parse/feed"
	"github.com/trawl-crawler/trawl/parse/internal/contain"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/structured"
)

// main takes what the whole page says: its structured data and main content.
func (p *Plan) main(page *recipe.Page, in Input, h *Harvest) {
	if !p.Structured && !p.Text && !p.Markdown && !p.Article {
		return
	}
	if in.MediaType == "text/plain" && p.Text {
		h.Text = string(in.Text)
		return
	}
	root := p.tree(page, in)
	if root == nil {
		return
	}
	base := page.Base()
	if p.Structured {
		found := structured.Extract(root, base, structured.Limits{})
		h.Structured = &found
	}
	if !p.Text && !p.Markdown && !p.Article {
		return
	}
	content := article.Find(root, base)
	if p.Text {
		h.Text = content.Text()
	}
	if p.Markdown {
		var err error
		if h.Markdown, err = content.Markdown(); err != nil {
			h.fail("markdown", recipe.Limit, err)
		}
	}
	if p.Article {
		about := article.Describe(root, base, content)
		h.Article = &about
	}
}

// tree is the page's, or, if that has too many tags or is nested too deeply, one
// of about the same text. It is nil for what is no HTML, and for a page with too
// many attributes, which that tree would have as well.
func (p *Plan) tree(page *recipe.Page, in Input) *html.Node {
	if !parse.IsHTML(in.MediaType) && in.MediaType != "" {
		return nil
	}
	root, err := page.Root()
	if err == nil || !parse.IsHTML(in.MediaType) || page.Over() == recipe.OverAttributes {
		return root
	}
	return article.Shallow(in.Text, p.Tree.Most())
}

// feed takes the items of a feed. What is none gives none.
func (h *Harvest) feed(in Input) {
	if parse.IsHTML(in.MediaType) {
		return
	}
	found, err := feed.Parse(in.Text, in.URL, feed.Limits{})
	if err != nil {
		if !errors.Is(err, feed.ErrNotFeed) {
			h.fail("feed", recipe.Unreadable, err)
		}
		return
	}
	for i := range found.Items {
		h.Items = append(h.Items, recipe.Item{Recipe: FeedItem, Name: FeedItem, Data: feedData(&found.Items[i])})
	}
}

// FeedItem is the recipe and the item's name of what Plan.Feed takes.
const FeedItem = "feed"

func feedData(it *feed.Item) (o recipe.Object) {
	for _, m := range []struct{ name, value string }{
		{"title", it.Title}, {"url", it.URL}, {"id", it.ID}, {"published", it.Published}, {"updated", it.Updated},
		{"author", it.Author}, {"summary", it.Summary}, {"content", it.Content},
	} {
		if m.value != "" {
			o = append(o, recipe.Member{Name: m.name, Value: m.value})
		}
	}
	if len(it.Categories) > 0 {
		all := make([]any, len(it.Categories))
		for i, c := range it.Categories {
			all[i] = c
		}
		o = append(o, recipe.Member{Name: "categories", Value: all})
	}
	if len(it.Enclosures) > 0 {
		all := make([]any, len(it.Enclosures))
		for i, e := range it.Enclosures {
			all[i] = enclosure(e)
		}
		o = append(o, recipe.Member{Name: "enclosures", Value: all})
	}
	return o
}

func enclosure(e feed.Enclosure) recipe.Object {
	o := recipe.Object{{Name: "url", Value: e.URL}}
	if e.Type != "" {
		o = append(o, recipe.Member{Name: "type", Value: e.Type})
	}
	if e.Length != "" {
		o = append(o, recipe.Member{Name: "length", Value: e.Length})
	}
	return o
}

func (h *Harvest) fail(field string, kind recipe.ErrorKind, err error) {
	h.Errors = append(h.Errors, recipe.FieldError{Field: field, Kind: kind, Message: err.Error()})
}

// contain has a panic of what takes a part of the page be that part's failure.
func (h *Harvest) contain(part string, take func()) {
	if err := contain.Run(take); err != nil {
		h.fail(part, recipe.Unreadable, err)
	}
}
