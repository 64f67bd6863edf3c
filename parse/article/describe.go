package article

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/language"

	"github.com/abadojack/whatlanggo"

	"github.com/trawl-crawler/trawl/parse/internal/flow"
	"github.com/trawl-crawler/trawl/parse/structured"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Article is what is known about the article of a page. What is not is empty.
type Article struct {
	Title     string `json:"title,omitempty"`
	Author    string `json:"author,omitempty"`    // several are separated by "; "
	Published string `json:"published,omitempty"` // RFC 3339; midnight UTC if the page gives a day only
	Modified  string `json:"modified,omitempty"`
	Language  string `json:"language,omitempty"` // BCP 47
	Image     string `json:"image,omitempty"`    // an absolute URL
	SiteName  string `json:"site_name,omitempty"`
	Excerpt   string `json:"excerpt,omitempty"`
}

// Describe tells what is known about the article of the page that root is the
// tree of: from its JSON-LD, then OpenGraph and other metas, then the markup.
// References are resolved against base. The excerpt and the language, if
// nothing else gives them, come from main, its content.
func Describe(root *html.Node, base weburl.URL, main Content) Article {
	if root == nil {
		return Article{}
	}
	data := structured.Extract(root, base, structured.Limits{Bytes: 256 << 10})
	d := description{data: data, thing: articleNode(data.JSONLD), names: namesOf(data.JSONLD), marks: findMarks(root)}
	a := Article{
		Title:     d.title(),
		Author:    d.author(),
		Published: d.published(),
		Modified:  d.modified(),
		Image:     d.image(),
		SiteName:  d.siteName(),
	}
	text := main.Text()
	a.Excerpt = cut(cmp.Or(d.said(d.thing["description"]), d.graph("description"), d.meta("description", "dc.description"), firstParagraph(text)))
	a.Language = d.language(text)
	return a
}

// description is where the parts of an Article are looked for.
type description struct {
	data  structured.Structured
	thing map[string]any    // the article of the JSON-LD
	names map[string]string // of the things in the JSON-LD, by their @id
	marks marks
}

// said is a text of the JSON-LD. Many a template escapes it as a text of the
// page, "Tom &amp; Jerry", which is in the title without that.
func (d description) said(value any) string {
	s := str(value)
	if strings.Contains(d.marks.title, s) {
		return s
	}
	return html.UnescapeString(s)
}

// name is that of a person or an organization. It may stand elsewhere in the
// JSON-LD, where the @id says (JSON-LD 1.1 §3.3).
func (d description) name(thing map[string]any) any {
	if name := thing["name"]; name != nil {
		return name
	}
	return d.names[str(thing["@id"])]
}

func (d description) graph(name string) string { return str(d.data.OpenGraph[name]) }

func (d description) meta(names ...string) string {
	for _, name := range names {
		for _, value := range d.data.Meta[name] {
			if value = collapse(value); value != "" {
				return value
			}
		}
	}
	return ""
}

func (d description) title() string {
	title := cmp.Or(d.said(d.thing["headline"]), d.graph("title"), str(d.data.Twitter["title"]), d.meta("citation_title", "dc.title"))
	if title != "" {
		return collapse(title)
	}
	if h := d.marks.headline; h != "" && (strings.Contains(d.marks.title, h) || d.marks.title == "") {
		return h
	}
	return withoutSite(d.marks.title)
}

// withoutSite takes the name of the site off the end of a title: the shorter
// part behind the last separator.
func withoutSite(title string) string {
	for _, separator := range []string{" | ", " – ", " — ", " · ", " » ", " - "} {
		if i := strings.LastIndex(title, separator); i > len(title)/2 {
			return title[:i]
		}
	}
	return title
}

func (d description) author() string {
	if names := d.people(d.thing["author"]); len(names) > 0 {
		return strings.Join(names, "; ")
	}
	var names []string
	for _, key := range []string{"citation_author", "author", "dc.creator", "parsely-author", "sailthru.author", "byl"} {
		for _, name := range d.data.Meta[key] {
			if name = byline(name); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			return strings.Join(names, "; ")
		}
	}
	if list, ok := d.data.OpenGraph["article:author"].([]string); ok {
		for _, name := range list {
			if !strings.Contains(name, "://") {
				names = append(names, byline(name))
			}
		}
	}
	return cmp.Or(strings.Join(names, "; "), byline(d.marks.author))
}

// people are the names in a value of JSON-LD: texts, persons, or a list.
func (d description) people(value any) []string {
	var names []string
	switch value := value.(type) {
	case string:
		if name := byline(d.said(value)); name != "" && !strings.Contains(name, "://") {
			names = append(names, name)
		}
	case map[string]any:
		names = d.people(d.name(value))
	case []any:
		for _, v := range value {
			for _, name := range d.people(v) {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// byline is a name without what stands before it, "" if it is too long for one.
func byline(s string) string {
	const longest = 120
	s = collapse(s)
	for _, lead := range []string{"Written by ", "Posted by ", "By ", "by ", "Von ", "von ", "Par "} {
		s = strings.TrimPrefix(s, lead)
	}
	if len(s) > longest {
		return ""
	}
	return s
}

func (d description) published() string {
	return firstDate(str(d.thing["datePublished"]), str(d.thing["dateCreated"]), d.graph("article:published_time"),
		d.meta("article:published", "datepublished", "citation_publication_date", "citation_date", "dc.date", "dc.date.issued",
			"dcterms.created", "date", "pubdate", "publish-date", "parsely-pub-date", "sailthru.date"),
		d.marks.published)
}

func (d description) modified() string {
	return firstDate(str(d.thing["dateModified"]), d.graph("article:modified_time"), d.graph("updated_time"),
		d.meta("last-modified", "dcterms.modified", "dc.date.modified"), d.marks.modified)
}

func (d description) image() string {
	if images, ok := d.data.OpenGraph["image"].([]map[string]string); ok && images[0]["url"] != "" {
		return images[0]["url"]
	}
	return cmp.Or(imageOf(d.thing["image"]), d.data.Twitter["image"], d.data.Twitter["image:src"])
}

func imageOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case map[string]any:
		return cmp.Or(str(value["url"]), str(value["contentUrl"]))
	case []any:
		if len(value) > 0 {
			return imageOf(value[0])
		}
	}
	return ""
}

func (d description) siteName() string {
	publisher, _ := d.thing["publisher"].(map[string]any)
	return collapse(cmp.Or(d.graph("site_name"), d.said(d.name(publisher)), d.meta("application-name", "dc.publisher", "citation_journal_title")))
}

// minLanguageText is how much text tells its language with some certainty.
const minLanguageText = 200

// language is what the page declares, or what the text is most likely in.
func (d description) language(text string) string {
	for _, tag := range []string{d.marks.lang, str(d.thing["inLanguage"]), d.graph("locale"), d.meta("language", "dc.language", "content-language")} {
		if tag == "" {
			continue
		}
		if parsed, err := language.Parse(tag); err == nil && parsed != language.Und {
			return parsed.String()
		}
	}
	if len(text) < minLanguageText {
		return ""
	}
	const enough = 4000 // bytes; more does not make it surer
	info := whatlanggo.Detect(strings.ToValidUTF8(text[:min(len(text), enough)], ""))
	if !info.IsReliable() {
		return ""
	}
	return info.Lang.Iso6391()
}

// articleNode is the first thing of the JSON-LD that is an article or the like,
// else one that is a page.
func articleNode(values []any) map[string]any {
	var page map[string]any
	queue := slices.Clone(values)
	for len(queue) > 0 {
		value := queue[0]
		queue = queue[1:]
		switch value := value.(type) {
		case []any:
			queue = append(queue, value...)
		case map[string]any:
			switch kind := kindOf(value); {
			case kind == articleKind:
				return value
			case kind == pageKind && page == nil:
				page = value
			}
			for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage"} {
				queue = append(queue, value[key])
			}
		}
	}
	return page
}

// namesOf are the names of the things at the top of the JSON-LD, by their @id.
func namesOf(values []any) map[string]string {
	names := map[string]string{}
	for _, value := range values {
		thing, _ := value.(map[string]any)
		graph, _ := thing["@graph"].([]any)
		for _, value := range append([]any{thing}, graph...) {
			thing, _ := value.(map[string]any)
			id := str(thing["@id"])
			if _, known := names[id]; !known && id != "" {
				if name := str(thing["name"]); name != "" {
					names[id] = name
				}
			}
		}
	}
	return names
}

type kind int

const (
	otherKind kind = iota
	pageKind
	articleKind
)

// kindOf goes by the types of schema.org.
func kindOf(thing map[string]any) kind {
	types, _ := thing["@type"].([]any)
	for _, t := range append(types, thing["@type"]) {
		name, _ := t.(string)
		name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://"), "schema.org/")
		switch {
		case strings.HasSuffix(name, "Article"), strings.HasSuffix(name, "Posting"), name == "Report", name == "Review",
			name == "Recipe", name == "CreativeWork", name == "HowTo":
			return articleKind
		case strings.HasSuffix(name, "Page"):
			return pageKind
		}
	}
	return otherKind
}

// str is a text of JSON, or the first of a list.
func str(value any) string {
	switch value := value.(type) {
	case string:
		return strings.TrimSpace(value)
	case []any:
		if len(value) > 0 {
			return str(value[0])
		}
	}
	return ""
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// firstParagraph is the first line of a text that is long enough for a sentence.
func firstParagraph(text string) string {
	const sentence = 80
	for line := range strings.Lines(text) {
		if len(line) >= sentence {
			return line
		}
	}
	return ""
}

// cut shortens an excerpt at the end of a word.
func cut(s string) string {
	const longest = 300
	s = collapse(s)
	if len(s) <= longest {
		return s
	}
	s = s[:longest]
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return strings.ToValidUTF8(s, "") + "…"
}

// marks is what the markup itself says.
type marks struct {
	title, headline, lang       string
	author, published, modified string
}

func findMarks(root *html.Node) marks {
	var m marks
	for n := root; n != nil; n = next(n, root) {
		if n.Type == html.ElementNode {
			m.look(n)
		}
	}
	return m
}

func (m *marks) look(n *html.Node) {
	switch n.DataAtom {
	case atom.Html:
		m.lang = cmp.Or(attr(n, "lang"), attr(n, "xml:lang"))
	case atom.Title:
		if m.title == "" && !inside(n, atom.Svg) {
			m.title = flat(n)
		}
	case atom.H1:
		m.headline = cmp.Or(m.headline, strings.TrimRight(flat(n), " ¶")) // a link to itself, of Sphinx
	case atom.Time:
		m.time(n)
	}
	property := attr(n, "itemprop")
	switch {
	case property == "datePublished":
		m.published = cmp.Or(m.published, attr(n, "datetime"), attr(n, "content"), flat(n))
	case property == "dateModified":
		m.modified = cmp.Or(m.modified, attr(n, "datetime"), attr(n, "content"), flat(n))
	case m.author == "" && isAuthor(n, property):
		m.author = flat(n)
	}
}

// time takes the first time of a page for that of its article.
func (m *marks) time(n *html.Node) {
	switch class := attr(n, "class"); {
	case inside(n, atom.Aside) || inside(n, atom.Nav):
	case strings.Contains(class, "updated") && !strings.Contains(class, "published") || strings.Contains(class, "modified"):
		m.modified = cmp.Or(m.modified, attr(n, "datetime"))
	default:
		m.published = cmp.Or(m.published, attr(n, "datetime"))
	}
}

func isAuthor(n *html.Node, property string) bool {
	if n.DataAtom == atom.Meta || n.DataAtom == atom.Link {
		return false
	}
	if attr(n, "rel") == "author" || property == "author" {
		return true
	}
	for _, class := range strings.Fields(attr(n, "class")) {
		switch class {
		case "author", "byline", "author-name", "byline__name", "p-author", "post-author":
			return true
		}
	}
	return false
}

// flat is the text of an element in one line, if it is short enough for a title.
func flat(n *html.Node) string {
	const longest = 500
	var b strings.Builder
	gap := false
	for d, apart := range flow.Nodes(n) {
		if gap = gap || apart; d.Type == html.TextNode {
			if gap {
				b.WriteByte(' ')
			}
			b.WriteString(d.Data)
			gap = false
		}
		if b.Len() > longest {
			return ""
		}
	}
	return strings.ToValidUTF8(collapse(b.String()), "\uFFFD")
}
