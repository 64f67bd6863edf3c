package fetch

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// boundCookie is a cookie that its server bound to its own site, by any path.
type boundCookie struct{ domain, name string }

// bind remembers what SameSite a cookie has, which net/http/cookiejar does not.
func (j *Jar) bind(s savedCookie, mode http.SameSite) {
	key := boundCookie{s.domain, s.name}
	if mode != http.SameSiteStrictMode && mode != http.SameSiteLaxMode {
		delete(j.bound, key)
		return
	}
	if j.bound == nil {
		j.bound = make(map[boundCookie]http.SameSite)
	}
	j.bound[key] = mode
}

// ownSite leaves out what SameSite keeps from a request that a page of another
// site leads to: Strict cookies, and Lax ones where it is no navigation (RFC
// 6265bis §5.5). Else a link on any page could act in the user's name.
func (j *Jar) ownSite(cookies []*http.Cookie, req Request) []*http.Cookie {
	if len(cookies) == 0 || !crossSite(req) {
		return cookies
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.DeleteFunc(cookies, func(c *http.Cookie) bool {
		switch j.boundness(req.URL.Hostname(), c.Name) {
		case http.SameSiteStrictMode:
			return true
		case http.SameSiteLaxMode:
			return req.Embedded
		}
		return false
	})
}

// boundness is the SameSite of a cookie of that name which the host gets: its
// own, or one of a domain above it.
func (j *Jar) boundness(host, name string) http.SameSite {
	for domain, more := host, true; more; _, domain, more = strings.Cut(domain, ".") {
		if mode, ok := j.bound[boundCookie{domain, name}]; ok {
			return mode
		}
	}
	return http.SameSiteDefaultMode
}

// crossSite tells whether the page that leads to a URL is of another site: of
// another registrable domain or scheme. The user is of every site. A page that
// leads there by way of a redirect of the site itself is what it is.
func crossSite(req Request) bool { return foreign(req.Via, req.URL) || foreign(req.From, req.URL) }

func foreign(from, to weburl.URL) bool {
	return !from.IsZero() && (from.Scheme() != to.Scheme() || site(from) != site(to))
}

func site(u weburl.URL) string {
	if domain, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname()); err == nil {
		return domain
	}
	return u.Hostname()
}
