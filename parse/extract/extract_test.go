package extract

import (
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func TestWants(t *testing.T) {
	fields, err := recipe.FromFlags(recipe.Flags{CSS: []string{"a=b"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		plan *Plan
		want string
	}{
		{"nil", nil, ""},
		{"nothing", &Plan{}, ""},
		{"fields", &Plan{Fields: fields}, "text/html application/json application/rss+xml text/plain"},
		{"markdown", &Plan{Markdown: true}, "text/html"},
		{"html", &Plan{HTML: true}, "text/html application/json application/rss+xml text/plain"}, // what fields can be taken from later
		{"text", &Plan{Text: true}, "text/html text/plain"},
		{"feed", &Plan{Feed: true}, "text/html application/json application/rss+xml"},
	} {
		var got []string
		for _, kind := range []string{"text/html", "application/json", "application/rss+xml", "text/plain", "text/css", "image/png"} {
			if tc.plan.Wants(kind) {
				got = append(got, kind)
			}
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s wants %v, want %s", tc.name, got, tc.want)
		}
	}
}

// A page that is nested too deeply for a tree still has text and metadata, and
// its fields say why they are not there.
func TestDeeplyNested(t *testing.T) {
	fields, err := recipe.FromFlags(recipe.Flags{CSS: []string{"a=p"}})
	if err != nil {
		t.Fatal(err)
	}
	plan := &Plan{Fields: fields, Text: true, Structured: true}
	page := `<meta property=og:title content=Deep>` + strings.Repeat("<div>", 600) + "<p>Down here is what the page is about, in a sentence."
	h := harvest(t, plan, "text/html", page)
	if !strings.Contains(h.Text, "Down here") || h.Structured == nil || h.Structured.OpenGraph["title"] != "Deep" {
		t.Errorf("text %q, structured %+v", h.Text, h.Structured)
	}
	if len(h.Errors) != 1 || h.Errors[0].Kind != recipe.Unreadable {
		t.Errorf("errors %+v", h.Errors)
	}
}

// What panics on a page costs what it was to take from it, and no more.
func TestAPanicIsOnePages(t *testing.T) {
	plan := &Plan{Recipes: []*recipe.Recipe{nil}, Text: true}
	h := harvest(t, plan, "text/html", "<p>The text of the page, which has a sentence or two. This is the other.")
	if !strings.Contains(h.Text, "a sentence or two") {
		t.Errorf("the text is %q", h.Text)
	}
	if len(h.Errors) != 1 || h.Errors[0].Field != "fields" || h.Errors[0].Kind != recipe.Unreadable || !strings.Contains(h.Errors[0].Message, "panic: ") {
		t.Errorf("errors %+v", h.Errors)
	}
}

// An element that is empty in XML does not take in the rest of the page.
func TestXHTML(t *testing.T) {
	fields, err := recipe.FromFlags(recipe.Flags{CSS: []string{"a=a", "b=b"}})
	if err != nil {
		t.Fatal(err)
	}
	const page = `<html xmlns="http://www.w3.org/1999/xhtml"><head><script src="x.js"/><meta property="og:title" content="X"/></head><body><p><a id="here"/>Text, <b>bold</b>.</p></body></html>`
	h := harvest(t, &Plan{Fields: fields, Text: true, Structured: true}, "application/xhtml+xml", page)
	if data := string(h.Data.AppendJSON(nil)); data != `{"b":"bold"}` || h.Text != "Text, bold." || h.Structured.OpenGraph["title"] != "X" {
		t.Errorf("data %s, text %q, structured %+v", data, h.Text, h.Structured)
	}
}

// Targets come by priority, those of equal priority in the order of the page.
func TestFollowByPriority(t *testing.T) {
	r, err := recipe.Compile("r.yaml", []byte("name: r\nitems:\n  i:\n    fields:\n      a: h1\nfollow:\n  - css: .low\n  - {css: .high, priority: 5}\n"))
	if err != nil {
		t.Fatal(err)
	}
	h := harvest(t, &Plan{Recipes: []*recipe.Recipe{r}}, "text/html", `<a class=low href=1>1</a><a class=high href=2>2</a><a class=low href=3>3</a>`)
	var got []string
	for _, target := range h.Follow {
		got = append(got, target.URL.String())
	}
	if want := "http://a.test/2 http://a.test/1 http://a.test/3"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// FuzzPage: nothing that a server sends as anything makes a plan panic.
func FuzzPage(f *testing.F) {
	fields, err := recipe.FromFlags(recipe.Flags{
		CSS: []string{"a[]=p > a@href"}, XPath: []string{"b[]=//p/text()"}, Regex: []string{`c[]=(\w+)`}, JQ: []string{"d=.. | numbers"}, Meta: []string{"author"},
	})
	if err != nil {
		f.Fatal(err)
	}
	plan := &Plan{Fields: fields, Structured: true, Text: true, Markdown: true, Article: true, HTML: true, Feed: true}
	f.Add("text/html", "<p><a href=x>y</a><script type=application/ld+json>{</script>")
	f.Add("application/rss+xml", "<rss><channel><item><title>a</title></item></channel></rss>")
	f.Add("application/json", `{"a":[1,{"b":2}]}`)
	f.Add("text/plain", "a")
	f.Add("", "<a")
	for _, body := range hostile.Bodies(f) {
		f.Add("text/html", string(body))
	}
	f.Fuzz(func(t *testing.T, mediaType, body string) {
		first := harvest(t, plan, mediaType, strings.ToValidUTF8(body, "?"))
		again := harvest(t, plan, mediaType, strings.ToValidUTF8(body, "?"))
		for _, e := range first.Errors {
			if strings.HasPrefix(e.Message, "panic: ") {
				t.Errorf("%q: %+v", body, e)
			}
		}
		if string(first.Data.AppendJSON(nil)) != string(again.Data.AppendJSON(nil)) || first.Markdown != again.Markdown || len(first.Items) != len(again.Items) {
			t.Errorf("%q gives one thing and then another", body)
		}
	})
}

func harvest(t *testing.T, plan *Plan, mediaType, body string) Harvest {
	t.Helper()
	h, err := plan.Page(t.Context(), Input{URL: weburl.FromCanonical("http://a.test/"), MediaType: mediaType, Text: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}
