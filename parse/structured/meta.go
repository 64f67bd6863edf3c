package structured

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// metas reads OpenGraph, Twitter cards and all other metas. Pages write the
// names of the first two as property or as name, whatever their specifications
// say.
func (x *extraction) metas(elements []*html.Node) {
	for _, n := range elements {
		content, ok := lookup(n, "content")
		if !ok {
			continue
		}
		content = strings.TrimSpace(valid(content))
		for _, name := range metaNames(n) {
			if !x.spend(len(name) + len(content)) {
				return
			}
			x.meta(name, content)
		}
	}
}

// metaNames are what a meta is about: its name, and the properties it has
// beside it, if these are others. It may have an itemprop as well, which is
// microdata's; one that has no more has no names.
func metaNames(n *html.Node) []string {
	var names []string
	candidates := append(strings.Fields(attr(n, "property")), strings.TrimSpace(attr(n, "name")))
	for _, name := range candidates {
		name = strings.ToLower(valid(name))
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (x *extraction) meta(name, content string) {
	prefix, rest, _ := strings.Cut(name, ":")
	switch {
	case prefix == "twitter" && rest != "":
		x.twitterCard(rest, content)
	case prefix == "og" && rest != "":
		x.openGraph(rest, content)
	case slices.Contains(graphPrefixes, prefix) && rest != "":
		x.openGraph(name, content)
	default:
		if x.out.Meta == nil {
			x.out.Meta = map[string][]string{}
		}
		x.out.Meta[name] = append(x.out.Meta[name], content)
	}
}

func (x *extraction) twitterCard(name, content string) {
	if x.out.Twitter == nil {
		x.out.Twitter = map[string]string{}
	}
	if twitterURLs[name] {
		content = x.absolute(content)
	}
	if _, taken := x.out.Twitter[name]; !taken {
		x.out.Twitter[name] = content
	}
}

var twitterURLs = map[string]bool{"image": true, "image:src": true, "player": true, "player:stream": true, "url": true}

// The namespaces that https://ogp.me/ns/ defines beside og, and those in use
// with it. Names of theirs keep their prefix.
var graphPrefixes = []string{"article", "book", "fb", "music", "og", "place", "product", "profile", "video"}

// graphLists may be repeated; of all others the first counts (https://ogp.me/#array).
var graphLists = map[string]bool{
	"locale:alternate": true, "see_also": true,
	"article:author": true, "article:tag": true,
	"book:author": true, "book:tag": true,
	"music:album": true, "music:musician": true, "music:song": true,
	"video:actor": true, "video:director": true, "video:tag": true, "video:writer": true,
	"fb:admins": true,
}

// graphObjects have properties of their own (https://ogp.me/#structured).
var graphObjects = []string{"image", "video", "audio"}

func (x *extraction) openGraph(name, content string) {
	if x.out.OpenGraph == nil {
		x.out.OpenGraph = map[string]any{}
	}
	kind, property, _ := strings.Cut(name, ":")
	switch {
	case slices.Contains(graphObjects, kind) && !graphLists[name]:
		x.graphObject(kind, property, content)
	case graphLists[name]:
		list, _ := x.out.OpenGraph[name].([]string)
		x.out.OpenGraph[name] = append(list, content)
	case x.out.OpenGraph[name] == nil:
		if name == "url" {
			content = x.absolute(content)
		}
		x.out.OpenGraph[name] = content
	}
}

// graphObject adds a property to the last image, video or audio. A new one
// begins with its URL, "og:image" or "og:image:url"; the second after the first
// says the same again.
func (x *extraction) graphObject(kind, property, content string) {
	objects, _ := x.out.OpenGraph[kind].([]map[string]string)
	begins := property == "" || property == "url"
	if begins || property == "secure_url" {
		content = x.absolute(content)
	}
	if begins {
		property = "url"
		if last := len(objects) - 1; last >= 0 && objects[last]["url"] == content {
			return
		}
	}
	last := len(objects) - 1
	if last < 0 || begins && objects[last]["url"] != "" {
		objects = append(objects, map[string]string{})
		last++
	}
	if _, taken := objects[last][property]; !taken {
		objects[last][property] = content
	}
	x.out.OpenGraph[kind] = objects
}
