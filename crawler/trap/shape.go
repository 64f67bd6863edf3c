package trap

import (
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// family is the way in which the URLs of a group are alike. Groups of all
// families have one kind of name, the pattern, which is what a person reads:
//
//	https://h/bug/#?page&sort   template: path and parameters with values folded
//	https://h/list?*            path: this very path with any query
//	https://h/**?sid=*          token: any path, a parameter that carries a token
//	https://h/docs/api/**.html  tree: what is below a directory, by its ending
//	https://h/***               site: all that a host has
//
// where # is a number, * a token (a hash, an id of a session, a UUID) and ** a
// path of any length. The host comes with its scheme, or a site that redirects
// from http to https would look as if it led to itself.
type family uint8

const (
	template family = iota
	path
	token
	tree
	site
)

// ref is one group that a URL belongs to.
type ref struct {
	family   family
	depth    int  // tree: directories in its name
	volatile bool // its name has a token: the URLs differ in what nobody reads
	key      uint64
	from, to int // its pattern in shape.text
}

// maxPattern bounds the name of a group in bytes; a URL is in no group with a
// longer one.
const maxPattern = 512

// treeDepth is how many directories deep trees are told apart. The first
// directory with a token in its name is always one.
const treeDepth = 2

// shape is all that a URL's text tells about the groups that it belongs to.
// It is used again for the next URL, so that it does not allocate.
type shape struct {
	url    weburl.URL
	id     uint64 // fingerprint of the URL
	set    uint64 // the same for all orders of the parameters; 0 with fewer than two
	groups []ref  // the finest first
	text   []byte // the patterns
	keys   []string
	tokens []string // names of parameters that carry a token
	folded []byte   // the path, folded
	cuts   []cut    // the directories in folded
}

// cut is where a directory's name ends.
type cut struct {
	end      int
	volatile bool // it or one above has a token in its name
}

func keyOf(pattern string) uint64 { return xxh3.HashString(pattern) }

// originOf is the origin that a pattern begins with.
func originOf(pattern string) string {
	_, rest, _ := strings.Cut(pattern, "://")
	_, path, _ := strings.Cut(rest, "/")
	return strings.TrimSuffix(pattern, "/"+path)
}

func (s *shape) pattern(r *ref) string { return string(s.text[r.from:r.to]) }

// named tells whether a pattern is r's name.
func (s *shape) named(r *ref, pattern string) bool { return string(s.text[r.from:r.to]) == pattern }

// has tells whether the URL belongs to the group with this key.
func (s *shape) has(key uint64) bool {
	return slices.ContainsFunc(s.groups, func(r ref) bool { return r.key == key })
}

// of reads a URL.
func (s *shape) of(u weburl.URL) {
	if s.url == u {
		return
	}
	s.url, s.id, s.set = u, u.Fingerprint(), 0
	s.groups, s.text = s.groups[:0], s.text[:0]
	s.keys, s.tokens, s.folded, s.cuts = s.keys[:0], s.tokens[:0], s.folded[:0], s.cuts[:0]

	path, query, hasQuery := strings.Cut(u.RequestURI(), "?")
	volatile := s.foldPath(path)
	plain := string(s.folded) == path && !hasQuery
	s.readQuery(path, query)

	if !plain { // else the template is the URL
		s.nameTemplate(u.Origin(), volatile)
	}
	if hasQuery {
		s.namePath(u.Origin(), path)
	}
	if len(s.tokens) > 0 {
		s.nameToken(u.Origin())
	}
	s.nameTrees(u.Origin(), ending(path), hasQuery)
	s.nameSite(u.Origin())
}

// foldPath leaves the folded path in s.folded, and its directories in s.cuts.
func (s *shape) foldPath(path string) (volatile bool) {
	for rest := path[1:]; ; {
		segment, after, more := strings.Cut(rest, "/")
		s.folded = append(s.folded, '/')
		name, params, _ := strings.Cut(segment, ";") // RFC 3986 §3.3: /page;jsessionid=1A2B
		var v bool
		s.folded, v = fold(s.folded, name)
		volatile = volatile || v
		for params != "" {
			var param string
			param, params, _ = strings.Cut(params, ";")
			key, value, _ := strings.Cut(param, "=")
			s.folded = append(append(append(s.folded, ';'), key...), '=')
			if s.folded, v = fold(s.folded, value); v {
				s.tokens = append(s.tokens, key)
			}
		}
		if !more {
			return volatile || len(s.tokens) > 0
		}
		s.cuts = append(s.cuts, cut{len(s.folded), volatile})
		rest = after
	}
}

// readQuery leaves the names of the parameters in s.keys, each once and in
// order, and of those that carry a token in s.tokens.
func (s *shape) readQuery(path, query string) {
	set, n := xxh3.HashString(path), 0
	for rest := query; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		key, value, _ := strings.Cut(pair, "=")
		s.keys = append(s.keys, key)
		at := len(s.folded)
		if _, volatile := fold(s.folded, value); volatile {
			s.tokens = append(s.tokens, key)
		}
		s.folded = s.folded[:at]
		set += xxh3.HashString(pair)
		n++
	}
	if n > 1 {
		s.set = max(set, 1)
	}
	slices.Sort(s.keys)
	s.keys = slices.Compact(s.keys)
	slices.Sort(s.tokens)
	s.tokens = slices.Compact(s.tokens)
}

func (s *shape) nameTemplate(origin string, volatile bool) {
	from := s.start(origin)
	s.text = append(s.text, s.folded...)
	for i, key := range s.keys {
		s.text = append(append(s.text, "?&"[min(i, 1)]), key...)
	}
	s.end(ref{family: template, volatile: volatile || len(s.tokens) > 0}, from)
}

func (s *shape) namePath(origin, literal string) {
	from := s.start(origin)
	s.text = append(append(s.text, literal...), "?*"...)
	s.end(ref{family: path}, from)
}

func (s *shape) nameToken(origin string) {
	from := s.start(origin)
	s.text = append(s.text, "/**"...)
	for i, key := range s.tokens {
		s.text = append(append(append(s.text, "?&"[min(i, 1)]), key...), "=*"...)
	}
	s.end(ref{family: token, volatile: true}, from)
}

func (s *shape) nameTrees(origin, ending string, hasQuery bool) {
	for depth := len(s.cuts); depth >= 0; depth-- {
		c := cut{}
		if depth > 0 {
			c = s.cuts[depth-1]
		}
		firstToken := c.volatile && (depth < 2 || !s.cuts[depth-2].volatile)
		if depth > treeDepth && !firstToken {
			continue
		}
		from := s.start(origin)
		s.text = append(append(append(s.text, s.folded[:c.end]...), "/**"...), ending...)
		if hasQuery {
			s.text = append(s.text, "?*"...)
		}
		s.end(ref{family: tree, depth: depth, volatile: c.volatile}, from)
	}
}

func (s *shape) nameSite(origin string) {
	from := s.start(origin)
	s.text = append(s.text, "/***"...)
	s.end(ref{family: site}, from)
}

// site is the coarsest group.
func (s *shape) site() *ref { return &s.groups[len(s.groups)-1] }

func (s *shape) start(origin string) (from int) {
	from = len(s.text)
	s.text = append(s.text, origin...)
	return from
}

func (s *shape) end(r ref, from int) {
	r.from, r.to = from, len(s.text)
	if r.to-r.from > maxPattern {
		s.text = s.text[:from]
		return
	}
	r.key = xxh3.Hash(s.text[r.from:r.to])
	s.groups = append(s.groups, r)
}

// ending is what a path says of the kind of thing it names: "/" for a
// directory, ".html", or "" when it says nothing.
func ending(path string) string {
	last := path[strings.LastIndexByte(path, '/')+1:]
	if last == "" {
		return "/"
	}
	last, _, _ = strings.Cut(last, ";")
	dot := strings.LastIndexByte(last, '.')
	if dot <= 0 || len(last)-dot > len(".xhtml") || strings.Trim(last[dot+1:], "0123456789") == "" {
		return ""
	}
	return last[dot:]
}
