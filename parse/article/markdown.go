package article

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/marker"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Markdown returns the content as Markdown of GitHub's flavour
// (https://github.github.com/gfm/): links absolute, tables, listings fenced
// with their language. It is valid UTF-8.
func (c Content) Markdown() (string, error) {
	if c.node == nil {
		return "", nil
	}
	// The converter changes the tree it is given, and this one is asked again.
	content := pruner{keepAll: true}.copy(c.node, 0)
	boxTasks(content)
	markdown, err := NewConverter().ConvertNode(content)
	if err != nil {
		return "", fmt.Errorf("write Markdown: %w", err)
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(markdown), "\uFFFD")), nil
}

// NewConverter returns a writer of GitHub's flavour, of trees whose references
// are absolute already. It serves one page: the library keeps state in it.
func NewConverter() *converter.Converter {
	c := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(
			commonmark.WithListEndComment(false),
			// Links to nowhere, and links of nothing, are marks for scripts and styles.
			commonmark.WithLinkEmptyHrefBehavior(commonmark.LinkBehaviorSkip),
			commonmark.WithLinkEmptyContentBehavior(commonmark.LinkBehaviorSkip),
		),
		strikethrough.NewStrikethroughPlugin(),
		table.NewTablePlugin(
			table.WithSkipEmptyRows(true),
			table.WithHeaderPromotion(true), // a table without one is none in GitHub's flavour
			table.WithSpanCellBehavior(table.SpanBehaviorEmpty),
			// A column as wide as its widest cell would multiply a long one by all rows.
			table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal),
		),
	))
	c.Register.RendererFor("input", converter.TagTypeInline, writeTask, converter.PriorityEarly)
	c.Register.Renderer(writeCell, converter.PriorityEarly)
	c.Register.TextTransformer(keepReferences, converter.PriorityEarly)
	return c
}

// keepReferences escapes what would be read as a character reference: a page about
// HTML that says "&lt;" does not mean "<". Any other & stays as it is.
func keepReferences(_ converter.Context, text string) string {
	head, rest, found := strings.Cut(text, "&")
	if !found {
		return text
	}
	var b strings.Builder
	for b.WriteString(head); found; b.WriteString(head) {
		b.WriteByte('&')
		if isReference(rest) {
			b.WriteString("amp;")
		}
		head, rest, found = strings.Cut(rest, "&")
	}
	return b.String()
}

// isReference reports whether a text begins with the rest of a character reference.
func isReference(text string) bool {
	end := strings.IndexFunc(text, func(r rune) bool { return r != '#' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 || text[end] != ';' {
		return false
	}
	reference := "&" + text[:end+1]
	return html.UnescapeString(reference) != reference
}

// writeCell keeps the cells of a row apart where the table cannot be one in
// Markdown, which has no line ends and blocks within cells. A table's writer
// trims what it has in a cell.
func writeCell(ctx converter.Context, w converter.Writer, n *html.Node) converter.RenderStatus {
	if n.DataAtom != atom.Td && n.DataAtom != atom.Th {
		return converter.RenderTryNext
	}
	if n.PrevSibling != nil {
		w.WriteString(" ")
	}
	var cell bytes.Buffer
	ctx.RenderChildNodes(ctx, &cell, n)
	_, _ = w.Write(markPipes(cell.Bytes()))
	return converter.RenderSuccess
}

// markPipes has a table's writer escape each | of a cell: the library marks those
// of text, but not those of code, which end a cell as well.
func markPipes(cell []byte) []byte {
	pipe := []byte("|")
	marked := append(bytes.Clone(marker.BytesMarkerEscaping), pipe...)
	return bytes.ReplaceAll(bytes.ReplaceAll(cell, marked, pipe), pipe, marked)
}
