// Package flow knows which words of a page are apart though no white space is
// between them: those that browsers put on different lines, or in different
// cells of a table.
package flow

import (
	"iter"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Nodes yields root and all below it in tree order, and whether a line or a cell
// begins or ends between a node and the one before. A tree may be deep, so it
// does not recurse.
func Nodes(root *html.Node) iter.Seq2[*html.Node, bool] {
	return func(yield func(*html.Node, bool) bool) {
		apart := false
		for n := root; n != nil; n = n.NextSibling {
			for ; ; n, apart = n.FirstChild, false {
				if !yield(n, apart || Breaks(n.DataAtom)) {
					return
				}
				if n.FirstChild == nil {
					break
				}
			}
			for apart = Breaks(n.DataAtom); n != root && n.NextSibling == nil; {
				n = n.Parent
				apart = apart || Breaks(n.DataAtom)
			}
			if n == root {
				return
			}
		}
	}
}

// Breaks reports whether browsers begin a new line, or a new cell, for an element.
func Breaks(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Br, atom.Caption, atom.Dd, atom.Details, atom.Dialog,
		atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2,
		atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hgroup, atom.Hr, atom.Legend, atom.Li, atom.Main, atom.Menu, atom.Nav,
		atom.Ol, atom.Option, atom.P, atom.Pre, atom.Section, atom.Summary, atom.Table, atom.Tbody, atom.Td, atom.Tfoot, atom.Th,
		atom.Thead, atom.Tr, atom.Ul:
		return true
	}
	return false
}
