package article

import (
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What a checkbox at the beginning of a list's item is in a text; in Markdown
// such an item is a task (GitHub Flavored Markdown, "Task list items").
const (
	taskDone = "☑"
	taskOpen = "☐"

	spaces = " \t\r\n"
)

// taskBox reports whether n is the checkbox of a task: an item of a list begins
// with it, maybe within a label or a paragraph.
func taskBox(n *html.Node) bool {
	if n.DataAtom != atom.Input || !strings.EqualFold(attr(n, "type"), "checkbox") || hidden(n) {
		return false
	}
	for ; ; n = n.Parent {
		if prev := n.PrevSibling; prev != nil && (prev.PrevSibling != nil || prev.Type != html.TextNode || strings.TrimSpace(prev.Data) != "") {
			return false
		}
		switch {
		case n.Parent == nil:
			return false
		case n.Parent.DataAtom == atom.Li:
			return true
		case n.Parent.DataAtom != atom.Label && n.Parent.DataAtom != atom.P:
			return false
		}
	}
}

// taskText is what stands for a taskBox in the content.
func taskText(box *html.Node) *html.Node {
	text := taskOpen
	if has(box, "checked") {
		text = taskDone
	}
	return &html.Node{Type: html.TextNode, Data: text + gap(box)}
}

// gap is the space that is to stand behind a taskBox, if the page has none.
func gap(box *html.Node) string {
	if next := box.NextSibling; next != nil && next.Type == html.TextNode && next.Data != strings.TrimLeft(next.Data, spaces) {
		return ""
	}
	return " "
}

// boxTasks makes checkboxes again of those that a tree of content has as text,
// for writeTask.
func boxTasks(content *html.Node) {
	for n := content; n != nil; n = next(n, content) {
		box, rest := boxOf(n)
		if box == nil {
			continue
		}
		if n.Parent.InsertBefore(box, n); taskBox(box) {
			n.Data = rest
		} else {
			n.Parent.RemoveChild(box)
		}
	}
}

// boxOf is the checkbox that a text begins with, and the rest of the text; nil
// when it does not. A sign may be followed by which way it is drawn (U+FE0E,
// U+FE0F), and then by a space: ☑☑☐ is something else.
func boxOf(n *html.Node) (box *html.Node, rest string) {
	if n.Type != html.TextNode {
		return nil, ""
	}
	text := strings.TrimLeft(n.Data, spaces)
	rest, done := strings.CutPrefix(text, taskDone)
	open := false
	if !done {
		rest, open = strings.CutPrefix(text, taskOpen)
	}
	rest = strings.TrimLeft(rest, "\ufe0e\ufe0f")
	if !done && !open || rest != "" && !strings.ContainsAny(rest[:1], spaces) {
		return nil, ""
	}
	box = &html.Node{Type: html.ElementNode, DataAtom: atom.Input, Data: "input", Attr: []html.Attribute{{Key: "type", Val: "checkbox"}}}
	if done {
		box.Attr = append(box.Attr, html.Attribute{Key: "checked"})
	}
	return box, rest
}

// writeTask writes the checkbox of a task as Markdown.
func writeTask(_ converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
	if !taskBox(n) {
		return converter.RenderTryNext
	}
	mark := "[ ]"
	if has(n, "checked") {
		mark = "[x]"
	}
	w.WriteString(mark + gap(n))
	return converter.RenderSuccess
}
