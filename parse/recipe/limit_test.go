package recipe

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

func mustURL(t testing.TB) weburl.URL {
	t.Helper()
	u, err := weburl.Parse("https://site.example/dir/page?q=1")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestNothingRunsAway has, for each language, an expression and a page on which it would take hours, or all memory. Each
// ends with an error of kind limit, within the time of the test.
func TestNothingRunsAway(t *testing.T) {
	deep := strings.Repeat("<div>", 500) + "<p>x"
	flat := "<ul>" + strings.Repeat("<li>a", 10_001)
	for _, tt := range []struct{ name, field, page string }{
		{"css: descendants", "'x div div div div div div div p'", deep},
		{"css: siblings", "'li:nth-child(10001)'", flat},
		{"css: :has", "'li:has(x), ul:has(x), body:has(x)'", flat},
		{"css: text of text", "{css: div, many: true}", strings.Repeat("<div>", 500) + strings.Repeat("a ", 200_000)},
		{"css: too many", "{css: li, many: true}", flat},
		{"xpath: siblings", "{xpath: '//li[count(preceding::li) > count(following::li) + 9999]'}", flat},
		{"xpath: descendants", "{xpath: '//*//*//*//*//*//x'}", deep + flat},
		{"xpath: scalar", "{xpath: 'count(//li[count(preceding::li) > 5])'}", flat},
		{"regex: all matches", "{regex: 'a(.*c)?', many: true}", strings.Repeat("a", 1<<16)},
		{"regex: long", "{regex: '(a|b|ab){100}(.{200})*c'}", strings.Repeat("ab", 1<<18)},
		{"replace", "{css: body, transform: [{replace: ['', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa']}]}", strings.Repeat("a", 1<<19)},
		{"split", "{css: body, many: true, transform: [{split: a}]}", strings.Repeat("ba", 1<<18)},
		{"value too large", "{css: body}", strings.Repeat("a", maxText+1)},
		{"markdown", "{css: body, type: markdown}", strings.Repeat(flat+"</ul>", 2)},
		{"markdown: brackets", "{css: body, type: markdown}", "<p>" + strings.Repeat("[a", 50_000)},
		{"html", "{css: ul, type: html}", flat + strings.Repeat("a", maxText)},
		{"jq: endless", "{jq: '[range(1e9)] | length'}", "{}"},
		{"jq: recursion", "{jq: 'def f: f; f'}", "{}"},
		{"jq: outputs", "{jq: 'range(1e9)', many: true}", "{}"},
		{"jq: deep", "{jq: 'reduce range(2000) as $i (1; [.])'}", "{}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Compile("r.yaml", []byte(fields(tt.field)))
			if err != nil {
				t.Fatal(err)
			}
			x := newRun(t.Context(), page(t, "https://site.example/", []byte(tt.page)))
			x.steps /= 32 // as poor a page ends as surely, and sooner
			e, err := r.extract(x)
			if err != nil || len(e.Items) != 1 {
				t.Fatalf("%d items (%v)", len(e.Items), err)
			}
			errs := e.Items[0].Errors
			if tt.name == "css: descendants" || tt.name == "css: :has" || tt.name == "regex: long" && len(errs) == 0 {
				return // these are cheap here: it is enough that they end
			}
			if len(errs) != 1 || errs[0].Kind != Limit {
				t.Errorf("errors: %v", errs)
			}
		})
	}
}

// TestManyItems: a page cannot make more items than there may be, nor spend its purse once an item.
func TestManyItems(t *testing.T) {
	r, err := Compile("r.yaml", []byte("name: r\nitems: {i: {each: li, fields: {n: '@value', all: {xpath: 'count(preceding::li)'}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	x := newRun(t.Context(), page(t, "https://site.example/", []byte("<ul>"+strings.Repeat("<li value=1>", maxValues+5))))
	x.steps /= 32
	e, err := r.extract(x)
	if err != nil || len(e.Items) == 0 || len(e.Items) > maxValues {
		t.Fatalf("%d items (%v)", len(e.Items), err)
	}
	if len(e.Errors) != 2 || e.Errors[0].Field != "i.each" || e.Errors[1].Field != "i" {
		t.Errorf("errors: %v", e.Errors)
	}
}

// TestFirstOfTooMany: a path of which not all nodes can be gone through has a first one all the same.
func TestFirstOfTooMany(t *testing.T) {
	root := parseHTML(t, "<ul>"+strings.Repeat("<li>1<b>2</b>", 2000))
	s, err := parseXPath("//li/following::b/text()")
	if err != nil {
		t.Fatal(err)
	}
	for most, ends := range map[int]bool{1: true, 1_000_000: false} {
		x := budget(t)
		x.steps /= 32
		if found, err := s.find(x, scope{node: root}, most); (err == nil) != ends || ends && len(found) != 1 || (x.steps >= 0) != ends {
			t.Errorf("at most %d: %d values (%v), %d steps left", most, len(found), err, x.steps)
		}
	}
}

// TestManyLargeValues: values that are each small enough may be too much together.
func TestManyLargeValues(t *testing.T) {
	var fields strings.Builder
	for i := range maxOutput/maxText + 1 {
		fmt.Fprintf(&fields, "f%d: {css: body}, ", i)
	}
	r, err := Compile("r.yaml", []byte("name: r\nitems: {i: {fields: {"+fields.String()+"}}}"))
	if err != nil {
		t.Fatal(err)
	}
	x := newRun(t.Context(), page(t, "https://site.example/", []byte(strings.Repeat("a", maxText/32))))
	x.output /= 32
	e, err := r.extract(x)
	if err != nil || len(e.Items) != 1 || len(e.Items[0].Errors) != 1 || e.Items[0].Errors[0].Kind != Limit {
		t.Errorf("%v, %v: want that the last of the values is too much", e.Items, err)
	}
}

// TestTreeTooDeep: x/net/html refuses the page, and the fields say so.
func TestTreeTooDeep(t *testing.T) {
	p := page(t, "https://site.example/", []byte(strings.Repeat("<div>", 600)))
	r, err := FromFlags(Flags{CSS: []string{"a=h1"}, XPath: []string{"b=//a"}, Regex: []string{"c=<(div)>"}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.Extract(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	got := e.Items[0]
	if len(got.Errors) != 2 || got.Errors[0].Kind != Unreadable || got.Errors[1].Kind != Unreadable || string(got.Data.AppendJSON(nil)) != `{"c":"div"}` {
		t.Errorf("data %s, errors %v", got.Data.AppendJSON(nil), got.Errors)
	}
}

// TestTreesBuilt counts the trees: one for many selectors, none when nothing selects.
func TestTreesBuilt(t *testing.T) {
	for _, tt := range []struct {
		flags Flags
		built bool
	}{
		{Flags{CSS: []string{"a=h1"}}, true},
		{Flags{Meta: []string{"description"}}, true},
		{Flags{Regex: []string{"a=x"}, JQ: []string{"b=.x"}}, false},
	} {
		r, err := FromFlags(tt.flags)
		if err != nil {
			t.Fatal(err)
		}
		p := page(t, "https://site.example/", []byte("<h1>x</h1>"))
		if _, err := r.Extract(t.Context(), p); err != nil || p.TreeBuilt() != tt.built {
			t.Errorf("%+v: tree built is %v (%v)", tt.flags, p.TreeBuilt(), err)
		}
		root, _ := p.Root()
		if again, _ := p.Root(); again != root {
			t.Error("a second tree was made")
		}
	}
}

// TestShared uses one recipe from several goroutines, as parsers do; the race detector is the judge.
func TestShared(t *testing.T) {
	r, err := Compile("r.yaml", []byte("name: r\nitems: {i: {each: li, fields: {a: {xpath: 'string(.)'}, b: {xpath: './/b[contains(., \"x\") and position() < count(//li)]'},"+
		" c: {xpath: 'string-join(//li, \"+\")'}, d: {css: 'li:first-child b'}, m: {css: b, type: markdown}, j: {css: b, transform: [{jq: '[.]'}]}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`<ul><li><b>"x1"</b><li><b>2</b></ul>`)
	shared := page(t, "https://site.example/", body)
	want := fmt.Sprint(mustExtract(t, r, shared))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if got := fmt.Sprint(mustExtract(t, r, page(t, "https://site.example/", body))); got != want {
					t.Errorf("%s\nwant %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func mustExtract(t testing.TB, r *Recipe, p *Page) Extraction {
	e, err := r.Extract(t.Context(), p)
	if err != nil {
		t.Error(err)
	}
	return e
}

// TestMediaTypes: what a server calls a body decides what applies to it, and what it is when it is called nothing.
func TestMediaTypes(t *testing.T) {
	r, err := FromFlags(Flags{CSS: []string{"css=a"}, JQ: []string{"jq=.a"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		mediaType, body, want string
		readable              bool
	}{
		{"text/html", "<a>1</a>", `{"css":"1"}`, true},
		{"application/xhtml+xml", "<a>1</a>", `{"css":"1"}`, true},
		{"application/ld+json", `{"a":1}`, `{"jq":1}`, true},
		{"text/plain", ` {"a":1}`, `{"jq":1}`, false},
		{"text/html", "\ufeff{\"a\":1}", `{"jq":1}`, true},
		{"", "\n<a>1</a>", `{"css":"1"}`, false},
		{"text/plain", "<a>1</a>", `{}`, false},
		{"image/png", "<a>1</a>", `{}`, false},
	} {
		e := mustExtract(t, r, NewPage(mustURL(t), tt.mediaType, []byte(tt.body), nil))
		if got := string(e.Items[0].Data.AppendJSON(nil)); got != tt.want || len(e.Items[0].Errors) > 0 || Readable(tt.mediaType) != tt.readable {
			t.Errorf("%s %q: %s, %v, readable %v", tt.mediaType, tt.body, got, e.Items[0].Errors, Readable(tt.mediaType))
		}
	}
}

// A page that has too much of something costs no tree, says so, and keeps what needs none.
func TestTreeLimits(t *testing.T) {
	for _, tt := range []struct {
		unit   string
		limits TreeLimits
		most   int // of the unit
		over   string
	}{
		{"<b><p>", TreeLimits{Tags: 2000}, 1000, OverTags},
		{"<br a b=1>", TreeLimits{Attributes: 2000}, 1000, OverAttributes},
		{"<i>", TreeLimits{Nesting: 100}, 98, OverNesting},
		{"<i>", TreeLimits{}, 510, OverNesting},
	} {
		for n, over := range map[int]string{tt.most: "", tt.most + 1: tt.over} {
			p := NewPage(weburl.FromCanonical("https://example.org/"), "text/html", []byte(strings.Repeat(tt.unit, n)), nil).Within(tt.limits)
			root, err := p.Root()
			if p.Over() != over || (root != nil) != (over == "") || errors.Is(err, errUnreadable) != (over != "") {
				t.Errorf("%d × %s within %+v: over %q (%v), want %q", n, tt.unit, tt.limits, p.Over(), err, over)
			}
		}
	}
	p := page(t, "https://example.org/", []byte(strings.Repeat("<br>", 500_001)))
	if _, err := p.Root(); err == nil || p.Over() != OverTags {
		t.Errorf("a page of 500,001 tags: over %q (%v)", p.Over(), err)
	}
	for _, mediaType := range []string{"application/xhtml+xml", "image/svg+xml", "application/xml"} {
		p := NewPage(weburl.FromCanonical("https://example.org/"), mediaType, []byte("<html><script/>"+strings.Repeat("<br a='' b=''/>", 1001)), nil)
		if _, err := p.Within(TreeLimits{Attributes: 2000}).Root(); err == nil || p.Over() != OverAttributes {
			t.Errorf("attributes of %s behind a script that is empty there: over %q (%v)", mediaType, p.Over(), err)
		}
	}
	p = page(t, "https://example.org/", []byte("<title>x</title>"+strings.Repeat("<b a b c><p>", 1000))).Within(TreeLimits{Attributes: 10})
	r, err := FromFlags(Flags{CSS: []string{"a=title"}, Regex: []string{"b=<title>(.)"}})
	if err != nil {
		t.Fatal(err)
	}
	e := mustExtract(t, r, p).Items[0]
	if got := string(e.Data.AppendJSON(nil)); got != `{"b":"x"}` || len(e.Errors) != 1 || e.Errors[0].Kind != Unreadable ||
		e.Errors[0].Message != "no tree is made of the page: it has more attributes than 10" {
		t.Errorf("data %s, errors %v", got, e.Errors)
	}
}
