package article

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// prune returns a document with what the page of root has, but without what is
// around its main content: navigation, banners, forms, side columns, comments,
// lists of links. It goes by what elements are called, as readers of the markup
// do. It is nil for a page without a body.
func prune(root *html.Node) *html.Node {
	weights := weigh(root)
	start := mainElement(root, weights)
	if start == nil {
		return nil
	}
	p := pruner{within: start.DataAtom != atom.Body, weights: weights, whole: weights[start].text}
	content := p.copy(start, 0)
	dropLinkLists(content)
	return document(content)
}

// document puts content into a document of its own.
func document(content *html.Node) *html.Node {
	for _, around := range []atom.Atom{atom.Body, atom.Html} {
		if content.DataAtom == around {
			continue
		}
		n := &html.Node{Type: html.ElementNode, DataAtom: around, Data: around.String()}
		n.AppendChild(content)
		content = n
	}
	root := &html.Node{Type: html.DocumentNode}
	root.AppendChild(content)
	return root
}

// mainElement is where the main content is: the one element that says so, or
// the body.
func mainElement(root *html.Node, weights weights) *html.Node {
	var body *html.Node
	var mains, bodies, articles []*html.Node
	for n := root; n != nil; n = next(n, root) {
		switch {
		case n.Type != html.ElementNode || dropped(n):
		case n.DataAtom == atom.Body:
			body = n
		case n.DataAtom == atom.Main || attr(n, "role") == "main":
			mains = append(mains, n)
		case strings.Contains(attr(n, "itemprop"), "articleBody"):
			bodies = append(bodies, n)
		case n.DataAtom == atom.Article && !inside(n, atom.Article):
			articles = append(articles, n)
		}
	}
	whole := weights[body].text
	for _, candidates := range [][]*html.Node{bodies, articles, mains} {
		if len(candidates) == 1 && weights[candidates[0]].text*minShare > whole {
			return candidates[0]
		}
	}
	return body
}

// minShare is how many times the text of the page may be that of an element
// which says that it is the main one: those that say it by mistake hold next to
// nothing.
const minShare = 12

type pruner struct {
	within  bool // an element that is the main one
	weights weights
	whole   int  // how much text the main element has
	keepAll bool // but what is never text
}

// maxLevel bounds the recursion; x/net/html makes no tree deeper than 512.
const maxLevel = 1000

func (p pruner) copy(n *html.Node, level int) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
	if level > maxLevel {
		return c
	}
	for child := range n.ChildNodes() {
		switch {
		case child.Type == html.TextNode:
			c.AppendChild(&html.Node{Type: html.TextNode, Data: child.Data})
		case taskBox(child):
			c.AppendChild(taskText(child))
		case child.Type != html.ElementNode || dropped(child) || !p.keepAll && p.boilerplate(child):
		default:
			c.AppendChild(p.copy(child, level+1))
		}
	}
	return c
}

// dropped reports whether an element is never text to read.
func dropped(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Canvas,
		atom.Head, atom.Title, atom.Link, atom.Meta, atom.Input, atom.Button, atom.Select, atom.Textarea, atom.Dialog, atom.Datalist, atom.Audio, atom.Video:
		return true
	}
	return hidden(n)
}

func hidden(n *html.Node) bool {
	if has(n, "hidden") || attr(n, "aria-hidden") == "true" {
		return true
	}
	style := attr(n, "style")
	if style == "" {
		return false
	}
	style = strings.ToLower(strings.ReplaceAll(style, " ", ""))
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// boilerplate reports whether an element is around the main content.
func (p pruner) boilerplate(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Nav, atom.Footer, atom.Menu:
		return true
	case atom.Aside:
		return !admonition(n)
	case atom.Header:
		return !p.within && !inside(n, atom.Article)
	case atom.Form:
		// A page that is one form around all else is a page of ASP.NET.
		return p.weights[n].text < longForm
	case atom.Body, atom.Article, atom.Main, atom.P, atom.Pre, atom.Code, atom.H1, atom.Tr, atom.Td, atom.Tbody:
		return boilerplateRole(attr(n, "role"))
	}
	if boilerplateRole(attr(n, "role")) {
		return true
	}
	names := attr(n, "class") + " " + attr(n, "id")
	if !named(names, boilerplateWords) {
		return false
	}
	// What holds most of the text is called so for another reason.
	return named(names, strongWords) || p.weights[n].text*2 < p.whole
}

const longForm = 1500

// admonition reports whether an aside is a note within the text.
func admonition(n *html.Node) bool {
	class := attr(n, "class")
	for _, word := range []string{"note", "tip", "warning", "admonition", "callout", "important", "pullquote"} {
		if strings.Contains(class, word) {
			return true
		}
	}
	return false
}

func boilerplateRole(role string) bool {
	switch role {
	case "navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "tablist":
		return true
	}
	return false
}

// boilerplateWords are words of classes and ids that name what is around the
// content; those that end with a star are the beginnings of words.
var boilerplateWords = words(`
	nav navbar navigation navi topnav subnav navbox menu menus submenu breadcrumb* crumbs pager pagination paginator pagenav toc*
	footer foot colophon masthead topbar toolbar sidebar* sidenav rail banner
	cookie* consent gdpr privacy* onetrust cmp
	share* sharing social* addtoany sharedaddy follow
	related recommend* recirculation outbrain taboola teaser* morelinks seealso upsell crosssell similar trending popular readmore mostread
	ad ads adv advert* advertisement adsense adslot sponsor* promo* promotion
	newsletter subscribe subscription signup signin login paywall popup modal overlay lightbox tooltip
	comments commentlist comment-form respond disqus reply replies
	tags taglist tagcloud postmeta entry-meta byline authorbox author-bio
	skip skiplink visuallyhidden sr-only screen-reader* offscreen hidden noprint
	search searchbox filter* facets widget* license copyright legal headerlink editsection mw-editsection catlinks
	jump-link print-only metadata hatnote printfooter rating ratings stats`)

// strongWords are right however much text there is.
var strongWords = words("comments commentlist respond disqus cookie* consent gdpr onetrust related footer")

type wordSet struct {
	whole  map[string]bool
	prefix []string
}

func words(list string) wordSet {
	set := wordSet{whole: map[string]bool{}}
	for _, word := range strings.Fields(list) {
		if prefix, ok := strings.CutSuffix(word, "*"); ok {
			set.prefix = append(set.prefix, prefix)
		} else {
			set.whole[word] = true
		}
	}
	return set
}

func (s wordSet) has(word string) bool {
	if s.whole[word] {
		return true
	}
	return slices.ContainsFunc(s.prefix, func(p string) bool { return strings.HasPrefix(word, p) })
}

// named looks at names as a whole, and at the words they are made of if there
// are few: "has-sidebar-left" says something about another element.
func named(names string, set wordSet) bool {
	for _, name := range strings.Fields(names) {
		if set.has(strings.ToLower(name)) {
			return true
		}
		parts := split(name)
		if len(parts) <= 3 && !layout[parts[0]] && slices.ContainsFunc(parts, set.has) {
			return true
		}
	}
	return false
}

// layout words begin the names of what holds the content beside the thing named.
var layout = words("has with no without page body content main layout wrap wrapper container is js can").whole

// split takes a name apart at hyphens, underscores and capitals.
func split(name string) []string {
	var parts []string
	start := 0
	lower := false
	for i, r := range name {
		switch {
		case r == '-' || r == '_' || r == ':' || r == '.' || unicode.IsUpper(r) && lower:
			if i > start {
				parts = append(parts, strings.ToLower(name[start:i]))
			}
			start = i
			if !unicode.IsUpper(r) {
				start = i + 1
			}
		}
		lower = unicode.IsLower(r)
	}
	if start < len(name) {
		parts = append(parts, strings.ToLower(name[start:]))
	}
	if len(parts) == 0 {
		parts = append(parts, name)
	}
	return parts
}

// dropLinkLists removes from a copy the blocks that are links and little else,
// unless these are the page: a list of things is main content too.
func dropLinkLists(content *html.Node) {
	weights := weigh(content)
	whole := weights[content].text
	var lists []*html.Node
	for n := content; n != nil; {
		if n != content && n.Type == html.ElementNode && linkBlock(n, weights[n]) {
			lists = append(lists, n)
			n = after(n, content)
			continue
		}
		n = next(n, content)
	}
	size := 0
	for _, n := range lists {
		size += weights[n].text
	}
	if size*2 > whole {
		return
	}
	for _, n := range lists {
		n.Parent.RemoveChild(n)
	}
}

// linkBlock reports whether a list or part of the page is links for the most.
func linkBlock(n *html.Node, w weight) bool {
	switch n.DataAtom {
	case atom.Ul, atom.Ol, atom.Div, atom.Section, atom.Dl, atom.Table:
	default:
		return false
	}
	return w.links >= 3 && w.linked*10 > w.text*8
}

func inside(n *html.Node, kind atom.Atom) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == kind {
			return true
		}
	}
	return false
}
