// Package weburl is the canonical URL of a page: what a crawler asks for, remembers and compares.
//
// Canonical means what a browser would ask for, by the WHATWG URL Standard (https://url.spec.whatwg.org/), for the
// schemes http and https: two references are the same page exactly when a browser would send the same request to the
// same server. Nothing else is folded: "/a" and "/a/", "/?" and "/", "%41" and "A" may be different pages.
// Two parts of the standard's URL never reach a server as part of the address, and are dropped: the fragment, and the
// user and password (see [Userinfo]).
//
// A [URL] is a small comparable value, and its text is ASCII. A [Resolver] turns the references of one page into
// canonical text without allocating for each; it has a fast path for references that are written the way nearly all
// are (fast.go) and a complete one (resolve.go), and the two give the same answers.
//
// Two things differ from browsers. A host of more than 1,024 bytes that needs IDNA is refused, since the conversion
// takes quadratic time and DNS ends at 253. And a reference is UTF-8 in its query too, where browsers write a query in
// the page's own legacy encoding.
package weburl

import (
	"strings"

	"github.com/zeebo/xxh3"
)

// URL is a canonical http or https URL without fragment and user information. URLs are equal, by ==, when their texts
// are. The zero value is no URL: all its parts are empty.
type URL struct {
	text string // scheme://host[:port]/path[?query]; the parts are found again faster than they are remembered
}

// FromCanonical returns the URL with this text, which must come from [URL.String] or [Resolver.Append]; it is not checked.
func FromCanonical(text string) URL { return URL{text} }

// String returns the canonical text.
func (u URL) String() string { return u.text }

// IsZero reports whether u is no URL.
func (u URL) IsZero() bool { return u.text == "" }

// Scheme returns "http" or "https", which share nothing with u's text: connections are kept by it.
func (u URL) Scheme() string {
	switch u.hostStart() {
	case 0:
		return ""
	case len(httpPrefix):
		return "http"
	}
	return "https"
}

// Host returns the host and, if it is not the scheme's default, the port: "example.org", "127.0.0.1:8080", "[::1]:80".
// It shares u's text, and is the key of politeness and scope.
func (u URL) Host() string { return u.text[u.hostStart():u.pathStart()] }

// Hostname returns the host alone, an IPv6 address without its brackets.
func (u URL) Hostname() string {
	host, _ := u.splitHost()
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// Port returns the port that is connected to: "80" or "443" when the text has none.
func (u URL) Port() string {
	if _, port := u.splitHost(); port != "" {
		return port
	}
	return defaultPort(u.Scheme())
}

// Origin returns scheme, host and port as in the text, "https://example.org:8443". It shares u's text, and is the key
// of robots.txt.
func (u URL) Origin() string { return u.text[:u.pathStart()] }

// Path returns the path, which starts with "/", without the query.
func (u URL) Path() string {
	path, _, _ := strings.Cut(u.RequestURI(), "?")
	return path
}

// Query returns the query without its "?"; it is empty when there is none.
func (u URL) Query() string {
	_, query, _ := strings.Cut(u.RequestURI(), "?")
	return query
}

// RequestURI returns the path and, from its "?" on, the query: what an HTTP request line asks for.
func (u URL) RequestURI() string { return u.text[u.pathStart():] }

// Fingerprint returns the XXH3 hash of the text. It is the same in every process, and may be stored.
func (u URL) Fingerprint() uint64 { return xxh3.HashString(u.text) }

// Clone returns u with its own copy of the text, so that u no longer keeps alive what it was cut from.
func (u URL) Clone() URL { return URL{strings.Clone(u.text)} }

// Compare orders URLs by their text.
func (u URL) Compare(v URL) int { return strings.Compare(u.text, v.text) }

// MarshalText returns the canonical text; it never fails. The zero URL's is empty.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.text), nil }

// UnmarshalText parses text as [Parse] does; empty text is the zero URL.
func (u *URL) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*u = URL{}
		return nil
	}
	v, err := Parse(string(text))
	if err != nil {
		return err
	}
	*u = v
	return nil
}

// hostStart is the length of "http://" or "https://".
func (u URL) hostStart() int {
	switch {
	case u.text == "":
		return 0
	case strings.HasPrefix(u.text, httpsPrefix):
		return len(httpsPrefix)
	}
	return len(httpPrefix)
}

// pathStart is where the path's first slash is.
func (u URL) pathStart() int {
	start := u.hostStart()
	return start + max(0, strings.IndexByte(u.text[start:], '/'))
}

// splitHost returns the host as in the text, and the port in the text or "".
func (u URL) splitHost() (host, port string) {
	host = u.Host()
	colon := strings.LastIndexByte(host, ':')
	if colon < 0 || strings.HasSuffix(host, "]") {
		return host, ""
	}
	return host[:colon], host[colon+1:]
}

func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}
