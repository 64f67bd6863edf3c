package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/txtar"
)

// page is one to find the main text of.
type page struct {
	url   *url.URL
	html  string
	truth truth
}

// truth knows how right a text is.
type truth interface {
	count(text string, to *tally)
}

// tally sums up a set: shares of pages, or phrases.
type tally struct {
	precision, recall, f1   float64
	pages                   int
	right, missed, mistaken int
}

func (t *tally) figures() (precision, recall, f1 float64) {
	if t.pages > 0 {
		n := float64(t.pages)
		return t.precision / n, t.recall / n, t.f1 / n
	}
	precision = float64(t.right) / float64(t.right+t.mistaken)
	recall = float64(t.right) / float64(t.right+t.missed)
	return precision, recall, 2 * precision * recall / (precision + recall)
}

// ownPages reads the corpus: the layouts written for it, and real pages.
func ownPages(dir string) (written, real []page, _ error) {
	files, err := filepath.Glob(dir + "/*.txtar")
	if err != nil || len(files) == 0 {
		return nil, nil, fmt.Errorf("no pages in %s: %v", dir, err)
	}
	at := &url.URL{Scheme: "https", Host: "www.example.org", Path: "/2024/05/page.html"}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			return nil, nil, err
		}
		p := page{at, string(archive.Files[0].Data), words(tokens(string(archive.Files[1].Data)))}
		if strings.HasPrefix(filepath.Base(file), "real-") {
			real = append(real, p)
		} else {
			written = append(written, p)
		}
	}
	return written, real, nil
}

// words are all of a page's main text; how often each is there.
type words map[string]int

func (want words) count(text string, to *tally) {
	to.pages++
	both, wants, gots := 0, 0, 0
	got := tokens(text)
	for word, n := range want {
		wants += n
		both += min(n, got[word])
	}
	for _, n := range got {
		gots += n
	}
	if both == 0 {
		return
	}
	p, r := float64(both)/float64(gots), float64(both)/float64(wants)
	to.precision, to.recall, to.f1 = to.precision+p, to.recall+r, to.f1+2*p*r/(p+r)
}

// tokens are the words of a text; where words have no spaces between, letters.
func tokens(text string) map[string]int {
	count := map[string]int{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if word[0] < 0xe0 {
			count[word]++
			continue
		}
		for _, r := range word {
			count[string(r)]++
		}
	}
	return count
}

// phrases are what the main text must have, and what it must not.
type phrases struct{ with, without []string }

func (p phrases) count(text string, to *tally) {
	text = strings.Join(strings.Fields(text), " ")
	has := func(phrase string) bool { return strings.Contains(text, strings.Join(strings.Fields(phrase), " ")) }
	for _, phrase := range p.with {
		if has(phrase) {
			to.right++
		} else {
			to.missed++
		}
	}
	for _, phrase := range p.without {
		if has(phrase) {
			to.mistaken++
		}
	}
}

// trafilaturaPages reads the pages in the module of go-trafilatura, and the
// phrases from the source of its own comparison.
func trafilaturaPages() ([]page, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/markusmobius/go-trafilatura").Output()
	if err != nil {
		return nil, fmt.Errorf("find go-trafilatura: %w", err)
	}
	dir := strings.TrimSpace(string(out))
	source, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "scripts/comparison/data.go"), nil, 0)
	if err != nil {
		return nil, err
	}
	var pages []page
	ast.Inspect(source, func(n ast.Node) bool {
		entry, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		value, ok := entry.Value.(*ast.CompositeLit)
		if !ok || value.Type != nil { // an entry's type is left out, a list's is not
			return true
		}
		if p, ok := entryPage(dir, entry.Key, value); ok {
			pages = append(pages, p)
		}
		return false
	})
	return pages, nil
}

func entryPage(dir string, key ast.Expr, entry *ast.CompositeLit) (page, bool) {
	address, err := url.Parse(literal(key))
	if err != nil {
		return page{}, false
	}
	var file string
	var want phrases
	for _, e := range entry.Elts {
		field, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch field.Key.(*ast.Ident).Name {
		case "File":
			file = literal(field.Value)
		case "With":
			want.with = literals(field.Value)
		case "Without":
			want.without = literals(field.Value)
		}
	}
	for _, kind := range []string{"comparison", "mock", "simple"} {
		if text, err := os.ReadFile(filepath.Join(dir, "test-files", kind, file)); err == nil {
			return page{address, string(text), want}, true
		}
	}
	return page{}, false
}

func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok {
		s, _ := strconv.Unquote(l.Value)
		return s
	}
	return ""
}

func literals(e ast.Expr) (all []string) {
	if l, ok := e.(*ast.CompositeLit); ok {
		for _, e := range l.Elts {
			all = append(all, literal(e))
		}
	}
	return all
}
