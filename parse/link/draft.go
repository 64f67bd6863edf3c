package link

import (
	"time"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// draft is a document whose texts are still pieces of the arena.
type draft struct {
	titleSeen                bool
	title, description, lang span
	canonical, refresh       span
	delay                    time.Duration
	hreflang, robots         []named
	dropped                  int
	limited, textCut         bool
}

// named is two pieces of the arena: a language and a URL, or a name and a content.
type named struct{ name, value span }

func (d *draft) document(text string) Document {
	doc := Document{
		Title:       d.title.of(text),
		Description: d.description.of(text),
		Lang:        d.lang.of(text),
		Canonical:   urlAt(d.canonical, text),
		Refresh:     urlAt(d.refresh, text),
		Dropped:     d.dropped,
		Limited:     d.limited,
		TextCut:     d.textCut,

		RefreshDelay: d.delay,
	}
	for _, h := range d.hreflang {
		doc.Hreflang = append(doc.Hreflang, Translation{h.name.of(text), urlAt(h.value, text)})
	}
	for _, r := range d.robots {
		doc.Robots = append(doc.Robots, NamedContent{r.name.of(text), r.value.of(text)})
	}
	return doc
}

func urlAt(p span, text string) weburl.URL {
	if p == (span{}) {
		return weburl.URL{}
	}
	return weburl.FromCanonical(p.of(text))
}
