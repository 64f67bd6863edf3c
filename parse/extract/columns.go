package extract

import (
	"slices"
	"strings"
)

// Columns are what tables of records have.
type Columns struct {
	Page  []string // the fields of the page's own data
	Items []Kind
}

// A Kind is one of the things that a recipe finds.
type Kind struct {
	Recipe, Item string
	Fields       []string
}

// Columns names what a table may have: of the items, those of the recipe that is
// named only, of all if that is "".
func (p *Plan) Columns(only string) (c Columns) {
	if p == nil {
		return c
	}
	if p.Fields != nil && only == "" {
		for _, item := range p.Fields.Columns() {
			c.Page = append(c.Page, item.Fields...)
		}
	}
	add := func(recipe, item string, fields []string) {
		if only == "" || only == recipe {
			c.Items = append(c.Items, Kind{recipe, item, fields})
		}
	}
	for _, r := range p.Recipes {
		for _, item := range r.Columns() {
			add(r.Name(), item.Item, item.Fields)
		}
	}
	if p.Feed {
		add(FeedItem, FeedItem, feedFields())
	}
	return c
}

func feedFields() []string {
	return []string{"title", "url", "id", "published", "updated", "author", "summary", "content", "categories", "enclosures"}
}

// Names are the fields of pages, of items or of both, each once.
func (c Columns) Names(pages, items bool) (names []string) {
	add := func(fields []string) {
		for _, name := range fields {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if pages {
		add(c.Page)
	}
	if items {
		for _, k := range c.Items {
			add(k.Fields)
		}
	}
	return names
}

// Has tells whether a column is one of the fields, or of what is in one:
// offer.price of offer.
func (c Columns) Has(column string) bool {
	return slices.ContainsFunc(c.Names(true, true), func(field string) bool {
		return column == field || strings.HasPrefix(column, field+".")
	})
}

// Recipes is how many recipes the items are of.
func (c Columns) Recipes() int {
	var names []string
	for _, k := range c.Items {
		if !slices.Contains(names, k.Recipe) {
			names = append(names, k.Recipe)
		}
	}
	return len(names)
}
