package recipe

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Starter writes a recipe for pages like p, with comments, for a person to go on from: with the fields that the page
// visibly has, and a list where it repeats itself. What it writes compiles.
func Starter(ctx context.Context, p *Page) []byte {
	s := starter{Page: p, ctx: ctx}
	s.line("# A recipe for trawl. Try it:   trawl recipe test FILE PAGE.html --base %s", p.url)
	s.line("# Use it:   trawl crawl %s --recipe FILE --emit items", p.url)
	s.line("name: %s", quoteYAML(nameOf(p.url.Hostname())))
	s.line("items:")
	if v, err := p.JSON(); err == nil {
		s.json(v)
	} else {
		s.html()
	}
	s.line("")
	s.line("# Which links to take, from which pages; without it, those that the crawl's own flags allow.")
	s.line("# follow:")
	s.line("#   - {css: 'a[rel=next]', priority: 10}   # the next page of a list first")
	s.line("#   - {css: 'a', to: /path/*}              # details")
	s.line("# skip: [/cart/**, {regex: '[?&]sort='}]   # never fetched")
	return s.out.Bytes()
}

type starter struct {
	*Page
	ctx context.Context
	out bytes.Buffer
}

func (s *starter) line(format string, args ...any) { fmt.Fprintf(&s.out, format+"\n", args...) }

// match writes on which pages the item is: those beside this one.
func (s *starter) match(item string) {
	path := s.url.Path()
	if i := strings.LastIndexByte(path, '/'); i >= 0 && i < len(path)-1 {
		path = path[:i+1] + "*"
	}
	if len(path) > maxExpr || strings.Contains(path[:len(path)-1], "*") {
		path = "/**"
	}
	s.line("  %s:", item)
	s.line("    match: %s   # * is anything but /, ** is anything", quoteYAML(path))
}

func (s *starter) html() {
	s.match("page")
	s.line("    # on_error: drop   # an item with an error is left out; by default it is kept, with its errors")
	s.line("    fields:")
	s.line("      url: {url: url}")
	for _, f := range []struct{ name, expr, probe string }{
		{"title", "{css: h1, required: true}", "h1"},
		{"title", "{css: title, required: true}", "title"},
		{"published", "{css: time, type: date}", "time"},
		{"description", "{meta: description}", "meta[name=description]@content"},
		{"image", "{meta: 'og:image', type: url}", "meta[property='og:image']@content"},
		{"content", "{css: article, type: markdown}", "article"},
		{"content", "{css: main, type: markdown}", "main"},
	} {
		if !strings.Contains(s.out.String(), "\n      "+f.name+":") && s.has(f.probe) {
			s.line("      %s: %s", f.name, f.expr)
		}
	}
	s.linked()
	s.line("      # price: {css: .price, type: number, locale: de}")
	s.line("      # tags: {css: .tags a, many: true}")
	s.line("      # sku: {regex: 'SKU: (\\w+)'}")
	s.line("      # links: {css: 'a@href', type: url, many: true}")
	s.list()
}

func (s *starter) has(css string) bool {
	c, err := parseCSS(css)
	if err != nil {
		return false
	}
	ok, err := exists(newRun(s.ctx, s.Page), c, scope{})
	return ok && err == nil
}

// linked writes a field for each plain property of the page's JSON-LD.
func (s *starter) linked() {
	blocks, err := s.linkedData()
	if err != nil {
		return
	}
	for _, b := range blocks {
		o, ok := b.(map[string]any)
		kind, isText := o["@type"].(string)
		if !ok || !isText {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(o)) {
			path := kind + "." + name
			if _, ok := scalarText(o[name]); !ok || !isPlainName(path) {
				continue
			}
			if field := strings.ToLower(kind) + "_" + name; !strings.Contains(s.out.String(), "\n      "+field+":") {
				s.line("      %s: {json-ld: %s}", field, path)
			}
		}
	}
}

var plainName = regexp.MustCompile(`^[A-Z][A-Za-z]*\.[A-Za-z]+$`)

// isPlainName has the length apart: a counted repetition of 40 is 40 programs,
// which every start of trawl would wait for.
func isPlainName(path string) bool { return len(path) <= 80 && plainName.MatchString(path) }

// list writes an item for the class that repeats most under one parent.
func (s *starter) list() {
	selector, n := s.repeated()
	if n < 3 {
		s.line("  # entry:")
		s.line("  #   each: .card   # one item for each of these")
		s.line("  #   fields: {title: h2, link: {css: 'a@href', type: url}}")
		return
	}
	s.match("entry")
	s.line("    each: %s   # one item for each of these; the page has %d", quoteYAML(selector), n)
	s.line("    fields:")
	s.line("      text: '@text'   # of the element itself")
	s.line("      link: {css: 'a@href', type: url}")
}

var plainClass = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

func isPlainClass(name string) bool { return len(name) <= 60 && plainClass.MatchString(name) }

func (s *starter) repeated() (selector string, n int) {
	root, err := s.Root()
	if err != nil {
		return "", 0
	}
	type kin struct {
		parent   *html.Node
		selector string
	}
	counts := map[kin]int{}
	for n := range root.Descendants() {
		class, _ := attribute(n, "class")
		if words := strings.Fields(class); len(words) > 0 && isPlainClass(words[0]) && isPlainClass(n.Data) {
			counts[kin{n.Parent, n.Data + "." + words[0]}]++
		}
	}
	for k, c := range counts {
		if c > n || c == n && k.selector < selector {
			selector, n = k.selector, c
		}
	}
	return selector, n
}

// json writes an item for the longest list of objects, or for the object that the page is.
func (s *starter) json(v any) {
	path, sample := longest(v, "", 0)
	s.match("entry")
	if path != "" {
		s.line("    each: {jq: %s}   # one item for each of these", quoteYAML(path+"[]"))
	}
	s.line("    fields:")
	written := 0
	for _, name := range slices.Sorted(maps.Keys(sample)) {
		if isPlainClass(name) && written < 50 {
			s.line("      %s: {jq: .%s}", quoteYAML(name), quoteJQ(name))
			written++
		}
	}
	if written == 0 {
		s.line("      value: {jq: .}")
	}
	s.line("      # when: {jq: .created, type: date, layouts: [unix]}")
}

// longest finds the list that has most objects, and one of them, down to a few levels.
func longest(v any, path string, depth int) (best string, sample map[string]any) {
	most := 0
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			if o, ok := v[0].(map[string]any); ok {
				return cmp.Or(path, "."), o
			}
		}
	case map[string]any:
		sample = v
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !isPlainClass(name) || depth > 3 {
				continue
			}
			below, o := longest(v[name], path+"."+quoteJQ(name), depth+1)
			if list, _ := v[name].([]any); below != "" && max(1, len(list)) > most {
				best, sample, most = below, o, max(1, len(list))
			}
		}
	}
	return best, sample
}

// quoteJQ is a name after a dot in jq, where some names would be minus signs.
func quoteJQ(name string) string {
	if strings.Contains(name, "-") {
		return `"` + name + `"`
	}
	return name
}

// quoteYAML writes text such that YAML reads it back: as it is when that is plain, else as JSON, which YAML contains.
func quoteYAML(s string) string { return string(appendString(nil, s)) }

var notInNames = regexp.MustCompile(`[^A-Za-z0-9]+`)

// nameOf makes a name of a host.
func nameOf(host string) string {
	name := strings.Trim(notInNames.ReplaceAllString(strings.TrimPrefix(host, "www."), "-"), "-")
	return cmp.Or(name[:min(len(name), maxName)], "recipe")
}
