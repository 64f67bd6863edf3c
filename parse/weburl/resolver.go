package weburl

import (
	"bytes"
	"strconv"
	"strings"
)

const (
	httpPrefix  = "http://"
	httpsPrefix = "https://"
)

// Resolver resolves the references of one page. A reference costs no allocation, unless its host needs IDNA or is an
// IP address that is not the page's, or it has bytes to be taken out first (tabs, line ends, invalid UTF-8).
// The zero value has no base and takes absolute references only.
type Resolver struct {
	base   string // canonical text, "" if there is none
	scheme int    // base[:scheme] is "http" or "https"
	origin int    // base[:origin] ends before the path's first slash
	dir    int    // base[:dir] ends after the path's last slash
	path   int    // base[:path] ends before the query's "?"
}

// NewResolver returns a resolver of references found in base; a zero base is none.
func NewResolver(base URL) *Resolver {
	r := new(Resolver)
	r.Reset(base)
	return r
}

// Reset makes r resolve references found in base.
func (r *Resolver) Reset(base URL) {
	*r = Resolver{base: base.text}
	if base.IsZero() {
		return
	}
	r.scheme = len(base.Scheme())
	r.origin = base.pathStart()
	r.path = r.origin + len(base.Path())
	r.dir = 1 + strings.LastIndexByte(base.text[:r.path], '/')
}

// Append appends to dst the canonical text of ref, without fragment and user information (WHATWG URL §4.4), and
// returns the extended slice. If that cannot be done the error is [ErrScheme] or [ErrInvalid], and dst is returned as
// it was; the errors are made in advance and name no value.
func (r *Resolver) Append(dst, ref []byte) ([]byte, error) {
	if out, ok := r.appendPlain(dst, ref); ok {
		return out, nil
	}
	out, err := r.appendAny(dst, ref)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// appendAny is Append for any ref: the basic URL parser of WHATWG URL §4.4 without the states of other schemes. Its
// result is of no use if there is an error.
func (r *Resolver) appendAny(dst, ref []byte) ([]byte, error) {
	ref = clean(ref)
	scheme, rest, ok := cutScheme(ref)
	switch {
	case !ok && r.base == "":
		return nil, errNoScheme
	case !ok:
		return r.appendRelative(dst, ref)
	}
	prefix := httpPrefix
	if equalFold(scheme, "https") {
		prefix = httpsPrefix
	} else if !equalFold(scheme, "http") {
		return nil, ErrScheme
	}
	// "http:x" in a page that is itself http is relative, an old courtesy of browsers.
	if r.base != "" && len(scheme) == r.scheme {
		return r.appendRelative(dst, rest)
	}
	return appendAuthority(append(dst, prefix...), trimSlashes(rest))
}

// appendRelative is the relative and relative slash states: ref has no scheme, or the base's.
func (r *Resolver) appendRelative(dst, ref []byte) ([]byte, error) {
	switch {
	case len(ref) == 0 || ref[0] == '#':
		return append(dst, r.base...), nil
	case ref[0] == '?':
		return appendQuery(append(dst, r.base[:r.path]...), ref), nil
	case len(ref) > 1 && isSlash(ref[0]) && isSlash(ref[1]):
		return appendAuthority(append(dst, r.base[:r.scheme+len("://")]...), trimSlashes(ref))
	case isSlash(ref[0]):
		root := len(dst) + r.origin
		return appendPath(append(dst, r.base[:r.origin+1]...), root, ref[1:]), nil
	}
	root := len(dst) + r.origin
	return appendPath(append(dst, r.base[:r.dir]...), root, ref), nil
}

// appendAuthority is the authority, host and port states and what follows them: dst ends in "://".
func appendAuthority(dst, s []byte) ([]byte, error) {
	https := dst[len(dst)-len("s://")] == 's'
	authority, rest := cutAuthority(s)
	_, authority = cutUserinfo(authority)
	host, port := cutPort(authority)
	dst, err := appendHost(dst, host)
	if err != nil {
		return nil, err
	}
	if dst, err = appendPort(dst, port, https); err != nil {
		return nil, err
	}
	root := len(dst)
	if len(rest) > 0 && isSlash(rest[0]) {
		rest = rest[1:]
	}
	return appendPath(append(dst, '/'), root, rest), nil
}

// appendPort appends ":port" unless it is absent or the scheme's default.
func appendPort(dst, port []byte, https bool) ([]byte, error) {
	n := 0
	for _, c := range port {
		if c < '0' || c > '9' {
			return nil, errPort
		}
		if n = n*10 + int(c-'0'); n > 65535 {
			return nil, errPort
		}
	}
	if len(port) == 0 || https && n == 443 || !https && n == 80 {
		return dst, nil
	}
	return strconv.AppendInt(append(dst, ':'), int64(n), 10), nil
}

// appendPath is the path state: it resolves s, up to its query, against the directory that dst ends in. dst[root] is
// the path's first slash, above which no ".." climbs.
func appendPath(dst []byte, root int, s []byte) []byte {
	for {
		end := indexAny(s, endOfSegment)
		segment, rest := s[:end], s[end:]
		slash := len(rest) > 0 && isSlash(rest[0])
		switch dots(segment) {
		case 0:
			dst = appendEscaped(dst, segment, inPath)
			if slash {
				dst = append(dst, '/')
			}
		case 2:
			dst = parent(dst, root)
		}
		if !slash {
			return appendQuery(dst, rest)
		}
		s = rest[1:]
	}
}

// parent cuts the last directory off a path that ends in a slash.
func parent(dst []byte, root int) []byte {
	if len(dst) == root+1 {
		return dst
	}
	return dst[:root+1+bytes.LastIndexByte(dst[root:len(dst)-1], '/')]
}

// dots says which dot segment this is: 1 for ".", 2 for "..", 0 for none. A dot may be written %2e.
func dots(segment []byte) int {
	n := 0
	for ; len(segment) > 0 && n < 3; n++ {
		switch {
		case segment[0] == '.':
			segment = segment[1:]
		case len(segment) >= 3 && equalFold(segment[:3], "%2e"):
			segment = segment[3:]
		default:
			return 0
		}
	}
	return n % 3
}

// appendQuery is the query state: s starts with "?" if there is a query, and may end in a fragment.
func appendQuery(dst, s []byte) []byte {
	s, _, _ = bytes.Cut(s, []byte("#"))
	if len(s) == 0 {
		return dst
	}
	return appendEscaped(append(dst, '?'), s[1:], inQuery)
}
