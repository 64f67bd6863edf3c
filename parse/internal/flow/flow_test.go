package flow

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestNodes(t *testing.T) {
	for markup, want := range map[string]string{
		"a<b>b</b>c":                       "abc",
		"a<br>b<i><br></i>c":               "a|b|c",
		"<div>a</div>b<p>c<p>d":            "a|b|c|d",
		"<div><div>a</div></div><b>b</b>":  "a|b",
		"<b><div></div></b>a<i>b</i>":      "ab",
		"<table><tr><td>a<td>b<tr><td>c":   "a|b|c",
		"a<!-- x -->b<ul><li>c<li>d</ul>e": "ab|c|d|e",
	} {
		root, err := html.Parse(strings.NewReader(markup))
		if err != nil {
			t.Fatal(err)
		}
		got, gap := "", false
		for n, apart := range Nodes(root.LastChild.LastChild) { // body
			if gap = gap || apart; n.Type == html.TextNode {
				if gap && got != "" {
					got += "|"
				}
				got, gap = got+n.Data, false
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", markup, got, want)
		}
	}
	for range Nodes(nil) {
		t.Error("a node of none")
	}
}
