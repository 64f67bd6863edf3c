package link

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// oracle finds the links of a page from the tokens of x/net/html, in the most
// obvious way. What it has in common with the scanner is the CSS, the parsing
// of relations and the rules of foreign content; tags, attributes, text and
// character references are x/net's.
type oracle struct {
	opts     Options
	base     weburl.URL
	baseSeen bool
	links    []Link
	title    *string
	depth    int
}

func oracleScan(body []byte, page weburl.URL, opts Options) *oracle {
	o := &oracle{opts: opts, base: page}
	o.scan(body)
	return o
}

// scan looks for the base first, and then for the links.
func (o *oracle) scan(body []byte) {
	o.tokens(body, func(name string, attrs map[string]string, inForeign bool) {
		href, ok := attrs["href"]
		if name != "base" || !ok || o.baseSeen || inForeign {
			return
		}
		o.baseSeen = true
		if base, err := o.base.Resolve(href); err == nil {
			o.base = base
		}
	}, func(string, string) {})
	o.tokens(body, o.element, func(name, text string) {
		switch {
		case name == "title" && o.title == nil && o.depth == 0:
			o.title = &text
		case name == "style":
			o.css(text, StyleText)
		}
	})
}

// tokens calls element for each start tag and text for the text of titles and
// styles.
func (o *oracle) tokens(body []byte, element func(string, map[string]string, bool), text func(name, text string)) {
	z := html.NewTokenizer(bytes.NewReader(body))
	var f foreign
	raw := ""
	for {
		z.AllowCDATA(f.inside() || o.opts.XHTML)
		tt := z.Next()
		if tt == html.TextToken && raw != "" {
			text(raw, string(z.Text()))
			raw = ""
			continue
		}
		if raw != "" {
			text(raw, "")
			raw = ""
		}
		switch tt {
		case html.ErrorToken:
			return
		case html.EndTagToken:
			name, _ := z.TagName()
			f.end(elementNamed(name), name)
		case html.StartTagToken, html.SelfClosingTagToken:
			name, attrs := startTag(z)
			closed := tt == html.SelfClosingTagToken
			inForeign := f.start(elementNamed([]byte(name)), []byte(name), closed)
			if name == "noscript" || inForeign || o.opts.XHTML && closed {
				z.NextIsNotRawText()
			} else if name == "title" || name == "style" {
				raw = name
			}
			if name == "image" && !inForeign {
				name = "img"
			}
			element(name, attrs, inForeign)
		}
	}
}

func startTag(z *html.Tokenizer) (name string, attrs map[string]string) {
	attrs = map[string]string{}
	tag, more := z.TagName()
	name = string(tag)
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		attrs[string(k)] = string(v)
	}
	return name, attrs
}

func (o *oracle) add(ref string, from Source, nofollow bool) {
	if from.Kind() == Asset {
		if ref = strings.Trim(ref, " \t\r\n\f"); !o.opts.Assets || ref == "" || ref[0] == '#' {
			return
		}
	}
	u, err := o.base.Resolve(ref)
	if err != nil {
		return
	}
	i := slices.IndexFunc(o.links, func(l Link) bool { return l.URL == u })
	if i < 0 {
		o.links = append(o.links, Link{URL: u, From: from, NoFollow: nofollow})
		return
	}
	l := &o.links[i]
	switch was, is := l.From.Kind() == Page, from.Kind() == Page; {
	case is && !was:
		l.From, l.NoFollow = from, nofollow
	case is == was:
		l.NoFollow = l.NoFollow && nofollow
	}
}

func (o *oracle) element(name string, attrs map[string]string, inForeign bool) {
	rels := strings.FieldsFunc(asciiLower(attrs["rel"]), isSpace)
	has := func(any ...string) bool {
		return slices.ContainsFunc(rels, func(r string) bool { return slices.Contains(any, r) })
	}
	attr := func(name string, from Source) {
		if v := attrs[name]; strings.Trim(v, " \t\r\n\f") != "" {
			o.add(v, from, false)
		}
	}
	svgHref := func(from Source) {
		if _, ok := attrs["href"]; ok {
			attr("href", from)
		} else {
			attr("xlink:href", from)
		}
	}
	switch name {
	case "a", "area":
		from := AHref
		if name == "area" {
			from = AreaHref
		}
		if v, ok := attrs["href"]; ok {
			o.add(v, from, has("nofollow"))
		} else if v, ok := attrs["xlink:href"]; ok && inForeign {
			o.add(v, from, has("nofollow"))
		}
	case "frame":
		attr("src", FrameSrc)
	case "link":
		o.linkElement(attrs, has)
	case "audio":
		attr("src", AudioSrc)
	case "body":
		attr("background", BodyBackground)
	case "embed":
		attr("src", EmbedSrc)
	case "image":
		svgHref(ImageHref)
	case "img":
		attr("src", ImgSrc)
		o.srcset(attrs["srcset"], ImgSrcset)
	case "input":
		if asciiLower(attrs["type"]) == "image" {
			attr("src", InputSrc)
		}
	case "object":
		attr("data", ObjectData)
	case "script":
		attr("src", ScriptSrc)
	case "source":
		attr("src", SourceSrc)
		o.srcset(attrs["srcset"], SourceSrcset)
	case "track":
		attr("src", TrackSrc)
	case "use":
		svgHref(UseHref)
	case "video":
		attr("src", VideoSrc)
		attr("poster", VideoPoster)
	}
	o.css(attrs["style"], StyleAttr)
	if name == "iframe" {
		attr("src", IframeSrc)
		o.srcdoc(attrs)
	}
}

func (o *oracle) linkElement(attrs map[string]string, has func(...string) bool) {
	var from Source
	asset := has("icon", "mask-icon", "apple-touch-icon", "apple-touch-icon-precomposed",
		"apple-touch-startup-image", "manifest", "preload", "modulepreload")
	switch {
	case has("next", "prev", "previous"):
		from = LinkPage
	case has("canonical"):
		from = LinkCanonical
	case has("stylesheet"):
		from = LinkAsset
	case has("alternate"):
		from = LinkAlternate
	case asset:
		from = LinkAsset
	default:
		return
	}
	if v := attrs["href"]; strings.Trim(v, " \t\r\n\f") != "" {
		o.add(v, from, has("nofollow"))
	}
	if asset {
		o.srcset(attrs["imagesrcset"], LinkImagesrcset)
	}
}

// candidate is one of a srcset: a URL that does not end in a comma and what
// follows up to the next comma outside parentheses, or one that does.
var candidate = regexp.MustCompile(`[ \t\r\n\f,]*([^ \t\r\n\f]*[^ \t\r\n\f,])(,+|(?:[ \t\r\n\f](?:\([^)]*(?:\)|$)|[^,(])*)?)`)

func (o *oracle) srcset(set string, from Source) {
	for _, m := range candidate.FindAllStringSubmatch(set, -1) {
		o.add(m[1], from, false)
	}
}

func (o *oracle) css(text string, from Source) {
	if !o.opts.Assets {
		return
	}
	var s Scanner
	for _, l := range s.CSS([]byte(text), o.base, Options{Assets: true}).Links {
		o.add(l.URL.String(), from, false)
	}
}

func (o *oracle) srcdoc(attrs map[string]string) {
	doc, ok := attrs["srcdoc"]
	if !ok || o.depth == maxDepth {
		return
	}
	inner := &oracle{opts: o.opts, base: o.base, links: o.links, depth: o.depth + 1}
	inner.opts.XHTML = false
	inner.scan([]byte(doc))
	o.links = inner.links
}

func isSpace(r rune) bool { return strings.ContainsRune(" \t\r\n\f", r) }

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// escapedScriptBug finds scripts for which x/net leaves the standard: after "<!--"
// in it, any "<" that is not followed by a letter or a slash ends the escaped
// state there (§13.2.5.23 says it goes on).
var escapedScriptBug = regexp.MustCompile(`(?is)<script.*<!--.*<[^a-z/]`)
