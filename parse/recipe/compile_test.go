package recipe

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"
)

// fields wraps a field of a recipe that has nothing else to be said of.
func fields(f string) string { return "name: r\nitems: {i: {fields: {f: " + f + "}}}" }

// TestCompileAndSchema: a recipe is accepted, or refused with this error; and the schema agrees on it, unless what is
// wrong is within an expression.
func TestCompileAndSchema(t *testing.T) {
	resolved := resolveSchema(t)
	for _, tt := range []struct {
		recipe string
		want   string // part of the error; "" is none
		beyond bool   // the schema cannot see it
	}{
		{recipe: fields("h1")},
		{recipe: fields("{css: h1, type: number, locale: de, transform: [trim, {replace: ['a', '$1']}, {at: -1}]}")},
		{recipe: fields("{css: h1, type: date, layouts: '%d.%m.%Y', default: 2020-01-01}")},
		{recipe: fields("{css: h1, many: true, fields: {a: b, c: {xpath: .}}}")},
		{recipe: fields("{fields: {a: b}, required: true}")},
		{recipe: fields("{jq: .a, default: [1, {b: 2.5}, true, x]}")},
		{recipe: fields("{css: h1, required: false, default: x}")},
		{recipe: "name: r\nfollow: a.next"},
		{recipe: "name: r\nfollow: {to: /p/*, priority: -3}\nskip: [/x, {regex: y}]"},
		{recipe: "name: r\nfollow:\n- jq: .next\n  from: https://a.example/**\n- {}"},
		{recipe: "name: r\nitems: {i: {match: {url: [/a, {regex: b}], css: p}, each: {jq: '.[]'}, limit: 5, on_error: drop, fields: {a: {jq: .a}}}}"},

		{recipe: "", want: "r.yaml:1:1: a recipe is one YAML document, and here are 0"},
		{recipe: "- a", want: "r.yaml:1:1: a list where a mapping (key: value) is expected"},
		{recipe: "name: r", want: "r.yaml:1:1: neither items nor follow"},
		{recipe: "follow: a", want: "name is missing"},
		{recipe: "name: 7\nfollow: a", want: "r.yaml:1:7: name: the integer 7 where text is expected (put it in quotes)"},
		{recipe: "name: a b\nfollow: a", want: `r.yaml:1:7: name: "a b" is no name`},
		{recipe: "name: r\nitem: {}\nfollow: a", want: `r.yaml:2:1: unknown key "item", did you mean "items"? (allowed here: name, items, follow, skip)`},
		{recipe: "name: r\nitems: {}", want: "items: no item"},
		{recipe: "name: r\nitems: {i: {fields: {}}}", want: "items.i.fields: no field"},
		{recipe: "name: r\nitems: {i: {each: p}}", want: "items.i: fields is missing"},
		{recipe: "name: r\nitems:\n  i:\n    fields:\n      price:\n        css: p\n        tpye: number",
			want: `r.yaml:7:9: items.i.fields.price: unknown key "tpye", did you mean "type"? (allowed here: css, xpath,`},
		{recipe: fields("{css: a, type: money}"), want: `items.i.fields.f.type: "money" is unknown (allowed: text, number,`},
		{recipe: fields("{css: a, type: nubmer}"), want: `did you mean "number"?`},
		{recipe: fields("{css: a, xpath: b}"), want: "2 sources (allowed: one of css, xpath,"},
		{recipe: fields("{type: text}"), want: "no source"},
		{recipe: fields("[a]"), want: "a list where a mapping"},
		{recipe: fields(""), want: "nothing where a mapping"},
		{recipe: fields("{css: 'a:first-child::attr(href)'}"), want: "unknown pseudoelement :attr (for ::attr(href) write @href behind the selector)", beyond: true},
		{recipe: fields("{css: 'a::before'}"), want: "pseudo-elements support is disabled", beyond: true},
		{recipe: fields("{css: a, many: 1}"), want: "the integer 1 where true or false is expected"},
		{recipe: fields("{css: a, default: }"), want: "nothing is no value"},
		{recipe: fields("{css: a, default: x, required: true}"), want: "required says nothing"},
		{recipe: fields("{css: a, locale: de}"), want: "locale is for type number or integer"},
		{recipe: fields("{css: a, type: number, layouts: unix}"), want: "layouts is for type date"},
		{recipe: fields("{css: a, type: text, fields: {a: b}}"), want: "an object (fields) has no type"},
		{recipe: fields("{css: a, transform: trim, fields: {a: b}}"), want: "has no transform"},
		{recipe: fields("{many: true, fields: {a: b}}"), want: "many objects need a source"},
		{recipe: fields("{css: a, transform: tirm}"), want: `"tirm" is unknown, did you mean "trim"?`},
		{recipe: fields("{css: a, transform: [{split: ''}]}"), want: "empty separator"},
		{recipe: fields("{css: a, transform: [{replace: [a]}]}"), want: "a list of two is expected"},
		{recipe: fields("{css: a, transform: [{prefix: a, suffix: b}]}"), want: "2 transforms in one mapping"},
		{recipe: fields("{css: a, transform: []}"), want: "an empty list"},
		{recipe: fields("{css: a, transform: [{at: x}]}"), want: "text where an integer is expected (allowed: -10000 to 10000)"},
		{recipe: "name: r\nitems: {i: {limit: 3, fields: {a: b}}}", want: "limit is for items with each"},
		{recipe: "name: r\nitems: {i: {each: a, limit: 0, fields: {a: b}}}", want: "0 is out of range (allowed: 1 to 10000)"},
		{recipe: "name: r\nitems: {i: {on_error: skip, fields: {a: b}}}", want: `"skip" is unknown (allowed: keep, drop)`},
		{recipe: "name: r\nitems: {i: {match: p/*, fields: {a: b}}}", want: `starts with neither / nor a scheme (write "/p/*"`},
		{recipe: "name: r\nitems: {i: {match: {}, fields: {a: b}}}", want: "no condition"},
		{recipe: "name: r\nitems: {i: {match: {url: {}}, fields: {a: b}}}", want: "no pattern"},
		{recipe: "name: r\nitems: {i: {each: {}, fields: {a: b}}}", want: "no source"},
		{recipe: "name: r\nfollow: {css: a, jq: b}", want: "2 sources"},
		{recipe: "name: r\nfollow: {priority: 9999999}", want: "out of range"},
		{recipe: "name: r\nfollow: []", want: "an empty list"},
		{recipe: "name: r\nskip: []\nfollow: a", want: "an empty list"},

		{recipe: fields("'a > > b'"), want: `position 5: '>' where a selector is expected`, beyond: true},
		{recipe: fields("'a :nth(2)'"), want: "position 3:", beyond: true},
		{recipe: fields("'a@b c'"), want: `"b c" after @ is no name`, beyond: true},
		{recipe: fields("{xpath: '//a['}"), want: "not an XPath expression", beyond: true},
		{recipe: fields("{regex: 'a('}"), want: "not a regular expression (RE2): missing closing ): \"a(\"", beyond: true},
		{recipe: fields("{jq: '.a | }'}"), want: `not a jq expression: position 6: unexpected token "}"`, beyond: true},
		{recipe: fields("{json-ld: a..b}"), want: "no path into JSON-LD", beyond: true},
		{recipe: fields("{url: path.x}"), want: `"x" is no number of a segment`, beyond: true},
		{recipe: fields("{url: fragment}"), want: "allowed: url, scheme, host,", beyond: true},
		{recipe: fields("{header: 'a:'}"), want: "not the name of a header field", beyond: true},
		{recipe: fields("{header: set-cookie}"), want: "cookies are no data", beyond: true},
		{recipe: fields("{css: a, type: date, layouts: [yyyy-mm-dd]}"), want: "no layout of a date", beyond: true},
		{recipe: fields("{css: a, type: number, locale: german}"), want: `"german" is no locale`, beyond: true},
		{recipe: fields("{css: a, css: b}"), want: `r.yaml:2:`, beyond: true},
		{recipe: "name: r\nfollow: a\n---\nname: r", want: "here are 2", beyond: true},
		{recipe: "name: &x r\nfollow: *x", want: "an anchor or alias, which recipes do not have", beyond: true},
		{recipe: "name: [", want: "r.yaml:1:7: not YAML", beyond: true},
		{recipe: strings.Repeat("[", 1000), want: "nested 1000 deep", beyond: true},
		{recipe: "a: " + strings.Repeat(" ", maxRecipe), want: "bytes (allowed: 262144)", beyond: true},
	} {
		_, err := Compile("r.yaml", []byte(tt.recipe))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("Compile refuses:\n%s\n%v", tt.recipe, err)
		case tt.want != "" && err == nil:
			t.Errorf("Compile accepts, though %q:\n%s", tt.want, tt.recipe)
		case tt.want != "" && !strings.Contains(err.Error(), tt.want):
			t.Errorf("Compile says:\n%v\nwithout %q:\n%.300s", err, tt.want, tt.recipe)
		}
		if tt.beyond {
			continue
		}
		if bySchema := validate(t, resolved, tt.recipe); (bySchema == nil) != (tt.want == "") {
			t.Errorf("schema.json says %v of\n%s\nand Compile says %v", bySchema, tt.recipe, err)
		}
	}
}

// TestBounds: nobody writes such a recipe by hand, and each would cost a crawl time or memory on every page.
func TestBounds(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "f%d: a, ", i)
		}
		return "name: r\nitems: {i: {fields: {" + b.String() + "}}}"
	}
	nested := func(n int) string {
		return "name: r\nitems: {i: {fields: " + strings.Repeat("{f: {fields: ", n-1) + "{f: a}" + strings.Repeat("}}", n-1) + "}}"
	}
	for _, tt := range []struct{ within, beyond, want string }{
		{many(500), many(501), "more than 500 fields"},
		{nested(8), nested(9), "objects are nested more than 8 deep"},
		{"name: " + strings.Repeat("n", 100) + "\nfollow: a", "name: " + strings.Repeat("n", 101) + "\nfollow: a", "has 101 bytes (allowed: 100)"},
		{fields(strings.Repeat("a", 4096)), fields(strings.Repeat("a", 4097)), "the expression has 4097 bytes (allowed: 4096)"},
		{fields("{xpath: '/" + strings.Repeat("a", 4095) + "'}"), fields("{xpath: '/" + strings.Repeat("a", 4096) + "'}"), "has 4097 bytes"},
		{fields("{regex: 'a{900}b{900}'}"), fields("{regex: 'a{900}b{900}c{900}'}"), "when compiled (allowed: 2000); repeat less"},
	} {
		if _, err := Compile("r.yaml", []byte(tt.within)); err != nil {
			t.Errorf("Compile refuses %.99s: %v", tt.within, err)
		}
		if _, err := Compile("r.yaml", []byte(tt.beyond)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Compile says %v of %.99s, want %q", err, tt.beyond, tt.want)
		}
	}
}

func resolveSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	var s jsonschema.Schema
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

func validate(t *testing.T, s *jsonschema.Resolved, recipe string) error {
	t.Helper()
	text, err := yaml.YAMLToJSON([]byte(recipe))
	if err != nil {
		t.Fatalf("%v in %s", err, recipe)
	}
	if strings.TrimSpace(string(text)) == "" {
		text = []byte("null")
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return s.Validate(v)
}

// TestManyMistakes: a person sees them together, each with its place.
// An editor on Windows may begin a file with a byte order mark.
func TestByteOrderMark(t *testing.T) {
	if _, err := Compile("r.yaml", []byte("\ufeffname: r\r\nfollow: a.next\r\n")); err != nil {
		t.Error(err)
	}
}

func TestManyMistakes(t *testing.T) {
	_, err := Compile("r.yaml", []byte("name: r\nitems:\n  i:\n    feilds: {}\n    on_error: no\n    each: 'a['\n"))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"r.yaml:4:5: ", "r.yaml:5:15: ", "r.yaml:6:11: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no mistake at %s in\n%v", want, err)
		}
	}
	recipe := "name: r\n"
	for i := range 30 {
		recipe += fmt.Sprintf("feilds%d: {}\n", i)
	}
	if _, err = Compile("r.yaml", []byte(recipe)); err == nil || strings.Count(err.Error(), "unknown key") != 20 {
		t.Errorf("not 20 mistakes of 30:\n%v", err)
	}
}
