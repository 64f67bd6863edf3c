package recipe

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestFromFlags(t *testing.T) {
	p := page(t, "https://site.example/a/b?q=1", []byte(`<html><head><meta name=Description content="about"><meta property=og:image content=i.png>
<meta property=og:image content=j.png></head><body><h1 class="x y" title="a@b=c"> A <b>big</b> thing </h1><a href=/1>one</a><a href=/2>two</a></body>`))
	for _, tt := range []struct {
		flags Flags
		want  string
	}{
		{Flags{CSS: []string{"t=h1"}}, `{"t":"A big thing"}`},
		{Flags{CSS: []string{"t=h1@text"}}, `{"t":"A big thing"}`},
		{Flags{CSS: []string{"t=h1@raw"}}, `{"t":" A big thing "}`},
		{Flags{CSS: []string{"t=h1@html"}}, `{"t":" A <b>big</b> thing "}`},
		{Flags{CSS: []string{"t=h1[title='a@b=c']@title"}}, `{"t":"a@b=c"}`},
		{Flags{CSS: []string{"t=h1@nope", "u=h2"}}, `{}`},
		{Flags{CSS: []string{"l[]=a@href", "n[]=h2"}}, `{"l":["/1","/2"],"n":[]}`},
		{Flags{XPath: []string{"l[]=//a/@href", "n=count(//a)"}}, `{"l":["/1","/2"],"n":2}`},
		{Flags{Regex: []string{`t=<h1 class="(\w+)`, `o[]=href=/(?P<n>\d)>(?P<t>\w+)`, `all=<a \w+`}},
			`{"t":"x","o":[{"n":"1","t":"one"},{"n":"2","t":"two"}],"all":"<a href"}`},
		{Flags{Meta: []string{"description", "og:image[]", "first=og:image"}}, `{"description":"about","og:image":["i.png","j.png"],"first":"i.png"}`},
		{Flags{JQ: []string{"a=.a"}, CSS: []string{"b=b"}}, `{"b":"big"}`},
	} {
		r, err := FromFlags(tt.flags)
		if err != nil {
			t.Error(err)
			continue
		}
		e := mustExtract(t, r, p)
		if len(e.Items) != 1 || len(e.Items[0].Errors) > 0 || string(e.Items[0].Data.AppendJSON(nil)) != tt.want {
			t.Errorf("%+v: %+v, want %s", tt.flags, e, tt.want)
		}
	}
	if r, err := FromFlags(Flags{}); r != nil || err != nil {
		t.Errorf("no flags: %v, %v", r, err)
	}
}

func TestFromFlagsErrors(t *testing.T) {
	for _, tt := range []struct {
		flags Flags
		want  string
	}{
		{Flags{CSS: []string{".price"}}, `--css ".price": no = after the field's name (write name=SELECTOR[@attr|@text|@raw|@html])`},
		{Flags{CSS: []string{"=.price"}}, `--css "=.price": position 1: empty name`},
		{Flags{CSS: []string{"a b=c"}}, `"a b" is no name`},
		{Flags{CSS: []string{"a="}}, `from position 3, "": empty selector`},
		{Flags{CSS: []string{"a=b > [c"}}, `from position 3, "b > [c": a bracket or a quote is not closed`},
		{Flags{CSS: []string{"a=p b::text"}}, `"b::text": unknown pseudoelement :text (for ::text write @text behind the selector)`},
		{Flags{CSS: []string{"a=b", "a=c"}}, `the field "a" is there twice (for all matches write a[]=…)`},
		{Flags{XPath: []string{"a=//["}}, `--xpath "a=//[": from position 3, "//[": not an XPath expression`},
		{Flags{XPath: []string{"a=//b/Ancestor::div[@c][ last() ]/@id"}},
			`last() and position() behind ancestor:: are not supported in XPath (write a number, as in ancestor::p[2])`},
		{Flags{XPath: []string{"a=//b/following-sibling::text()[.='x' and position()<3]"}}, "behind following-sibling:: are not supported"},
		{Flags{XPath: []string{"a=//b, //c"}}, `"//b, //c": not an XPath expression: something follows its end (for several paths write //a | //b)`},
		{Flags{XPath: []string{"a=//b[c]]"}}, "something follows its end"},
		{Flags{XPath: []string{"a=//b[.=')']) | (//c"}}, "something follows its end"},
		{Flags{Regex: []string{"a=*"}}, "missing argument to repetition operator"},
		{Flags{JQ: []string{"a=.[}"}}, "not a jq expression: position 3: unexpected token"},
		{Flags{Meta: []string{""}}, "empty name"},
		{Flags{Follow: []string{"a["}}, `--follow "a[": a bracket or a quote is not closed`},
		{Flags{FollowAttr: "a b"}, `--follow-attr "a b" is not the name of an attribute`},
	} {
		_, err := FromFlags(tt.flags)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", tt.flags, err, tt.want)
		}
	}
}

func TestFollowFlags(t *testing.T) {
	p := page(t, "https://site.example/a/", []byte(`<a class=n href=1>1</a><a href=2>2</a><div data-url=3 rel="x NOFOLLOW"></div><a class=n href="tel:1">t</a>`))
	for _, tt := range []struct {
		flags Flags
		want  string
	}{
		{Flags{Follow: []string{".n"}}, "[{https://site.example/a/1 0 false}]"},
		{Flags{Follow: []string{"div"}, FollowAttr: "data-url"}, "[{https://site.example/a/3 0 true}]"},
		{Flags{FollowAttr: "DATA-url"}, "[{https://site.example/a/3 0 true}]"},
		{Flags{Follow: []string{"div@data-url", "a"}}, "[{https://site.example/a/3 0 true} {https://site.example/a/1 0 false} {https://site.example/a/2 0 false}]"},
	} {
		r, err := FromFlags(tt.flags)
		if err != nil || !r.Follows() {
			t.Errorf("%+v: %v", tt.flags, err)
			continue
		}
		got, errs := r.Follow(t.Context(), p)
		if fmt.Sprint(got) != tt.want || errs != nil {
			t.Errorf("%+v: %v (%v), want %s", tt.flags, got, errs, tt.want)
		}
	}
}

func TestSelect(t *testing.T) {
	record := json.RawMessage(`{"url":"https://a.example/","status":404,"id":12345678901234567890,"links":["x","y"]}`)
	for _, tt := range []struct{ expr, want, err string }{
		{expr: ".url", want: `["https://a.example/"]`},
		{expr: "select(.status >= 500)", want: `null`},
		{expr: ".links[]", want: `["x","y"]`},
		{expr: "{id, s: .status}", want: `[{"id":12345678901234567890,"s":404}]`},
		{expr: "nan, infinite, null", want: `[null,1.7976931348623157e+308,null]`},
		{expr: ".url.x", err: "select: expected an object but got: string"},
		{expr: `error("no")`, err: "select: error: no"},
		{expr: "range(1e9)", err: "select: there are more than 10000 values"},
		{expr: "def f: f; f", err: "select: the page costs too much"},
		{expr: "$ENV.HOME, env.HOME", want: `[null,null]`},
	} {
		s, err := CompileSelect(tt.expr)
		if err != nil {
			t.Error(err)
			continue
		}
		x := newRun(t.Context(), nil)
		x.steps /= 32
		got, err := s.apply(x, record)
		if tt.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), tt.err) || got != nil {
				t.Errorf("%s: %v, %v, want %q", tt.expr, got, err, tt.err)
			}
			continue
		}
		if text, _ := json.Marshal(got); string(text) != tt.want || err != nil {
			t.Errorf("%s: %s (%v), want %s", tt.expr, text, err, tt.want)
		}
	}
	own := Object{{"a", 1}, {"b", []any{Object{{"c", []string{"x"}}}}}}
	s, err := CompileSelect(".b[0].c[0], .a")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Apply(t.Context(), own); fmt.Sprint(got) != "[x 1]" || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	for expr, want := range map[string]string{
		".a | ":   `".a | ": not a jq expression: position 6: unexpected EOF`,
		".a }":    `".a }": not a jq expression: position 4: unexpected token "}"`,
		"nope(1)": `"nope(1)": not a jq expression: function not defined: nope/1`,
		"input":   `input(s)/0 is not allowed`,
	} {
		if _, err := CompileSelect(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", expr, err, want)
		}
	}
}
