package fetch

import (
	"net/url"
	"strings"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// target is u as net/http is to send it: byte for byte the canonical text.
//
// net/url would re-encode or refuse parts of URLs that browsers accept
// ("/%ri", "/a|b"), so the request target goes into Opaque, which net/http
// writes as it is. Two cases need more:
//   - Opaque that begins with "//" is taken for an authority. A path that
//     begins so is sent in absolute form ("GET http://host//path"), which every
//     server must accept (RFC 9112 §3.2.2).
//   - To an HTTP proxy the absolute form is the rule, and net/http adds it only
//     to URLs without Opaque.
func target(u weburl.URL, absolute bool) url.URL {
	opaque := u.RequestURI()
	if absolute || strings.HasPrefix(opaque, "//") {
		opaque = "//" + u.Host() + opaque
	}
	return url.URL{Scheme: u.Scheme(), Host: u.Host(), Opaque: opaque}
}
