package recipe

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden extracts from each testdata/*.txtar, which has recipe.yaml, pages, and want.json. The name of a page's
// file is its URL; it is JSON when it starts like it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files (%v)", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r *Recipe
	var got bytes.Buffer
	want := -1
	for i, f := range archive.Files {
		switch f.Name {
		case "recipe.yaml":
			if r, err = Compile(f.Name, f.Data); err != nil {
				t.Fatal(err)
			}
		case "want.json":
			want = i
		default:
			show(t, &got, r, page(t, f.Name, f.Data))
		}
	}
	if want < 0 {
		t.Fatalf("%s has no want.json", file)
	}
	if *update {
		archive.Files[want].Data = got.Bytes()
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(archive.Files[want].Data), got.String()); diff != "" {
		t.Errorf("the extraction differs from want.json (-want +got; go test -update writes it):\n%s", diff)
	}
}

func page(t testing.TB, name string, body []byte) *Page {
	t.Helper()
	u, err := weburl.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	mediaType := "text/html"
	if strings.HasPrefix(string(body), "{") || strings.HasPrefix(string(body), "[") {
		mediaType = "application/json"
	}
	header := map[string][]string{"Content-Type": {mediaType}, "Content-Language": {"en"}}
	return NewPage(u, mediaType, body, header)
}

// show writes an extraction the way a person reads it.
func show(t *testing.T, out *bytes.Buffer, r *Recipe, p *Page) {
	t.Helper()
	e, err := r.Extract(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	view := Object{{"page", p.URL().String()}}
	var items []any
	for _, it := range e.Items {
		o := Object{{"item", it.Name}, {"data", it.Data}}
		if len(it.Errors) > 0 {
			o = append(o, Member{"errors", it.Errors})
		}
		items = append(items, o)
	}
	view = append(view, Member{"items", items})
	if e.Dropped > 0 {
		view = append(view, Member{"dropped", e.Dropped})
	}
	if len(e.Errors) > 0 {
		view = append(view, Member{"errors", e.Errors})
	}
	var empty []any
	for _, f := range e.Fill {
		if f.Filled < f.Of {
			empty = append(empty, Object{{"field", f.Item + ":" + f.Field}, {"of", f.Of}, {"filled", f.Filled}})
		}
	}
	if empty != nil {
		view = append(view, Member{"unfilled", empty})
	}
	if r.Follows() {
		targets, errs := r.Follow(t.Context(), p)
		var list []any
		for _, target := range targets {
			list = append(list, Object{{"url", target.URL.String()}, {"priority", target.Priority}, {"nofollow", target.NoFollow}})
		}
		view = append(view, Member{"follow", list})
		if errs != nil {
			view = append(view, Member{"follow errors", errs})
		}
	}
	if err := json.Indent(out, view.AppendJSON(nil), "", "  "); err != nil {
		t.Fatalf("%v in %s", err, view.AppendJSON(nil))
	}
	out.WriteByte('\n')
}
