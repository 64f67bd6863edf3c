package fetch

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maySet tells whether a response may set a cookie, as far as TLS and the
// cookie's name have a say (RFC 6265bis §4.1.3, §5.7): whoever can change what
// comes in the clear must not set or replace what goes over TLS.
func (j *Jar) maySet(u *url.URL, c *http.Cookie, now time.Time) bool {
	name := strings.ToLower(c.Name)
	switch {
	case strings.HasPrefix(name, "__secure-") && !c.Secure,
		strings.HasPrefix(name, "__host-") && (!c.Secure || c.Domain != "" || c.Path != "/"):
		return false
	case u.Scheme == "https":
		return true
	}
	return !c.Secure && !j.shadows(u.Host, noted(u, c, now))
}

// shadows tells whether a host is sent a Secure cookie of the same name wherever
// it is sent this one.
func (j *Jar) shadows(host string, s savedCookie) bool {
	count := func(scheme string) (n int) {
		for _, c := range j.rules.Cookies(jarURL(scheme, host, s.path)) {
			if c.Name == s.name {
				n++
			}
		}
		return n
	}
	return j.secure && count("https") > count("http")
}
