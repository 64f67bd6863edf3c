package recipe

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
)

// seeds are the recipes and pages of the golden files.
func seeds(f *testing.F) (recipes, pages [][]byte) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range txtar.Parse(text).Files {
			switch {
			case part.Name == "recipe.yaml":
				recipes = append(recipes, part.Data)
			case strings.HasPrefix(part.Name, "http"):
				pages = append(pages, part.Data)
			}
		}
	}
	return recipes, pages
}

// FuzzPage: no page makes a recipe panic or run away, its data is JSON, and comes out the same twice.
func FuzzPage(f *testing.F) {
	recipes, pages := seeds(f)
	var compiled []*Recipe
	for _, text := range recipes {
		r, err := Compile("r.yaml", text)
		if err != nil {
			f.Fatal(err)
		}
		for _, it := range r.items {
			it.match = match{} // all of them on every page
		}
		compiled = append(compiled, r)
	}
	for _, p := range pages {
		f.Add(p)
	}
	for _, body := range hostile.Bodies(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, r := range compiled {
			checkExtraction(t, r, body)
		}
		p := page(t, "https://site.example/a/b", body)
		text := Starter(t.Context(), p)
		r, err := Compile("starter.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		checkExtraction(t, r, body)
	})
}

func checkExtraction(t *testing.T, r *Recipe, body []byte) {
	p := page(t, "https://site.example/a/b?q=1", body)
	first := mustExtract(t, r, p)
	again := mustExtract(t, r, page(t, "https://site.example/a/b?q=1", body))
	if len(first.Items) != len(again.Items) {
		t.Fatalf("%d items, then %d", len(first.Items), len(again.Items))
	}
	for i, it := range first.Items {
		text := it.Data.AppendJSON(nil)
		if !json.Valid(text) {
			t.Fatalf("no JSON: %s", text)
		}
		if string(text) != string(again.Items[i].Data.AppendJSON(nil)) {
			t.Fatalf("not the same twice: %s", text)
		}
	}
	for _, fill := range first.Fill {
		if fill.Filled > fill.Of {
			t.Fatalf("%+v", fill)
		}
	}
	r.Follow(t.Context(), p)
}

// FuzzRecipe: no recipe makes Compile panic; its errors have a place in the file. What compiles is tried on a page,
// without programs: jq's are the user's own, and may fill the memory.
func FuzzRecipe(f *testing.F) {
	recipes, pages := seeds(f)
	for _, r := range recipes {
		f.Add(r, pages[0])
	}
	f.Add([]byte(fields("{xpath: '//a', many: true, transform: [{split: ','}]}")), []byte(forest))
	f.Fuzz(func(t *testing.T, text, body []byte) {
		r, err := Compile("r.yaml", text)
		if err != nil {
			var at *Error
			if !errors.As(err, &at) || at.Line < 1 || at.Column < 1 {
				t.Fatalf("no place: %v", err)
			}
			return
		}
		if strings.Contains(string(text), "jq") || len(body) > 5000 {
			return
		}
		checkExtraction(t, r, body)
	})
}

// FuzzFlags: no value makes FromFlags panic, and errors quote it.
func FuzzFlags(f *testing.F) {
	f.Add("a=b@c", "a=//a", "a=(b)", "og:title", "a=.b", "a@href", "x")
	f.Fuzz(func(t *testing.T, css, xpath, regex, meta, jq, follow, attr string) {
		for _, flags := range []Flags{{CSS: []string{css}}, {XPath: []string{xpath}}, {Regex: []string{regex}}, {Meta: []string{meta}},
			{Follow: []string{follow}, FollowAttr: attr}} {
			r, err := FromFlags(flags)
			if err != nil {
				if !strings.Contains(err.Error(), `"`) {
					t.Fatalf("nothing quoted: %v", err)
				}
				continue
			}
			checkExtraction(t, r, []byte(forest))
		}
		// Programs are only compiled: what they do is up to them.
		_, _ = FromFlags(Flags{JQ: []string{jq}})
		_, _ = CompileSelect(jq)
	})
}
