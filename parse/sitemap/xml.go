package sitemap

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A format is where a document of that root keeps its entries.
type format struct {
	item  string // the element that is an entry
	depth int    // how deep it is: 2 is a child of the root
	index bool   // its entries are sitemaps
}

func formatOf(root string) (format, bool) {
	switch root {
	case "urlset":
		return format{item: "url", depth: 2}, true
	case "sitemapindex":
		return format{item: "sitemap", depth: 2, index: true}, true
	case "rss":
		return format{item: "item", depth: 3}, true // rss, channel, item
	case "feed":
		return format{item: "entry", depth: 2}, true
	}
	return format{}, false
}

// A field is what a child of an item means.
type field int

const (
	none field = iota
	loc
	modified
	frequency
	priority
	permalink // an RSS guid, which is the item's URL when it has no link
	href      // an Atom link, whose URL is an attribute
)

func (f format) field(name string) field {
	switch f.item {
	case "url", "sitemap":
		switch name {
		case "loc":
			return loc
		case "lastmod":
			return modified
		case "changefreq":
			return frequency
		case "priority":
			return priority
		}
	case "item":
		switch name {
		case "link":
			return loc
		case "guid":
			return permalink
		case "pubDate":
			return modified
		}
	case "entry":
		switch name {
		case "link":
			return href
		case "updated":
			return modified
		}
	}
	return none
}

// maxDepth is how deep elements may be nested. Sitemaps have three levels; text in an Atom feed may have dozens.
const maxDepth = 256

// A document is the elements open at one moment and the item being read.
type document struct {
	scanner
	out  *sink
	form format

	open  [][]byte // the names of the open elements
	depth int      // how many of open are; the others are room for names to come
	roots int

	inItem bool
	prefix []byte // of the item's name. Its fields have the same: image:loc is no loc
	item   Entry
	guid   string
	field  field // the field being read, a child of the item
}

func parseXML(r *bufio.Reader, out *sink) error {
	d := &document{scanner: scanner{r: r}, out: out}
	for {
		kind, err := d.next()
		if err != nil {
			return d.finish(err)
		}
		if kind == startTag {
			err = d.start()
			if err == nil && d.selfEnds {
				err = d.end()
			}
		} else {
			err = d.end()
		}
		if err != nil {
			return err
		}
	}
}

// finish ends the document where the input did. The item begun then counts if it has its Loc, but a field cut short does not.
func (d *document) finish(err error) error {
	if d.roots == 0 && err == io.EOF {
		return fmt.Errorf("%w: it has no element", ErrNotSitemap)
	}
	if d.depth > 0 && err == io.EOF {
		d.broken("it ends within <%.40s>", d.open[d.depth-1])
	}
	d.field = none
	if err := d.endItem(); err != nil {
		return err
	}
	if err != io.EOF {
		return fmt.Errorf("sitemap: after byte %d of its text: %w", d.place, err)
	}
	return d.fault
}

func (d *document) start() error {
	if d.depth == maxDepth {
		return fmt.Errorf("sitemap: %w: elements are nested deeper than %d", ErrBroken, maxDepth)
	}
	if d.depth == len(d.open) {
		d.open = append(d.open, nil)
	}
	d.open[d.depth] = append(d.open[d.depth][:0], d.name...)
	d.depth++

	prefix, local := splitName(d.name)
	switch {
	case d.depth == 1:
		return d.root(string(local))
	case d.depth == d.form.depth && string(local) == d.form.item:
		d.inItem, d.item, d.guid = true, Entry{Priority: -1, Index: d.form.index}, ""
		d.prefix = append(d.prefix[:0], prefix...)
	case d.inItem && d.depth == d.form.depth+1 && bytes.Equal(prefix, d.prefix):
		d.startField(d.form.field(string(local)))
	}
	d.keep = d.reading()
	return nil
}

func (d *document) root(name string) error {
	if d.roots++; d.roots > 1 {
		return fmt.Errorf("sitemap: %w: a second root element, <%.40s>; the rest is not read", ErrBroken, name)
	}
	var known bool
	if d.form, known = formatOf(name); !known {
		return fmt.Errorf("%w: its root element is <%.40s>; expected urlset, sitemapindex, rss or feed", ErrNotSitemap, name)
	}
	return nil
}

func (d *document) startField(f field) {
	d.field, d.text, d.long = f, d.text[:0], false
	switch f {
	case href:
		d.field = none
		rel, hasRel := attribute(d.attrs, "rel")
		if target, _ := attribute(d.attrs, "href"); d.item.Loc == "" && (!hasRel || rel == "alternate") {
			d.setLoc(target)
		}
	case permalink:
		if is, has := attribute(d.attrs, "isPermaLink"); has && is != "true" {
			d.field = none
		}
	}
}

// reading says whether text here belongs to the field: not the text of elements within it.
func (d *document) reading() bool {
	return d.field != none && d.depth == d.form.depth+1
}

// end closes the element of that name, and with it those within that were left open. A tag that closes nothing is ignored.
func (d *document) end() error {
	at := d.depth - 1
	for at >= 0 && !bytes.Equal(d.open[at], d.name) {
		at--
	}
	if at != d.depth-1 {
		d.broken("</%.40s> closes no element or not the innermost", d.name)
	}
	for at >= 0 && d.depth > at {
		if err := d.endInnermost(); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) endInnermost() error {
	switch {
	case d.field != none && d.depth == d.form.depth+1:
		d.endField()
	case d.inItem && d.depth == d.form.depth:
		if err := d.endItem(); err != nil {
			return err
		}
	}
	d.depth--
	d.keep = d.reading()
	return nil
}

// endField gives the item what the field said. A field given twice counts once, the first time.
func (d *document) endField() {
	f := d.field
	d.field = none
	if d.long {
		d.broken("<%.40s> is too long and passed over", d.open[d.depth-1])
		return
	}
	text := string(bytes.TrimSpace(d.text))
	switch f {
	case loc:
		d.setLoc(text)
	case permalink:
		d.guid = text
	case modified:
		if d.item.LastMod.IsZero() {
			d.item.LastMod = parseTime(text)
		}
	case frequency:
		if d.item.ChangeFreq == "" {
			d.item.ChangeFreq = text
		}
	case priority:
		if p, err := strconv.ParseFloat(text, 64); err == nil && p >= 0 && p <= 1 && d.item.Priority < 0 {
			d.item.Priority = p
		}
	}
}

func (d *document) setLoc(text string) {
	switch {
	case len(text) > MaxValue:
		d.broken("the URL of <%.40s> is too long and passed over", d.name)
	case d.item.Loc == "":
		d.item.Loc = strings.TrimSpace(text)
	}
}

// endItem yields the item, unless it names no URL.
func (d *document) endItem() error {
	if !d.inItem {
		return nil
	}
	d.inItem = false
	if d.item.Loc == "" && isWebURL([]byte(d.guid)) {
		d.item.Loc = d.guid
	}
	if d.item.Loc == "" {
		return nil
	}
	return d.out.put(d.item)
}
