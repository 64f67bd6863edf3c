// Command compare weighs article.Find against the libraries there are, on the
// pages beside it and on those that go-trafilatura is developed on. It is a
// module of its own, so that trawl does not depend on what it was weighed
// against.
//
//	cd parse/article/testdata/compare && go run .        (go run . Find: only that one)
package main

import (
	"fmt"
	"log"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	readability "codeberg.org/readeck/go-readability/v2"
	"github.com/markusmobius/go-trafilatura"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/trawl-crawler/trawl/parse/article"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// contender finds the main text of a page. A title that is given apart from
// the text goes before it, for the truth has headlines.
type contender struct {
	name string
	find func(root *html.Node, at *url.URL) (title, text string)
}

var contenders = []contender{
	{"the whole body", func(root *html.Node, _ *url.URL) (string, string) { return "", bodyText(root) }},
	{"go-trafilatura", trafilaturaWith(false)},
	{"go-trafilatura with fall-backs", trafilaturaWith(true)},
	{"go-readability", func(root *html.Node, at *url.URL) (string, string) {
		found, err := readability.FromDocument(root, at)
		var b strings.Builder
		if err != nil || found.RenderText(&b) != nil {
			return "", ""
		}
		return found.Title(), b.String()
	}},
	{"Find", func(root *html.Node, at *url.URL) (string, string) {
		base, err := weburl.Parse(at.String())
		if err != nil {
			return "", ""
		}
		return "", article.Find(root, base).Text()
	}},
}

func trafilaturaWith(fallback bool) func(*html.Node, *url.URL) (string, string) {
	return func(root *html.Node, at *url.URL) (string, string) {
		found, err := trafilatura.ExtractDocument(root, trafilatura.Options{OriginalURL: at, EnableFallback: fallback, ExcludeComments: true})
		if err != nil {
			return "", "" // it found nothing
		}
		return found.Metadata.Title, found.ContentText
	}
}

func main() {
	written, real, err := ownPages("../pages")
	if err != nil {
		log.Fatal(err)
	}
	theirs, err := trafilaturaPages()
	if err != nil {
		log.Fatal(err)
	}
	for _, set := range []struct {
		name  string
		pages []page
	}{
		{"layouts written for the test", written}, {"pages as they are served", real}, {"pages of go-trafilatura, by phrases", theirs},
	} {
		fmt.Printf("%d %s\n", len(set.pages), set.name)
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "extractor\tprecision\trecall\tF1\tms a page")
		for _, c := range contenders {
			if only := os.Args[1:]; len(only) > 0 && !slices.Contains(only, c.name) {
				continue
			}
			fmt.Fprintln(w, measure(c, set.pages))
		}
		w.Flush()
		fmt.Println()
	}
}

func measure(c contender, pages []page) string {
	var all tally
	var took time.Duration
	for _, p := range pages {
		root, err := html.Parse(strings.NewReader(p.html))
		if err != nil {
			continue // too deep for x/net/html, and so for all of them
		}
		start := time.Now()
		title, text := c.find(root, p.url)
		took += time.Since(start)
		if !strings.Contains(strings.Join(strings.Fields(text), " "), title) {
			text = title + "\n" + text
		}
		p.truth.count(text, &all)
	}
	precision, recall, f1 := all.figures()
	return fmt.Sprintf("%s\t%.3f\t%.3f\t%.3f\t%.1f", c.name, precision, recall, f1, took.Seconds()*1000/float64(len(pages)))
}

// bodyText is all text of the page but that of scripts and the like.
func bodyText(root *html.Node) string {
	var b strings.Builder
	var add func(*html.Node)
	add = func(n *html.Node) {
		switch n.DataAtom {
		case atom.Head, atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Iframe, atom.Svg:
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode {
			b.WriteByte(' ')
		}
		for c := range n.ChildNodes() {
			add(c)
		}
	}
	add(root)
	return b.String()
}
