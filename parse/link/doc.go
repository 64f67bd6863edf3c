// Package link finds the links and the head metadata of a page in one pass
// over its bytes.
//
// A [Scanner] jumps from one '<' to the next and builds no tree, so that a
// page costs a small part of what a parser would ask for it, whatever its
// nesting. Where tags, attributes, comments and raw text begin and end follows
// the tokenizer of the HTML standard (§13.2.5) with scripting off, which is
// also what golang.org/x/net/html does: it is the oracle of the tests.
//
// What there is no tree for: elements that a tree builder would move or drop
// (an <a> inside a <select>, say) are links all the same, and foreign content
// (SVG, MathML) is told from HTML by a short stack of the elements that switch
// between them.
//
// All references of a page are resolved into one arena, which becomes one
// string; every URL and text of a [Document] is a piece of it. A piece that
// outlives its page should be cloned ([weburl.URL.Clone]).
package link
