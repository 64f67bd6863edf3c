package article

import (
	"golang.org/x/net/html"
)

// next is the node after n in tree order, or nil when it would be beyond root.
func next(n, root *html.Node) *html.Node {
	if n.FirstChild != nil {
		return n.FirstChild
	}
	return after(n, root)
}

// after is the node in tree order after n and all below it.
func after(n, root *html.Node) *html.Node {
	for ; n != nil && n != root; n = n.Parent {
		if n.NextSibling != nil {
			return n.NextSibling
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for i := range n.Attr {
		if a := &n.Attr[i]; a.Namespace == "" && a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for i := range n.Attr {
		if a := &n.Attr[i]; a.Namespace == "" && a.Key == name {
			return true
		}
	}
	return false
}
