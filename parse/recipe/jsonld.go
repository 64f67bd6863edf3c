package recipe

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/trawl-crawler/trawl/parse/structured"
)

// jsonLDSource is a path into the page's JSON-LD: "Product.offers.price". A first name with a capital is an @type, as
// all types of schema.org begin with one and no property does. Lists on the way are looked into.
type jsonLDSource struct {
	kind string // the @type; "" is any
	path []string
}

func parseJSONLD(text string) (*jsonLDSource, error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	names := strings.Split(text, ".")
	for _, n := range names {
		if n == "" || strings.ContainsAny(n, " []/") {
			return nil, fmt.Errorf("%q is no path into JSON-LD (allowed: names between dots, as in Product.offers.price)", text)
		}
	}
	s := &jsonLDSource{path: names}
	if r, _ := utf8.DecodeRuneInString(names[0]); unicode.IsUpper(r) {
		s.kind, s.path = names[0], names[1:]
	}
	return s, nil
}

// linkedData is what the page's <script type="application/ld+json"> hold. Of one that is no JSON it is what can be made
// of it, as people write them: with line ends in texts, commas too many, comments.
func (p *Page) linkedData() ([]any, error) {
	return p.linked.get(func() ([]any, error) {
		root, err := p.Root()
		if errors.Is(err, errNoMarkup) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		var out []any
		for n := range root.Descendants() {
			if n.DataAtom != atom.Script || n.FirstChild == nil {
				continue
			}
			kind, _ := attribute(n, "type")
			kind, _, _ = strings.Cut(kind, ";")
			if !strings.EqualFold(strings.TrimSpace(kind), "application/ld+json") {
				continue
			}
			if v, err := decodeJSON([]byte(n.FirstChild.Data)); err == nil {
				out = append(out, v)
			} else {
				out = append(out, structured.JSONLD(n.FirstChild.Data, structured.Limits{})...)
			}
		}
		return out, nil
	})
}

func (s *jsonLDSource) find(x *run, in scope, most int) ([]value, error) {
	blocks := []any{in.data}
	if !in.isData {
		var err error
		if blocks, err = x.page.linkedData(); err != nil {
			return nil, err
		}
	}
	var out []value
	keep := func(v any) error {
		if v == nil {
			return nil
		}
		v, err := tidy(x, v)
		if err != nil {
			return err
		}
		if out = append(out, value{data: v}); len(out) == most {
			return errStop
		}
		return nil
	}
	for _, b := range blocks {
		if err := s.nodes(x, b, keep); errors.Is(err, errStop) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// nodes walks the nodes of one block. With a type all of them count, however deep; without one, those at the top, in
// a list or in a @graph.
func (s *jsonLDSource) nodes(x *run, v any, keep func(any) error) error {
	if err := x.spend(1); err != nil {
		return err
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if err := s.nodes(x, e, keep); err != nil {
				return err
			}
		}
	case map[string]any:
		if s.kind == "" || hasType(v["@type"], s.kind) {
			if err := follow(x, v, s.path, keep); err != nil {
				return err
			}
		}
		if s.kind == "" {
			return s.graph(x, v, keep)
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if err := s.nodes(x, v[name], keep); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *jsonLDSource) graph(x *run, v map[string]any, keep func(any) error) error {
	if graph, ok := v["@graph"].([]any); ok {
		return s.nodes(x, graph, keep)
	}
	return nil
}

func hasType(v any, kind string) bool {
	switch v := v.(type) {
	case string:
		return v == kind || strings.HasSuffix(v, "/"+kind)
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok && hasType(s, kind) {
				return true
			}
		}
	}
	return false
}

// follow goes down a path from v. At its end a list gives each of its values.
func follow(x *run, v any, path []string, keep func(any) error) error {
	if err := x.spend(1); err != nil {
		return err
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if err := follow(x, e, path, keep); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		if len(path) > 0 {
			return follow(x, v[path[0]], path[1:], keep)
		}
	}
	if len(path) > 0 {
		return nil
	}
	return keep(v)
}
