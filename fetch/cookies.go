package fetch

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// What a jar takes, so that no site fills it.
const (
	maxCookiesHost = 50
	maxCookies     = 64 << 10
	maxCookieBytes = 4 << 10 // RFC 6265 §6.1
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
	return &Jar{rules: rules, hosts: make(map[string]map[cookieKey]savedCookie)}
}

// cookies gives those to be sent to u.
func (j *Jar) cookies(u weburl.URL) []*http.Cookie {
	if !j.any.Load() {
		return nil
	}
	return j.rules.Cookies(jarURL(u.Scheme(), u.Host(), u.Path()))
}

// jarURL is a URL as the rules read it: its path is compared as it was sent.
func jarURL(scheme, host, path string) *url.URL {
	return &url.URL{Scheme: scheme, Host: host, Path: path}
}

// keep takes the cookies that a response sets.
func (j *Jar) keep(u weburl.URL, h http.Header) {
	if len(h["Set-Cookie"]) == 0 {
		return
	}
	set := (&http.Response{Header: h}).Cookies()
	j.set(jarURL(u.Scheme(), u.Host(), u.Path()), set, time.Now())
}

// set gives cookies to the rules, as many as the limits leave.
func (j *Jar) set(u *url.URL, set []*http.Cookie, now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range set {
		if len(c.Name)+len(c.Value) > maxCookieBytes || !j.note(u, c, now) {
			continue
		}
		j.rules.SetCookies(u, []*http.Cookie{c})
		j.any.Store(true)
	}
}

// note remembers c and tells whether there is room for it.
func (j *Jar) note(u *url.URL, c *http.Cookie, now time.Time) bool {
	host := u.Hostname()
	s := noted(u, c, now)
	mine := j.hosts[host]
	if _, known := mine[s.cookieKey]; !known {
		if s.gone(now) {
			return true // it deletes what another host of the domain set: for the rules to judge
		}
		if len(mine) >= maxCookiesHost {
			j.purge(host, now)
		}
		if len(mine) >= maxCookiesHost || j.count >= maxCookies {
			return false
		}
		if mine == nil {
			mine = make(map[cookieKey]savedCookie)
			j.hosts[host] = mine
		}
		j.count++
	}
	mine[s.cookieKey] = s
	return true
}

// purge forgets the cookies of a host that have expired.
func (j *Jar) purge(host string, now time.Time) {
	for key, s := range j.hosts[host] {
		if s.gone(now) {
			delete(j.hosts[host], key)
			j.count--
		}
	}
}

func (s savedCookie) gone(now time.Time) bool { return !s.expires.IsZero() && !s.expires.After(now) }

// noted reads c as RFC 6265 §5.3 does: Max-Age before Expires, the host
// itself without Domain, the directory of the URL without Path.
func noted(u *url.URL, c *http.Cookie, now time.Time) savedCookie {
	s := savedCookie{
		cookieKey: cookieKey{domain: u.Hostname(), path: c.Path, name: c.Name},
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
	if !strings.HasPrefix(s.path, "/") {
		s.path = "/"
		if i := strings.LastIndexByte(u.Path, '/'); i > 0 {
			s.path = u.Path[:i]
		}
	}
	switch {
	case c.MaxAge < 0:
		s.expires = now
	case c.MaxAge > 0:
		s.expires = now.Add(time.Duration(c.MaxAge) * time.Second)
	}
	return s
}

// list gives the cookies that the rules hold, in the order of their keys:
// of those noted, some were refused, replaced by another host or expired.
func (j *Jar) list() []savedCookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	var held []savedCookie
	for _, mine := range j.hosts {
		for _, s := range mine {
			if j.holds(s) {
				held = append(held, s)
			}
		}
	}
	slices.SortFunc(held, func(a, b savedCookie) int {
		return strings.Compare(a.domain+"\t"+a.path+"\t"+a.name, b.domain+"\t"+b.path+"\t"+b.name)
	})
	return slices.CompactFunc(held, func(a, b savedCookie) bool { return a.cookieKey == b.cookieKey })
}

func (j *Jar) holds(s savedCookie) bool {
	for _, c := range j.rules.Cookies(jarURL("https", bracketed(s.domain), s.path)) {
		if c.Name == s.name && c.Value == s.value {
			return true
		}
	}
	return false
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

const cookieFileHead = "# Netscape HTTP Cookie File\n# domain, subdomains too, path, https only, expires (Unix; 0 with the session), name, value\n\n"

// Save writes the jar to a file in Netscape's format, which curl and wget
// read. Only its owner can read the file; it is replaced at once or not at all.
func (j *Jar) Save(path string) (err error) {
	var b bytes.Buffer
	b.WriteString(cookieFileHead)
	for _, s := range j.list() {
		b.WriteString(s.line())
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".cookies-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("save cookies to %q: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("save cookies to %q: %w", path, err)
		}
	}()
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (s savedCookie) line() string {
	domain, expires := s.domain, int64(0)
	if s.subdomains {
		domain = "." + domain
	}
	if s.httpOnly {
		domain = httpOnlyMark + domain
	}
	if !s.expires.IsZero() {
		expires = s.expires.Unix()
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%s\t%s\n", domain, yes(s.subdomains), s.path, yes(s.secure), expires, s.name, s.value)
}

const httpOnlyMark = "#HttpOnly_"

func yes(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}

// LoadJar reads a cookie file in Netscape's format. No file is an empty jar:
// it is to be written.
func LoadJar(path string) (*Jar, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return NewJar(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("load cookies: %w", err)
	}
	j, now := NewJar(), time.Now()
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		line, httpOnly := strings.CutPrefix(text, httpOnlyMark)
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s, err := parseCookieLine(line)
		if err != nil {
			return nil, fmt.Errorf("load cookies: %s:%d: %w", path, n, err)
		}
		s.httpOnly = httpOnly
		j.add(s, now)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("load cookies from %q: %w", path, err)
	}
	return j, nil
}

func parseCookieLine(line string) (savedCookie, error) {
	f := strings.Split(strings.TrimRight(line, "\r"), "\t")
	if len(f) == 6 {
		f = append(f, "") // an empty value at the end of a line that an editor trimmed
	}
	if len(f) != 7 {
		return savedCookie{}, fmt.Errorf("%d fields between tabs, want 7 (Netscape cookie file)", len(f))
	}
	unix, err := strconv.ParseInt(f[4], 10, 64)
	if err != nil {
		return savedCookie{}, fmt.Errorf("expires %q: want Unix seconds, or 0", f[4])
	}
	s := savedCookie{
		cookieKey:  cookieKey{domain: strings.TrimPrefix(f[0], "."), path: f[2], name: f[5]},
		value:      f[6],
		subdomains: strings.EqualFold(f[1], "TRUE"),
		secure:     strings.EqualFold(f[3], "TRUE"),
	}
	if unix > 0 {
		s.expires = time.Unix(unix, 0)
	}
	return s, nil
}

// add puts a cookie of a file into the jar, as if its own host had set it.
func (j *Jar) add(s savedCookie, now time.Time) {
	c := &http.Cookie{Name: s.name, Value: s.value, Path: s.path, Expires: s.expires, Secure: s.secure, HttpOnly: s.httpOnly}
	if s.subdomains {
		c.Domain = s.domain
	}
	if !s.gone(now) {
		j.set(jarURL("https", bracketed(s.domain), s.path), []*http.Cookie{c}, now)
	}
}
