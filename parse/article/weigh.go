package article

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// weight is how much there is to read in an element, without the white space
// around its pieces.
type weight struct {
	text   int // bytes
	linked int // of these within links
	links  int
}

// weights are those of the elements of a tree that are text to read. They are
// taken all at once: elements ask for theirs at each level of the tree.
type weights map[*html.Node]weight

func weigh(root *html.Node) weights {
	w := weights{}
	w.node(root, 0)
	return w
}

func (w weights) node(n *html.Node, level int) weight {
	if n.Type == html.TextNode {
		return weight{text: len(strings.TrimSpace(n.Data))}
	}
	if level > maxLevel || n.Type == html.ElementNode && dropped(n) {
		return weight{}
	}
	var sum weight
	for c := range n.ChildNodes() {
		part := w.node(c, level+1)
		sum.text += part.text
		sum.linked += part.linked
		sum.links += part.links
	}
	if n.DataAtom == atom.A && has(n, "href") {
		sum.linked, sum.links = sum.text, 1
	}
	if n.Type == html.ElementNode {
		w[n] = sum
	}
	return sum
}

// textLength is the text to read of a tree, 0 for none.
func textLength(root *html.Node) int {
	if root == nil {
		return 0
	}
	size := 0
	for n := root; n != nil; {
		if n.Type == html.ElementNode && dropped(n) {
			n = after(n, root)
			continue
		}
		if n.Type == html.TextNode {
			size += len(strings.TrimSpace(n.Data))
		}
		n = next(n, root)
	}
	return size
}
