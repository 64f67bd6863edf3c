package article

import (
	"fmt"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
)

// Markdown returns the content as Markdown of GitHub's flavour
// (https://github.github.com/gfm/): links absolute, tables, listings fenced
// with their language. It is valid UTF-8.
func (c Content) Markdown() (string, error) {
	if c.node == nil {
		return "", nil
	}
	conv := converter.NewConverter(converter.WithPlugins(
		base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(commonmark.WithListEndComment(false)),
		strikethrough.NewStrikethroughPlugin(),
		table.NewTablePlugin(
			table.WithSkipEmptyRows(true),
			table.WithHeaderPromotion(true), // a table without one is none in GitHub's flavour
			table.WithSpanCellBehavior(table.SpanBehaviorEmpty),
			// A column as wide as its widest cell would multiply a long one by all rows.
			table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal),
		),
	))
	// The converter changes the tree it is given, and this one is asked again.
	markdown, err := conv.ConvertNode(pruner{keepAll: true}.copy(c.node, 0))
	if err != nil {
		return "", fmt.Errorf("write Markdown: %w", err)
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(markdown), "\uFFFD")), nil
}
