package recipe

import (
	"fmt"
	"strings"

	"golang.org/x/net/html/atom"
)

// kind is the type of a field: what its value becomes in JSON.
type kind string

// The types. The empty one is text for what is found in markup, and what it is for what is found in JSON.
const (
	kindAny      kind = ""
	kindText     kind = "text"
	kindNumber   kind = "number"
	kindInteger  kind = "integer"
	kindDate     kind = "date"
	kindURL      kind = "url"
	kindBoolean  kind = "boolean"
	kindHTML     kind = "html"
	kindMarkdown kind = "markdown"
)

var kinds = []string{"text", "number", "integer", "date", "url", "boolean", "html", "markdown"}

// typing is a type with what it needs to know.
type typing struct {
	kind    kind
	locale  locale
	layouts []layout
}

// read turns what a source found into a plain value: an element into the text or markup that the type is about.
func (t typing) read(x *run, v value) (any, error) {
	if v.node == nil {
		if t.kind == kindHTML || t.kind == kindMarkdown {
			if _, ok := v.data.(string); !ok || t.kind == kindMarkdown {
				return nil, errNoElement
			}
		}
		return v.data, nil
	}
	switch t.kind {
	case kindHTML:
		return innerHTML(x, v.node)
	case kindMarkdown:
		return markdown(x, v.node)
	case kindURL:
		for _, name := range []string{"href", "src"} {
			if s, ok := attribute(v.node, name); ok {
				return s, nil
			}
		}
	case kindDate:
		if s, ok := attribute(v.node, "datetime"); ok && v.node.DataAtom == atom.Time {
			return s, nil
		}
	}
	return readText(x, v.node)
}

// convert makes a value of the type; nil with no error is none.
func (t typing) convert(x *run, v any) (any, error) {
	switch t.kind {
	case kindAny, kindHTML, kindMarkdown:
		return v, nil
	case kindBoolean:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	}
	s, ok := scalarText(v)
	if !ok {
		return nil, fmt.Errorf("a list or an object is no %s", t.kind)
	}
	if t.kind == kindText {
		return s, nil
	}
	if s = strings.TrimSpace(s); s == "" {
		return nil, nil
	}
	if _, isText := v.(string); !isText && (t.kind == kindNumber || t.kind == kindInteger) {
		return t.fromJSON(s) // JSON's numbers are written in no language
	}
	return t.parse(x, s)
}

func (t typing) parse(x *run, s string) (any, error) {
	switch t.kind {
	case kindNumber:
		return t.locale.number(s)
	case kindInteger:
		return t.locale.integer(s)
	case kindDate:
		return parseDate(s, t.layouts)
	case kindURL:
		u, err := x.page.resolve(s)
		if err != nil {
			return nil, fmt.Errorf("no URL: %w", err)
		}
		return u.String() + anchor(s), x.keep(len(s))
	}
	return parseBoolean(s)
}

// anchor is the "#…" of a reference, which canonical URLs have not: to a crawler it is the same page, to who has the
// data another place on it. It is escaped as browsers do it (WHATWG URL §1.3).
func anchor(ref string) string {
	_, id, _ := strings.Cut(strings.TrimRight(ref, " \t\r\n\f"), "#")
	if id == "" {
		return ""
	}
	return "#" + strings.NewReplacer("\t", "", "\r", "", "\n", "", " ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", "`", "%60").Replace(id)
}

func (t typing) fromJSON(s string) (any, error) {
	f, err := parseFloat(s)
	switch {
	case err != nil:
		return nil, err
	case t.kind == kindNumber:
		return f, nil
	}
	return wholeNumber(s, f)
}

func parseBoolean(s string) (any, error) {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "on", "1":
		return true, nil
	case "false", "no", "n", "off", "0":
		return false, nil
	}
	return nil, fmt.Errorf("%s is no boolean (allowed: true, yes, y, on, 1, false, no, n, off, 0)", quote(s))
}
