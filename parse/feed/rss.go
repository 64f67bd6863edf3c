package feed

import (
	"strings"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/rss"
)

func parser() *gofeed.Parser {
	p := gofeed.NewParser()
	p.RSSTranslator = &rssTranslator{}
	return p
}

// rssTranslator keeps what gofeed forgets: that the guid of an item is no address of a page, though it may look like one.
type rssTranslator struct{ gofeed.DefaultRSSTranslator }

// noPermalink is what such an item has in Custom, which nothing else is read from.
const noPermalink = "isPermaLink=false"

func (t *rssTranslator) Translate(from any) (*gofeed.Feed, error) {
	found, err := t.DefaultRSSTranslator.Translate(from)
	feed, ok := from.(*rss.Feed)
	if !ok || err != nil {
		return found, err
	}
	for i, item := range feed.Items {
		if item.GUID != nil && strings.EqualFold(item.GUID.IsPermalink, "false") {
			found.Items[i].Custom = map[string]string{noPermalink: ""}
		}
	}
	return found, nil
}

// isPermalink tells whether an item's guid may be the address of its page (RSS 2.0).
func isPermalink(item *gofeed.Item) bool {
	_, not := item.Custom[noPermalink]
	return !not && strings.HasPrefix(strings.TrimSpace(item.GUID), "http")
}
