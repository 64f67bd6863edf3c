package crawler_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// TestRealPages: all that can be taken from pages as programs and people write
// them, of Debian's documentation packages, is what the golden records say;
// go test ./crawler -run RealPages -update writes these anew.
func TestRealPages(t *testing.T) {
	pages, err := filepath.Glob("../parse/article/testdata/pages/real-*.txtar")
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	text, err := os.ReadFile("testdata/real/manual.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plan := &extract.Plan{
		Fields: fromFlags(t, recipe.Flags{
			CSS: []string{"code[]=pre", "first=p@html"}, XPath: []string{"anchors=count(//a)"}, Regex: []string{`doctype=(?i)<!doctype ([^>]*)>`}, Meta: []string{"generator"},
		}),
		Recipes:    []*recipe.Recipe{compile(t, string(text))},
		Structured: true, Article: true, Markdown: true,
	}
	for _, file := range pages {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata/real", name+".json")
			got := realRecords(t, plan, name, archive.Files[0].Data)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("the records differ from %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// realRecords are the records of a page, as a person reads them.
func realRecords(t *testing.T, plan *extract.Plan, name string, body []byte) []byte {
	t.Helper()
	page := &fetch.Page{
		URL: weburl.FromCanonical("https://docs.example/" + name + "/page.html"), Status: 200, MediaType: "text/html",
		Header: http.Header{"Content-Type": {"text/html"}}, Body: body, Length: int64(len(body)),
	}
	record, items, _, err := crawler.Saved(t.Context(), parse.NewParser(parse.Options{}), plan, page)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, r := range append([]*output.Record{record}, items...) {
		if err := json.Indent(&out, r.AppendJSON(nil, 0), "", "  "); err != nil {
			t.Fatal(err)
		}
		out.WriteByte('\n')
	}
	return out.Bytes()
}
