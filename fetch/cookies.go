package fetch

import (
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// What a jar takes, so that no site fills it.
const (
	maxCookiesHost = 50 // unless the client says otherwise
	maxCookies     = 64 << 10
	maxCookieBytes = 4 << 10 // RFC 6265 §6.1, attributes included
)

// A Jar holds the cookies of a session, by the rules of RFC 6265 and the
// public suffix list. net/http/cookiejar knows the rules but cannot be
// listed, so what was set is remembered beside it, to be counted and saved.
// A Jar is safe for concurrent use.
type Jar struct {
	rules *cookiejar.Jar
	any   atomic.Bool // spares a crawl without cookies the look-up

	mu    sync.Mutex
	hosts map[string]map[cookieKey]savedCookie // by the host that set them
	count int
	max   int // cookies that one host may set
	bound map[boundCookie]http.SameSite

	secure bool // some cookie is Secure: spares the others a look-up
}

type cookieKey struct{ domain, path, name string }

// savedCookie is a line of a cookie file.
type savedCookie struct {
	cookieKey
	value            string
	subdomains       bool // the domain's subdomains get it too
	secure, httpOnly bool
	expires          time.Time // zero: with the session
}

// NewJar returns an empty jar.
func NewJar() *Jar {
	rules, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // it never fails
	return &Jar{rules: rules, hosts: make(map[string]map[cookieKey]savedCookie), max: maxCookiesHost}
}

func (j *Jar) setMax(n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.max = n
}

// cookies gives those to be sent with a request.
func (j *Jar) cookies(req Request) []*http.Cookie {
	if !j.any.Load() {
		return nil
	}
	u := req.URL
	return j.ownSite(j.rules.Cookies(jarURL(u.Scheme(), u.Host(), u.Path())), req)
}

// jarURL is a URL as the rules read it: its path is compared as it was sent.
func jarURL(scheme, host, path string) *url.URL {
	return &url.URL{Scheme: scheme, Host: host, Path: path}
}

// keep takes the cookies that a response sets and tells how many there was no
// room for.
func (j *Jar) keep(u weburl.URL, h http.Header) (refused int) {
	if len(h["Set-Cookie"]) == 0 {
		return 0
	}
	host := strings.Clone(u.Host()) // a cookie's domain, and not the whole URL that it is of
	return j.set(jarURL(u.Scheme(), host, u.Path()), setCookies(h), time.Now())
}

// set gives cookies to the rules, as many as the limits leave.
func (j *Jar) set(u *url.URL, set []*http.Cookie, now time.Time) (refused int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range set {
		if !j.maySet(u, c, now) {
			continue
		}
		c.Path = pathOf(u, c)
		if len(c.Name)+len(c.Value)+len(c.Path)+len(c.Domain) > maxCookieBytes || !j.note(u, own(c), now) {
			refused++
			continue
		}
		j.rules.SetCookies(u, []*http.Cookie{c})
		j.secure = j.secure || c.Secure
		j.any.Store(true)
	}
	return refused
}

// own has a cookie hold its own texts: the values of a response's header are one,
// and a jar keeps cookies for as long as a crawl takes.
func own(c *http.Cookie) *http.Cookie {
	for _, text := range [...]*string{&c.Name, &c.Value, &c.Path, &c.Domain} {
		*text = strings.Clone(*text)
	}
	return c
}

// note remembers c and tells whether there is room for it.
func (j *Jar) note(u *url.URL, c *http.Cookie, now time.Time) bool {
	host := u.Hostname()
	s := noted(u, c, now)
	if !s.settableBy(host) {
		return true // the rules refuse it
	}
	mine := j.hosts[host]
	if _, known := mine[s.cookieKey]; !known {
		if s.gone(now) {
			return true // it deletes what another host of the domain set: for the rules to judge
		}
		if len(mine) >= j.max {
			j.purge(host, now)
		}
		if len(mine) >= j.max || j.count >= maxCookies {
			return false
		}
		if mine == nil {
			mine = make(map[cookieKey]savedCookie)
			j.hosts[host] = mine
		}
		j.count++
	}
	mine[s.cookieKey] = s
	j.bind(s, c.SameSite)
	return true
}

// purge forgets the cookies of a host that have expired.
func (j *Jar) purge(host string, now time.Time) {
	for key, s := range j.hosts[host] {
		if s.gone(now) {
			delete(j.hosts[host], key)
			delete(j.bound, boundCookie{s.domain, s.name})
			j.count--
		}
	}
}

func (s savedCookie) gone(now time.Time) bool { return !s.expires.IsZero() && !s.expires.After(now) }

// settableBy tells whether a host may set a cookie of this domain (RFC 6265
// §5.3): its own, or one above it that is somebody's.
func (s savedCookie) settableBy(host string) bool {
	host = strings.TrimSuffix(host, ".") // as the rules compare it
	if strings.TrimSuffix(s.domain, ".") == host {
		return true
	}
	_, err := netip.ParseAddr(host)
	suffix, _ := publicsuffix.PublicSuffix(s.domain)
	return err != nil && suffix != s.domain && strings.HasSuffix(host, "."+s.domain)
}

// noted reads c as RFC 6265 §5.3 does: Max-Age before Expires, the host
// itself without Domain, the directory of the URL without Path.
func noted(u *url.URL, c *http.Cookie, now time.Time) savedCookie {
	s := savedCookie{
		cookieKey: cookieKey{domain: u.Hostname(), path: pathOf(u, c), name: c.Name},
		value:     c.Value,
		secure:    c.Secure,
		httpOnly:  c.HttpOnly,
		expires:   c.Expires,
	}
	if d := strings.ToLower(strings.TrimPrefix(c.Domain, ".")); d != "" {
		// An address has no subdomains; the rules take its own name for Domain.
		s.subdomains = d != s.domain || strings.Trim(d, "0123456789.") != "" && !strings.Contains(d, ":")
		s.domain = d
	}
	switch {
	case c.MaxAge < 0:
		s.expires = now
	case c.MaxAge > 0:
		s.expires = now.Add(time.Duration(c.MaxAge) * time.Second)
	}
	return s
}

// pathOf is a cookie's path: that of its attributes, or the directory of the URL.
func pathOf(u *url.URL, c *http.Cookie) string {
	if strings.HasPrefix(c.Path, "/") {
		return c.Path
	}
	if i := strings.LastIndexByte(u.Path, '/'); i > 0 {
		return u.Path[:i]
	}
	return "/"
}
