// Command compare measures go-trafilatura on the pages beside it. It is a
// module of its own, so that trawl does not depend on what it was weighed
// against.
package main

import (
	"fmt"
	"log"
	"net/url"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/markusmobius/go-trafilatura"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"
)

func main() {
	files, err := filepath.Glob("../pages/*.txtar")
	if err != nil || len(files) == 0 {
		log.Fatalf("no pages in ../pages: %v", err)
	}
	fmt.Println("extractor  precision  recall  F1  ms a page")
	for _, fallback := range []bool{false, true} {
		if err := measure(files, fallback); err != nil {
			log.Fatal(err)
		}
	}
}

func measure(files []string, fallback bool) error {
	var precision, recall, f1 float64
	var took time.Duration
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			return err
		}
		root, err := html.Parse(strings.NewReader(string(archive.Files[0].Data)))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		start := time.Now()
		text := extract(root, fallback)
		took += time.Since(start)
		p, r := compare(string(archive.Files[1].Data), text)
		precision, recall = precision+p, recall+r
		if p+r > 0 {
			f1 += 2 * p * r / (p + r)
		}
	}
	n := float64(len(files))
	fmt.Printf("trafilatura, fallback %v  %.3f  %.3f  %.3f  %.1f\n", fallback, precision/n, recall/n, f1/n, took.Seconds()*1000/n)
	return nil
}

func extract(root *html.Node, fallback bool) string {
	address := &url.URL{Scheme: "https", Host: "www.example.org", Path: "/2024/05/page.html"}
	result, err := trafilatura.ExtractDocument(root, trafilatura.Options{OriginalURL: address, EnableFallback: fallback, ExcludeComments: true})
	if err != nil {
		return "" // it found nothing
	}
	return result.ContentText
}

// compare gives the precision and recall of the words found.
func compare(truth, found string) (precision, recall float64) {
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
		return 0, 0
	}
	return float64(both) / float64(gots), float64(both) / float64(wants)
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
