package crawler_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

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

// What is taken from a saved page is byte for byte what the crawl took from the
// response.
func TestSavedIsCrawled(t *testing.T) {
	plan := &extract.Plan{
		HTML:    true,
		Fields:  fromFlags(t, recipe.Flags{CSS: []string{"h=h1@html", "links[]=a@href"}}),
		Recipes: []*recipe.Recipe{compile(t, "name: r\nitems:\n  i:\n    fields:\n      a: {css: h1, type: markdown}\n      l: {css: a, many: true}\n")},
	}
	var s keeper
	o := options(parseWeb(t, threePages), &s.sink, "http://a.test/")
	o.Sink, o.Extract = &s, plan
	o.Emit |= output.EmitItems
	if _, err := crawler.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	crawled, again := make(map[string][]string), make(map[string][]string)
	for _, r := range s.records {
		crawled[r.URL] = append(crawled[r.URL], string(r.Data))
		if r.HTML == "" {
			continue
		}
		page := &fetch.Page{
			URL: weburl.FromCanonical(r.URL), MediaType: "text/html", Body: []byte(r.HTML),
			Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		}
		record, items, _, err := crawler.Saved(t.Context(), parse.NewParser(parse.Options{}), plan, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range append([]*output.Record{record}, items...) {
			again[r.URL] = append(again[r.URL], string(r.Data))
		}
	}
	if len(crawled) != 3 || len(again) != 3 {
		t.Fatalf("%d pages crawled, %d again", len(crawled), len(again))
	}
	for u, data := range crawled {
		if !slices.Equal(data, again[u]) {
			t.Errorf("%s: %q, and saved %q", u, data, again[u])
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
