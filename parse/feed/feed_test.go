package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

var update = flag.Bool("update", false, "write what Parse gives into testdata/*.txtar")

func archives(t testing.TB) map[string]*txtar.Archive {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	found := map[string]*txtar.Archive{}
	for _, file := range files {
		if found[file], err = txtar.ParseFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func feedURL(t testing.TB) weburl.URL {
	t.Helper()
	base, err := weburl.Parse("https://www.example.org/blog/feed.xml")
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// Each file has a feed and what is in it.
func TestParse(t *testing.T) {
	for file, archive := range archives(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			feed, err := Parse(archive.Files[0].Data, feedURL(t), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(feed); err != nil {
				t.Fatal(err)
			}
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "feed.json", Data: got.Bytes()})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(archive.Files) < 2 {
				t.Fatal("no golden file: run with -update")
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat("<x:a>", 1_000_000)
	whole := strings.Repeat("<x:a>", maxDepth) + strings.Repeat("</x:a>", maxDepth) + "</item></channel></rss>"
	for text, want := range map[string]error{
		"":                              ErrNotFeed,
		"plain text":                    ErrNotFeed,
		"<!doctype html><html><p>a":     ErrNotFeed,
		"<urlset></urlset>":             ErrNotFeed,
		"[1,2]":                         ErrNotFeed,
		`{"version": 1, "items": [`:     ErrBroken,
		"<rss><channel><title>a":        ErrBroken,
		"<rss><channel><item>" + deep:   ErrBroken,
		"<rss><channel><item>" + whole:  ErrBroken,
		"<feed><entry>" + deep + "</a>": ErrBroken,
	} {
		if _, err := Parse([]byte(text), feedURL(t), Limits{}); !errors.Is(err, want) {
			t.Errorf("%.40q: %v, want %v", text, err, want)
		}
	}
}

// PHP writes slashes as \/: no end tag in a JSON Feed looks like one.
func TestMarkupInJSON(t *testing.T) {
	text := `{"version":"https://jsonfeed.org/version/1.1","items":[{"content_html":"` + strings.Repeat(`<p>a<br><\/p>`, maxDepth) + `"}]}`
	feed, err := Parse([]byte(text), feedURL(t), Limits{})
	if err != nil || len(feed.Items) != 1 || len(feed.Items[0].Content) != len("<p>a<br></p>")*maxDepth {
		t.Errorf("%d items, %v: want the one with all of its text", len(feed.Items), err)
	}
}

func TestLimits(t *testing.T) {
	text := "<rss><channel>" + strings.Repeat("<item><title>0123456789</title></item>", 5) + "</channel></rss>"
	feed, err := Parse([]byte(text), feedURL(t), Limits{Items: 3, Field: 4})
	if err != nil {
		t.Fatal(err)
	}
	if len(feed.Items) != 3 || feed.Items[0].Title != "0123" || !feed.Truncated {
		t.Errorf("%+v, want 3 items of title 0123, truncated", feed)
	}
	if feed, err = Parse([]byte(text), feedURL(t), Limits{}); err != nil || feed.Truncated || len(feed.Items) != 5 {
		t.Errorf("%+v, %v: want all 5 items", feed, err)
	}
}

// Whatever comes, what Parse gives is UTF-8, bounded, and its dates are dates.
func FuzzParse(f *testing.F) {
	for _, archive := range archives(f) {
		f.Add(archive.Files[0].Data)
	}
	base := feedURL(f)
	for _, body := range hostile.Bodies(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		limits := Limits{Items: 5, Field: 100}
		feed, err := Parse(text, base, limits)
		if err != nil {
			if !errors.Is(err, ErrNotFeed) && !errors.Is(err, ErrBroken) {
				t.Fatal(err)
			}
			return
		}
		if len(feed.Items) > limits.Items {
			t.Fatalf("%d items", len(feed.Items))
		}
		for _, item := range feed.Items {
			for _, date := range []string{item.Published, item.Updated} {
				if _, err := time.Parse(time.RFC3339, date); date != "" && err != nil {
					t.Fatal(err)
				}
			}
			if len(item.Content) > 3*limits.Field || !utf8.ValidString(item.Content+item.Title+item.URL+item.ID+item.Author) {
				t.Fatalf("%+v", item)
			}
		}
	})
}
