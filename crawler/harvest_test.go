package crawler_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

const threePages = `
-- /robots.txt --
HTTP 404
-- / --
<title>home</title><h1>Home</h1><a href=/a>a</a><a class=next href=/b>b</a>
-- /a --
<h1>A &amp; <b>B</b></h1><p itemscope itemtype=http://schema.org/Thing>
-- /b --
HTTP 200
Content-Type: text/html; charset=iso-8859-1

<h1>Ü</h1>
`

// fourPages are one in another encoding, one of JSON and one that says nothing
// of its type, too.
const fourPages = `
-- /robots.txt --
HTTP 404
-- / --
HTTP 200
Content-Type: text/html; charset=utf-8
Content-Language: de
Set-Cookie: sid=secret

<title>home</title><h1>Home</h1><a href=/json>a</a><a href=/b>b</a><a href=/untyped>u</a>
-- /json --
HTTP 200
Content-Type: application/json

{"n":1.50}
-- /untyped --
HTTP 200
Content-Type:

<h1>A &amp; <b>B</b>` + "\x1b" + `</h1><p itemscope itemtype=http://schema.org/Thing>
-- /b --
HTTP 200
Content-Type: text/html; charset=iso-8859-1

<meta charset=iso-8859-1><h1>Ü</h1>
`

// A crawl that selects from no tree builds none, and one that does builds one a
// page, however much is taken from it.
func TestTrees(t *testing.T) {
	all := extract.Plan{
		Fields:     fromFlags(t, recipe.Flags{CSS: []string{"a=h1", "b=a@href"}, XPath: []string{"c=//h1"}, Meta: []string{"author"}}),
		Recipes:    []*recipe.Recipe{compile(t, "name: r\nitems:\n  i:\n    fields:\n      a: h1\n")},
		Structured: true, Text: true, Markdown: true, Article: true, HTML: true,
	}
	for _, tc := range []struct {
		name string
		plan *extract.Plan
		want int64
	}{
		{"nothing", nil, 0},
		{"no selection", &extract.Plan{HTML: true, Fields: fromFlags(t, recipe.Flags{Regex: []string{"a=<h1>(.*)"}, JQ: []string{"b=.b"}})}, 0},
		{"everything", &all, 3},
	} {
		var s sink
		o := options(parseWeb(t, threePages), &s, "http://a.test/")
		o.Extract = tc.plan
		sum, err := crawler.Run(t.Context(), o)
		if err != nil || sum.Fetched != 3 {
			t.Fatalf("%s: %d pages, %v", tc.name, sum.Fetched, err)
		}
		var trees int64
		if sum.Data != nil {
			trees = sum.Data.Trees
		}
		if trees != tc.want {
			t.Errorf("%s: %d trees, want %d", tc.name, trees, tc.want)
		}
	}
}

// What a record with html gives again is byte for byte what the crawl took from
// the response, its header and encoding included, and so is all else in it.
func TestRereadIsCrawled(t *testing.T) {
	plan := &extract.Plan{
		HTML: true, Structured: true, Text: true, Markdown: true, Article: true, Feed: true,
		Fields: fromFlags(t, recipe.Flags{CSS: []string{"h=h1@html", "links[]=a@href"}, Regex: []string{"r=<(h1)"}}),
		Recipes: []*recipe.Recipe{compile(t, `
name: r
items:
  i:
    fields:
      a: {css: h1, type: markdown}
      l: {css: a, many: true}
      n: {jq: .n}
      language: {header: content-language}
      type: {header: content-type}
      n_as_date: {jq: .n, type: date}
`)},
	}
	lines := func(records ...*output.Record) (all []string) {
		for _, r := range records {
			all = append(all, string(r.AppendJSON(nil, 0)))
		}
		return all
	}
	var s keeper
	o := options(parseWeb(t, fourPages), &s.sink, "http://a.test/")
	o.Sink, o.Extract = &s, plan
	o.Emit |= output.EmitItems
	if _, err := crawler.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want, got := lines(s.records...), []string(nil)
	for _, line := range want {
		r, err := output.Decode([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if r.Type == output.TypeItem {
			ownFields(t, line)
			continue
		}
		items, _, err := crawler.Reread(t.Context(), plan, &r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(append(got, lines(&r)...), lines(items...)...)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 8 {
		t.Errorf("%d records crawled (-) and read again (+):\n%s", len(want), diff)
	}
	if all := strings.Join(want, "\n"); !strings.Contains(all, `"language":"de"`) || strings.Contains(all, "secret") {
		t.Errorf("a field of the header is missing, or a cookie is there:\n%s", all)
	}
}

// ownFields holds an item to the fields that tables believe it has.
func ownFields(t *testing.T, item string) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(item), &fields); err != nil {
		t.Fatal(err)
	}
	for name := range fields {
		if !output.EmitItems.Has(name) {
			t.Errorf("an item has the field %q, and EmitItems.Has says no", name)
		}
	}
}

// Links are those that the plan names, and what it skips is not fetched.
func TestPlanFollows(t *testing.T) {
	for _, tc := range []struct {
		name string
		plan extract.Plan
		want int64
	}{
		{"follow", extract.Plan{Fields: fromFlags(t, recipe.Flags{Follow: []string{"a.next"}})}, 2},
		{"skip", extract.Plan{Recipes: []*recipe.Recipe{compile(t, "name: r\nskip: /b\nitems:\n  i:\n    fields:\n      a: h1\n")}}, 2},
	} {
		var s sink
		o := options(parseWeb(t, threePages), &s, "http://a.test/")
		o.Extract = &tc.plan
		sum, err := crawler.Run(t.Context(), o)
		if err != nil || sum.Fetched != tc.want {
			t.Errorf("%s: %d pages, %v; want %d", tc.name, sum.Fetched, err, tc.want)
		}
	}
}

// A link of higher priority is fetched before all others of its host, however
// much later and deeper it was found. At a request a second, the links of a
// page are there before the next.
func TestPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := parseWeb(t, `
-- /robots.txt --
HTTP 404
-- / --
<a class=last href=/old>old</a><a href=/a1>1</a><a href=/a2>2</a><a class=next href=/2>next</a>
-- /2 --
<a href=/b1>1</a><a class=next href=/3>next</a>
-- /3 --
<a href=/c1>1</a>
`)
		var s keeper
		o := options(web, &s.sink, "http://a.test/")
		o.Sink, o.Politeness.Rate = &s, 1
		o.Extract = &extract.Plan{Recipes: []*recipe.Recipe{compile(t, `
name: r
follow:
  - css: a:not([class])
  - {css: a.next, priority: 10}
  - {css: a.last, priority: -5}
`)}}
		if _, err := crawler.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, r := range s.records {
			order = append(order, strings.TrimPrefix(r.URL, "http://a.test"))
		}
		if want := "/ /2 /3 /a1 /a2 /b1 /c1 /old"; strings.Join(order, " ") != want {
			t.Errorf("%v, want %s", order, want)
		}
	})
}

// keeper is a sink that keeps the records.
type keeper struct {
	sink
	records []*output.Record
}

func (k *keeper) Write(_ context.Context, r *output.Record) error {
	k.records = append(k.records, r)
	return nil
}

func fromFlags(t testing.TB, f recipe.Flags) *recipe.Recipe {
	t.Helper()
	r, err := recipe.FromFlags(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func compile(t testing.TB, text string) *recipe.Recipe {
	t.Helper()
	r, err := recipe.Compile("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The URLs of fields and of follow are those of the page's links, whose queries
// are in the page's charset.
func TestURLsOfFieldsAreThoseOfLinks(t *testing.T) {
	plan := &extract.Plan{HTML: true, Recipes: []*recipe.Recipe{compile(t, "name: r\nitems: {i: {fields: {next: {css: a, type: url}}}}\nfollow: [{css: a}]\n")}}
	page := &fetch.Page{
		URL: weburl.FromCanonical("http://a.test/"), Status: 200, MediaType: "text/html",
		Header: http.Header{"Content-Type": {"text/html; charset=windows-1252"}}, Body: []byte("<a href='s?q=caf\xe9'>next</a>"),
	}
	r, items, h, err := crawler.Saved(t.Context(), parse.NewParser(parse.Options{}), plan, page)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := crawler.Reread(t.Context(), plan, r)
	if err != nil {
		t.Fatal(err)
	}
	const want = "http://a.test/s?q=caf%E9"
	data := `{"next":"` + want + `"}`
	if link, target := r.Links[0].URL.String(), h.Follow[0].URL.String(); link != want || target != want || string(items[0].Data) != data || string(again[0].Data) != data {
		t.Errorf("link %s, follow %s, item %s, from html %s; want %s", link, target, items[0].Data, again[0].Data, want)
	}
}

// Of two Content-Types the page is read by the one that says what it is.
func TestTwoContentTypes(t *testing.T) {
	u, err := weburl.Parse("http://a.test/")
	if err != nil {
		t.Fatal(err)
	}
	page := &fetch.Page{
		URL: u, Status: 200, MediaType: "text/html", Body: []byte("<title>\xed\xc9\xd2</title>"),
		Header: http.Header{"Content-Type": {"text/plain", "text/html; charset=koi8-r"}},
	}
	r, _, _, err := crawler.Saved(t.Context(), parse.NewParser(parse.Options{}), nil, page)
	if err != nil || r.ContentType != "text/html; charset=koi8-r" || r.Charset != "koi8-r" || r.Title != "Мир" {
		t.Errorf("%q in %s of %q (%v)", r.Title, r.Charset, r.ContentType, err)
	}
}
