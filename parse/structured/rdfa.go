package structured

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// rdfa reads RDFa Lite 1.1 (https://www.w3.org/TR/rdfa-lite/): vocab, typeof,
// property, resource and prefix. Properties that belong to no item, as those of
// OpenGraph in the head, are left out here.
func (x *extraction) rdfa(root *html.Node) {
	r := rdfa{x}
	r.children(root, scope{prefixes: &prefixes{}})
}

type rdfa struct{ *extraction }

// scope is what an element inherits.
type scope struct {
	vocab    string
	prefixes *prefixes
	item     *Item // that properties belong to
	depth    int   // of items
	level    int   // of elements
}

// prefixes maps names to IRIs; those of an element go before those above it.
type prefixes struct {
	names map[string]string
	above *prefixes
}

func (p *prefixes) lookup(name string) (string, bool) {
	for ; p != nil; p = p.above {
		if iri, ok := p.names[name]; ok {
			return iri, true
		}
	}
	iri, ok := initialPrefixes[name]
	return iri, ok
}

// The prefixes of the initial context (https://www.w3.org/2011/rdfa-context/rdfa-1.1)
// that are in use on pages.
var initialPrefixes = map[string]string{
	"cc":      "http://creativecommons.org/ns#",
	"dc":      "http://purl.org/dc/terms/",
	"dc11":    "http://purl.org/dc/elements/1.1/",
	"dcterms": "http://purl.org/dc/terms/",
	"foaf":    "http://xmlns.com/foaf/0.1/",
	"gr":      "http://purl.org/goodrelations/v1#",
	"og":      "http://ogp.me/ns#",
	"owl":     "http://www.w3.org/2002/07/owl#",
	"rdf":     "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
	"rdfs":    "http://www.w3.org/2000/01/rdf-schema#",
	"schema":  "http://schema.org/",
	"sioc":    "http://rdfs.org/sioc/ns#",
	"skos":    "http://www.w3.org/2004/02/skos/core#",
	"v":       "http://rdf.data-vocabulary.org/#",
	"vcard":   "http://www.w3.org/2006/vcard/ns#",
	"xsd":     "http://www.w3.org/2001/XMLSchema#",
}

// maxLevel bounds the recursion; x/net/html makes no tree deeper than 512.
const maxLevel = 1000

func (r rdfa) children(n *html.Node, s scope) {
	if s.level++; s.level > maxLevel {
		r.out.Truncated = true
		return
	}
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode {
			r.element(c, s)
		}
	}
}

func (r rdfa) element(n *html.Node, s scope) {
	s = r.context(n, s)
	properties := strings.Fields(attr(n, "property"))
	switch {
	case has(n, "typeof"):
		item := r.item(n, s)
		if item == nil {
			return
		}
		r.attach(s, properties, item)
		s.item, s.depth = item, s.depth+1
	case len(properties) > 0 && s.item != nil:
		r.attach(s, properties, r.plain(n))
	case has(n, "resource") && len(properties) == 0 && s.depth < r.limits.Depth:
		// A subject without a type: an item if something is said about it.
		r.untyped(n, s)
		return
	}
	r.children(n, s)
}

// context is s with what n declares.
func (r rdfa) context(n *html.Node, s scope) scope {
	if vocab, ok := lookup(n, "vocab"); ok {
		s.vocab = strings.TrimSpace(vocab)
	}
	words := strings.Fields(attr(n, "prefix"))
	if len(words) < 2 {
		return s
	}
	names := map[string]string{}
	for i := 0; i+1 < len(words); i += 2 {
		if name, ok := strings.CutSuffix(words[i], ":"); ok {
			names[strings.ToLower(name)] = words[i+1]
		}
	}
	s.prefixes = &prefixes{names: names, above: s.prefixes}
	return s
}

// item begins the item of an element with typeof, nil when the limits are
// reached.
func (r rdfa) item(n *html.Node, s scope) *Item {
	item := &Item{Properties: map[string][]any{}}
	size := 0
	for _, name := range strings.Fields(attr(n, "typeof")) {
		iri := r.expand(name, s)
		item.Type = append(item.Type, iri)
		size += len(iri)
	}
	item.ID = r.subject(n)
	if s.depth >= r.limits.Depth {
		r.out.Truncated = true
		return nil
	}
	if !r.spend(size + len(item.ID)) {
		return nil
	}
	return item
}

func (r rdfa) untyped(n *html.Node, s scope) {
	item := &Item{ID: r.subject(n), Properties: map[string][]any{}}
	place := len(r.out.RDFa)
	inner := s
	inner.item, inner.depth = item, s.depth+1
	r.children(n, inner)
	if len(item.Properties) > 0 && r.spend(len(item.ID)) {
		r.out.RDFa = slices.Insert(r.out.RDFa, place, item)
	}
}

// attach gives value to the item of s under each name, or puts an item that is
// no property of another at the top.
func (r rdfa) attach(s scope, properties []string, value any) {
	item, isItem := value.(*Item)
	if isItem && (len(properties) == 0 || s.item == nil) {
		r.out.RDFa = append(r.out.RDFa, item)
		return
	}
	size := 0
	if text, ok := value.(string); ok {
		size = len(text)
	}
	for _, property := range properties {
		name := r.name(property, s)
		if !r.spend(len(name) + size) {
			return
		}
		s.item.Properties[name] = append(s.item.Properties[name], value)
	}
}

// subject is what the item of an element is about (RDFa Core §7.5, step 5);
// RDFa Lite leaves about out, pages do not.
func (r rdfa) subject(n *html.Node) string {
	for _, name := range []string{"about", "resource", "href", "src"} {
		if ref, ok := lookup(n, name); ok {
			return r.iri(ref)
		}
	}
	return ""
}

// plain is the value of a property without typeof.
func (r rdfa) plain(n *html.Node) string {
	if content, ok := lookup(n, "content"); ok {
		return valid(content)
	}
	for _, name := range []string{"resource", "href", "src"} {
		if ref, ok := lookup(n, name); ok {
			return r.iri(ref)
		}
	}
	if n.DataAtom == atom.Object && has(n, "data") {
		return r.absolute(attr(n, "data"))
	}
	if name := valueAttr(n); name != "" {
		return valid(attr(n, name))
	}
	return r.text(n)
}

// iri resolves a reference; the name of a blank node is none.
func (r rdfa) iri(ref string) string {
	if ref = strings.TrimSpace(ref); isRelative(ref) || strings.Contains(ref, "//") {
		return r.absolute(ref)
	}
	return valid(ref)
}

// name is a property's: as it is written if it is a term, else its IRI.
func (r rdfa) name(property string, s scope) string {
	if !strings.Contains(property, ":") {
		return valid(property)
	}
	return r.expand(property, s)
}

// expand makes an IRI of a term or of a name with a prefix (RDFa Core §7.4).
func (r rdfa) expand(name string, s scope) string {
	name = valid(name)
	prefix, rest, hasPrefix := strings.Cut(name, ":")
	if !hasPrefix {
		return s.vocab + name
	}
	if iri, ok := s.prefixes.lookup(strings.ToLower(prefix)); ok && !strings.HasPrefix(rest, "//") {
		return iri + rest
	}
	return name
}
