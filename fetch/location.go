package fetch

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Location is where the page's header of that name leads, if that is somewhere
// to be asked (RFC 9110 §10.2.2).
func (p *Page) Location() (weburl.URL, bool) {
	location := p.Header.Get("Location")
	if location == "" {
		return weburl.URL{}, false
	}
	u, err := p.URL.Resolve(asciiOf(location))
	return u, err == nil
}

// asciiOf is a Location that is no UTF-8, in ASCII: it has no charset, so its
// server is asked for the very bytes that it sent, as browsers do.
func asciiOf(location string) string {
	if utf8.ValidString(location) {
		return location
	}
	var b strings.Builder
	for _, c := range []byte(location) {
		if c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
