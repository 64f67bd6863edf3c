package crawler_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Imports run one way: parse knows nothing of ours, fetch and output may know
// parse, crawler may know those three, cmd may know all. Fetch and output never
// meet: a sink never sees a page, a fetcher never sees a record. What is internal
// is for the tests of all, and knows none.
func TestImportsRunOneWay(t *testing.T) {
	const module = "github.com/trawl-crawler/trawl/"
	allowed := map[string]string{
		"parse":   "parse",
		"fetch":   "fetch parse",
		"output":  "output parse",
		"crawler": "crawler fetch output parse",
		"cmd":     "cmd crawler fetch output parse",
	}
	files := 0
	for room, may := range allowed {
		err := filepath.WalkDir(filepath.Join("..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.Contains(path, "testdata") {
				return err
			}
			files++
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, spec := range file.Imports {
				name, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				other, ours := strings.CutPrefix(name, module)
				other, _, _ = strings.Cut(other, "/")
				if ours && other == "testdata" && strings.HasSuffix(path, "_test.go") {
					continue
				}
				if ours && !strings.Contains(" "+may+" ", " "+other+" ") {
					t.Errorf("%s imports %s: %s may import %s only", path, name, room, may)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 50 {
		t.Errorf("only %d files were looked at", files)
	}
}
