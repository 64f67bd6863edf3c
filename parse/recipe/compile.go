package recipe

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Bounds of a recipe.
const (
	maxFields    = 500 // of all items together
	maxObjects   = 8   // objects within each other
	maxName      = 100 // bytes
	maxPriority  = 1_000
	maxAtValue   = maxValues
	defaultStyle = "en"
)

// Compile reads a recipe. The file's name is for errors, which are [Error], up to 20 of them joined.
func Compile(file string, text []byte) (*Recipe, error) {
	c := compiler{reader: reader{file: file}, recipe: &Recipe{source: string(text)}}
	if root, ok := c.parseYAML(text); ok {
		c.root(root)
	}
	if len(c.mistakes) > 0 {
		return nil, errors.Join(c.mistakes...)
	}
	return c.recipe, nil
}

// compiler builds a recipe from its tree.
type compiler struct {
	reader
	recipe *Recipe
	item   string // being compiled
	depth  int    // of objects within objects
}

func (c *compiler) root(n node) {
	r := c.recipe
	has, ok := c.object(n,
		key{"name", func(n node) { r.name = c.name(n) }},
		key{"items", c.items},
		key{"follow", c.follow},
		key{"skip", func(n node) { r.skip = c.patterns(n) }},
	)
	if !ok {
		return
	}
	if _, ok := has["name"]; !ok {
		c.fail(n, "name is missing: what the records will say they come from")
	}
	_, items := has["items"]
	_, follow := has["follow"]
	if !items && !follow {
		c.fail(n, "neither items nor follow: the recipe does nothing")
	}
}

func (c *compiler) name(n node) string {
	name, ok := c.text(n)
	if ok {
		c.checkName(n, name)
	}
	return name
}

// checkName keeps names such that name.name and item:field<90% can be read back.
func (c *compiler) checkName(n node, name string) {
	if err := checkFieldName(name); err != nil {
		c.fail(n, "%v", err)
	}
}

func checkFieldName(name string) error {
	switch {
	case name == "":
		return errors.New("empty name")
	case len(name) > maxName:
		return fmt.Errorf("the name has %d bytes (allowed: %d)", len(name), maxName)
	case strings.ContainsAny(name, " \t\r\n.,[]<>%="):
		return fmt.Errorf("%q is no name (not allowed: spaces and . , [ ] < > %% =)", name)
	}
	return nil
}

func (c *compiler) items(n node) {
	entries, ok := c.mapping(n)
	if ok && len(entries) == 0 {
		c.fail(n, "no item")
	}
	for _, e := range entries {
		c.checkName(e.at, e.name)
		c.item = e.name
		if it := c.oneItem(e.value); it != nil {
			it.name = e.name
			c.recipe.items = append(c.recipe.items, it)
		}
	}
}

func (c *compiler) oneItem(n node) *item {
	it := new(item)
	has, ok := c.object(n,
		key{"match", func(n node) { it.match = c.match(n) }},
		key{"each", func(n node) { it.each = c.each(n) }},
		key{"limit", func(n node) { it.limit = c.integer(n, 1, maxValues) }},
		key{"on_error", func(n node) { it.drop = c.choice(n, "keep", "drop") == "drop" }},
		key{"fields", func(n node) { it.fields = c.fields(n, "") }},
	)
	if !ok {
		return nil
	}
	if _, ok := has["fields"]; !ok {
		c.fail(n, "fields is missing: what to take")
	}
	if at, ok := has["limit"]; ok && it.each == nil {
		c.fail(at, "limit is for items with each")
	}
	return it
}

func (c *compiler) match(n node) (m match) {
	if n.isText() {
		m.urls = c.patterns(n)
		return m
	}
	has, ok := c.object(n,
		key{"url", func(n node) { m.urls = c.patterns(n) }},
		key{"css", func(n node) { m.exists = c.source(m.exists, n, css) }},
		key{"xpath", func(n node) { m.exists = c.source(m.exists, n, xpathOf) }},
	)
	if ok && len(has) == 0 {
		c.fail(n, "no condition (allowed here: url, css, xpath)")
	}
	return m
}

// patterns reads one URL pattern or a list: a glob, or regex: RE.
func (c *compiler) patterns(n node) (ps urlPatterns) {
	for _, n := range c.list(n) {
		if n.isText() {
			if p, ok := compile(&c.reader, n, parseGlob); ok {
				ps = append(ps, p)
			}
			continue
		}
		has, ok := c.object(n, key{"regex", func(n node) {
			if p, ok := compile(&c.reader, n, parsePattern); ok {
				ps = append(ps, urlPattern{re: p.re})
			}
		}})
		if ok && len(has) == 0 {
			c.fail(n, "no pattern (allowed: a path as /p/*, a URL as https://example.org/**, or regex: RE)")
		}
	}
	return ps
}

func css(s string) (source, error)      { return parseCSS(s) }
func xpathOf(s string) (source, error)  { return parseXPath(s) }
func jsonLD(s string) (source, error)   { return parseJSONLD(s) }
func metaOf(s string) (source, error)   { return parseMeta(s) }
func headerOf(s string) (source, error) { return parseHeader(s) }
func urlPart(s string) (source, error)  { return parseURLPart(s) }

func jqOf(s string) (source, error) {
	p, err := parseJQ(s)
	return &jqSource{p}, err
}

func regexOf(s string) (source, error) {
	p, err := parsePattern(s)
	return &regexSource{p}, err
}

// source appends the source that parse makes of a text.
func (c *compiler) source(to []source, n node, parse func(string) (source, error)) []source {
	if s, ok := compile(&c.reader, n, parse); ok {
		return append(to, s)
	}
	return append(to, nil) // a mistake, but there
}

// sourceKeys are the keys that name where values come from.
func (c *compiler) sourceKeys(to *[]source, names ...string) []key {
	parsers := map[string]func(string) (source, error){"css": css, "xpath": xpathOf, "regex": regexOf, "jq": jqOf,
		"json-ld": jsonLD, "meta": metaOf, "header": headerOf, "url": urlPart}
	var keys []key
	for _, name := range names {
		keys = append(keys, key{name, func(n node) { *to = c.source(*to, n, parsers[name]) }})
	}
	return keys
}

// only checks that there is one source at most, and returns it.
func (c *compiler) only(n node, found []source, names string) source {
	if len(found) > 1 {
		c.fail(n, "%d sources (allowed: one of %s)", len(found), names)
	}
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// each says where the items, or the links of a rule, are: CSS, or one of the other languages.
func (c *compiler) each(n node) source {
	var found []source
	if n.isText() {
		return c.source(nil, n, css)[0]
	}
	_, ok := c.object(n, c.sourceKeys(&found, "css", "xpath", "jq", "json-ld")...)
	if ok && len(found) == 0 {
		c.fail(n, "no source (allowed: one of css, xpath, jq, json-ld)")
	}
	return c.only(n, found, "css, xpath, jq, json-ld")
}

func (c *compiler) follow(n node) {
	for _, n := range c.list(n) {
		if r := c.rule(n); r != nil {
			c.recipe.follow = append(c.recipe.follow, r)
		}
	}
}

// allLinks is what a rule without a source looks at.
const allLinks = "a[href], area[href]"

func (c *compiler) rule(n node) *rule {
	r := new(rule)
	var found []source
	if n.isText() {
		found = c.source(nil, n, css)
	} else {
		keys := append(c.sourceKeys(&found, "css", "xpath", "regex", "jq", "json-ld"),
			key{"from", func(n node) { r.from = c.patterns(n) }},
			key{"to", func(n node) { r.to = c.patterns(n) }},
			key{"priority", func(n node) { r.priority = c.integer(n, -maxPriority, maxPriority) }})
		if _, ok := c.object(n, keys...); !ok {
			return nil
		}
	}
	r.setSource(c.only(n, found, "css, xpath, regex, jq, json-ld"))
	return r
}

// setSource keeps the elements of a CSS source rather than the attribute it names, for their rel counts.
func (r *rule) setSource(s source) {
	if s == nil {
		s, _ = parseCSS(allLinks)
	}
	if c, ok := s.(*cssSource); ok && c.part == partAttr {
		r.attr = c.attr
		s = &cssSource{selector: c.selector}
	}
	r.source = s
}

func (c *compiler) fields(n node, within string) []*field {
	entries, ok := c.mapping(n)
	if ok && len(entries) == 0 {
		c.fail(n, "no field")
	}
	if c.depth++; c.depth > maxObjects {
		c.fail(n, "objects are nested more than %d deep", maxObjects)
		entries = nil
	}
	out := []*field{} // not nil: the mark of an object
	for _, e := range entries {
		c.checkName(e.at, e.name)
		f := c.add(e.name, within)
		if f == nil {
			c.fail(e.at, "more than %d fields", maxFields)
			break
		}
		c.field(e.value, f)
		out = append(out, f)
	}
	c.depth--
	return out
}

// add makes a field of the item at hand, and a place to count it; nil when there are too many.
func (c *compiler) add(name, within string) *field {
	f := &field{name: name, path: strings.TrimPrefix(within+"."+name, "."), fill: len(c.recipe.fill)}
	if f.fill >= maxFields {
		return nil
	}
	c.recipe.fill = append(c.recipe.fill, Fill{Item: c.item, Field: f.path})
	return f
}

const fieldSources = "css, xpath, regex, jq, json-ld, meta, header, url"

// field reads a field: CSS alone, or a mapping.
func (c *compiler) field(n node, f *field) {
	if n.isText() {
		f.source = c.source(nil, n, css)[0]
		return
	}
	var found []source
	keys := append(c.sourceKeys(&found, strings.Split(fieldSources, ", ")...),
		key{"many", func(n node) { f.many = c.boolean(n) }},
		key{"required", func(n node) { f.required = c.boolean(n) }},
		key{"default", func(n node) { f.fallback = c.value(n) }},
		key{"type", func(n node) { f.typing.kind = kind(c.choice(n, kinds...)) }},
		key{"locale", func(n node) { f.typing.locale, _ = compile(&c.reader, n, parseLocale) }},
		key{"layouts", func(n node) { f.typing.layouts = c.layouts(n) }},
		key{"transform", func(n node) { f.transforms = c.transforms(n) }},
		key{"fields", func(n node) { f.fields = c.fields(n, f.path) }})
	has, ok := c.object(n, keys...)
	if !ok {
		return
	}
	f.source = c.only(n, found, fieldSources)
	c.checkField(n, f, has, len(found) > 0)
	if f.typing.locale.name == "" {
		f.typing.locale = locale{name: defaultStyle, decimal: '.', group: ','}
	}
}

// checkField finds keys that do not go together.
func (c *compiler) checkField(n node, f *field, has map[string]node, sourced bool) {
	_, object := has["fields"]
	number := f.typing.kind == kindNumber || f.typing.kind == kindInteger
	for _, rule := range []struct {
		key    string
		wrong  bool
		advice string
	}{
		{"locale", !number, "locale is for type number or integer"},
		{"layouts", f.typing.kind != kindDate, "layouts is for type date"},
		{"type", object, "an object (fields) has no type"},
		{"transform", object, "an object (fields) has no transform"},
		{"default", f.required, "a field with a default is never missing: required says nothing"},
	} {
		if at, ok := has[rule.key]; ok && rule.wrong {
			c.fail(at, "%s", rule.advice)
		}
	}
	if !sourced && !object {
		c.fail(n, "no source (allowed: one of %s; or fields, for an object)", fieldSources)
	}
	if at, ok := has["many"]; ok && !sourced && object && f.many {
		c.fail(at, "many objects need a source: where each of them is")
	}
}

func (c *compiler) layouts(n node) []layout {
	out := []layout{}
	for _, n := range c.list(n) {
		if l, ok := compile(&c.reader, n, parseLayout); ok {
			out = append(out, l)
		}
	}
	return out
}

func (c *compiler) transforms(n node) (out []transform) {
	for _, n := range c.list(n) {
		if n.isText() {
			out = append(out, c.plain(n))
			continue
		}
		has, ok := c.object(n, c.transformKeys(&out)...)
		if ok && len(has) != 1 {
			c.fail(n, "%d transforms in one mapping (allowed: one; write a list, they apply in turn)", len(has))
		}
	}
	return out
}

// plain reads a transform without an argument.
func (c *compiler) plain(n node) transform {
	name, _ := c.text(n)
	if !slices.Contains(plainTransforms, name) {
		c.fail(n, "%q is unknown%s (allowed: %s; and with an argument, as replace: [RE, with]: %s)", name,
			didYouMean(name, plainTransforms), strings.Join(plainTransforms, ", "), strings.Join(argumentTransforms, ", "))
	}
	return plainTransform(name)
}

func (c *compiler) transformKeys(out *[]transform) []key {
	add := func(t transform) { *out = append(*out, t) }
	return []key{
		{"replace", func(n node) { add(c.replace(n)) }},
		{"regex", func(n node) {
			p, _ := compile(&c.reader, n, parsePattern)
			add(regexTransform{p})
		}},
		{"split", func(n node) {
			s, ok := c.text(n)
			if ok && s == "" {
				c.fail(n, "empty separator")
			}
			add(splitTransform(s))
		}},
		{"at", func(n node) { add(atTransform(c.integer(n, -maxAtValue, maxAtValue))) }},
		{"prefix", func(n node) { add(affix(c.short(n), "")) }},
		{"suffix", func(n node) { add(affix("", c.short(n))) }},
		{"jq", func(n node) {
			p, _ := compile(&c.reader, n, parseJQ)
			add(jqTransform{p})
		}},
	}
}

func (c *compiler) short(n node) string {
	s, _ := compile(&c.reader, n, func(s string) (string, error) { return s, checkLength(s) })
	return s
}

// replace reads [RE, with].
func (c *compiler) replace(n node) transform {
	pair := c.list(n)
	if len(pair) != 2 {
		c.fail(n, "%s where a list of two is expected: [RE, with]", describe(n.Node))
		return nil
	}
	p, _ := compile(&c.reader, pair[0], parsePattern)
	return replace(p, c.short(pair[1]))
}
