package recipe

import (
	"slices"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Recipe says what to take from pages. It never changes, and goroutines share it.
type Recipe struct {
	name   string
	items  []*item
	follow []*rule
	skip   urlPatterns
	fill   []Fill // of all fields, with no counts
	source string
}

// item is one kind of thing that pages have.
type item struct {
	name   string
	match  match
	each   source // nil: one item a page
	limit  int    // items of one page; 0 is no limit of the recipe's own
	drop   bool   // an item with an error is none
	fields []*field
}

// match says on which pages the items are: all conditions hold.
type match struct {
	urls   urlPatterns
	exists []source
}

// field is one member of an item, or of an object within.
type field struct {
	name string
	path string // with the names of the objects around it: seller.name
	fill int    // index into the recipe's fill

	source     source   // nil: the scope itself, for an object
	fields     []*field // of an object; nil: a value
	many       bool
	required   bool
	fallback   any // nil: none
	typing     typing
	transforms []transform
}

// rule says which links to take from which pages.
type rule struct {
	from, to urlPatterns
	source   source
	attr     string // of an element: where its reference is; "" is href, or src
	priority int
}

// Name is the recipe's own; that of [FromFlags] is empty.
func (r *Recipe) Name() string { return r.name }

// Source is the text that the recipe was made of: what two of them take is the same if theirs is.
func (r *Recipe) Source() string { return r.source }

// Columns names the fields at the top of each item's data, in the recipe's order, as a table wants them.
func (r *Recipe) Columns() []Columns {
	var out []Columns
	for _, it := range r.items {
		c := Columns{Item: it.name}
		for _, f := range it.fields {
			c.Fields = append(c.Fields, f.name)
		}
		out = append(out, c)
	}
	return out
}

// Fill names all fields of the items, with no counts.
func (r *Recipe) Fill() []Fill { return slices.Clone(r.fill) }

// HasField reports whether one of the items has a field of that name, as [Fill.Is] knows it.
func (r *Recipe) HasField(name string) bool {
	return slices.ContainsFunc(r.fill, func(f Fill) bool { return f.Is(name) })
}

// Columns are the fields of one item.
type Columns struct {
	Item   string
	Fields []string
}

// Follows reports whether the recipe names the links to follow; if not, the crawl's own rules stand alone.
func (r *Recipe) Follows() bool { return len(r.follow) > 0 }

// Prioritizes reports whether some links are to come before others.
func (r *Recipe) Prioritizes() bool {
	return slices.ContainsFunc(r.follow, func(r *rule) bool { return r.priority != 0 })
}

// Skips reports whether the recipe says that u is not to be fetched.
func (r *Recipe) Skips(u weburl.URL) bool { return len(r.skip) > 0 && r.skip.match(u) }
