package article

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

var pages = flag.Bool("pages", false, "log the figures of each page of the corpus")

// sample is a page with the text that is its main content, headlines included.
type sample struct {
	name, kind string
	page       []byte
	truth      string
}

func corpus(t testing.TB) []sample {
	t.Helper()
	files, err := filepath.Glob("testdata/pages/*.txtar")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d pages, want 50 and more: %v", len(files), err)
	}
	var samples []sample
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil || len(archive.Files) != 2 {
			t.Fatalf("%s: %d parts: %v", file, len(archive.Files), err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		kind, _, _ := strings.Cut(name, "-")
		samples = append(samples, sample{name, kind, archive.Files[0].Data, string(archive.Files[1].Data)})
	}
	return samples
}

func tree(t testing.TB, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(string(page)))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func pageURL(t testing.TB) weburl.URL {
	t.Helper()
	base, err := weburl.Parse("https://www.example.org/2024/05/page.html")
	if err != nil {
		t.Fatal(err)
	}
	return base
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

// score is how much of what was found is in the truth, and of the truth in what was found.
type score struct{ precision, recall, f1 float64 }

func compare(truth, found string) score {
	want, got := tokens(truth), tokens(found)
	both, wants, gots := 0, 0, 0
	for word, n := range want {
		wants += n
		both += min(n, got[word])
	}
	for _, n := range got {
		gots += n
	}
	if both == 0 {
		return score{}
	}
	p, r := float64(both)/float64(gots), float64(both)/float64(wants)
	return score{p, r, 2 * p * r / (p + r)}
}

func (s score) plus(o score) score {
	return score{s.precision + o.precision, s.recall + o.recall, s.f1 + o.f1}
}

func (s score) over(n int) score {
	return score{s.precision / float64(n), s.recall / float64(n), s.f1 / float64(n)}
}

func (s score) String() string { return fmt.Sprintf("%.3f\t%.3f\t%.3f", s.precision, s.recall, s.f1) }

// The figures of the package comment: run with -v. The layouts were written by
// who wrote prune.go; the pages that are real were not.
func TestCorpus(t *testing.T) {
	var written, real []sample
	for _, s := range corpus(t) {
		if s.kind == "real" {
			real = append(real, s)
		} else {
			written = append(written, s)
		}
	}
	figures(t, "layouts", written, 0.97)
	figures(t, "real pages", real, 0.96)
}

// figures logs how well each step finds what is true, and fails when Find is
// worse than it was.
func figures(t *testing.T, name string, samples []sample, least float64) {
	base := pageURL(t)
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "extractor\tprecision\trecall\tF1\tms a page\n")
	for _, extractor := range []struct {
		name string
		find func(*html.Node) string
	}{
		{"everything", func(n *html.Node) string { return plainText(everything(n)) }},
		{"pruned", func(n *html.Node) string { return plainText(prune(n)) }},
		{"readability", func(n *html.Node) string { return plainText(readable(n, base)) }},
		{"Find", func(n *html.Node) string { return Find(n, base).Text() }},
	} {
		var sum score
		var took time.Duration
		for _, s := range samples {
			root := tree(t, s.page)
			start := time.Now()
			found := extractor.find(root)
			took += time.Since(start)
			one := compare(s.truth, found)
			sum = sum.plus(one)
			if *pages {
				t.Logf("%-12s %-28s %s", extractor.name, s.name, one)
			}
		}
		mean := sum.over(len(samples))
		fmt.Fprintf(w, "%s\t%s\t%.1f\n", extractor.name, mean, took.Seconds()*1000/float64(len(samples)))
		if extractor.name == "Find" && mean.f1 < least {
			t.Errorf("%s: F1 of Find = %.3f, it was %.3f and more", name, mean.f1, least)
		}
	}
	w.Flush()
	t.Logf("%d %s\n%s", len(samples), name, table.String())
}
