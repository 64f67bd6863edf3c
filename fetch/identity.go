package fetch

import (
	"encoding/base64"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

const (
	accept         = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	acceptEncoding = "gzip, deflate, br, zstd"
)

// An identity is who the client is to one host: the header it sends, shared
// by all requests and never changed.
type identity struct {
	header  http.Header
	host    string         // Host header; "" is the URL's
	cookies []*http.Cookie // the user's own
}

// scope is a place that an identity is for.
type scope struct {
	scheme string
	host   string
}

// identities is what each host may know; whoever is not in it gets the
// anonymous one.
type identities struct {
	anonymous *identity
	known     map[scope]*identity
}

func newIdentities(o Options) identities {
	ids := identities{
		anonymous: &identity{header: http.Header{
			"User-Agent":      {o.UserAgent},
			"Accept":          {accept},
			"Accept-Encoding": {acceptEncoding},
		}},
		known: make(map[scope]*identity),
	}
	for _, c := range o.Credentials {
		ids.add(scope{"https", c.Host}, c)
		if !c.Secure {
			ids.add(scope{"http", c.Host}, c)
		}
	}
	return ids
}

// add gives what c says to one scope, beside what other credentials said.
func (ids *identities) add(s scope, c Credential) {
	id := ids.known[s]
	if id == nil {
		id = &identity{header: ids.anonymous.header.Clone()}
		ids.known[s] = id
	}
	if c.Username != "" || c.Password != "" {
		id.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.Username+":"+c.Password)))
	}
	for name, values := range c.Header {
		switch name = textproto.CanonicalMIMEHeaderKey(name); {
		case name == "Host" && len(values) > 0:
			id.host = values[len(values)-1]
		case name == "Cookie":
			id.addCookies(strings.Join(values, "; "))
		default:
			id.header[name] = values
		}
	}
	id.addCookies(c.Cookies)
}

// addCookies takes "a=1; b=2". It does not use http.ParseCookie, which
// refuses values that browsers send.
func (id *identity) addCookies(text string) {
	for pair := range strings.SplitSeq(text, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); name != "" {
			id.cookies = append(id.cookies, &http.Cookie{Name: name, Value: value})
		}
	}
}

func (ids *identities) of(u weburl.URL) *identity {
	if len(ids.known) > 0 {
		if id := ids.known[scope{u.Scheme(), u.Host()}]; id != nil {
			return id
		}
	}
	return ids.anonymous
}

// headerFor is the header of one request: the identity's own map when there
// is nothing to add, which is nearly always.
func (id *identity) headerFor(req Request, jar *Jar) http.Header {
	cookie, v := cookieHeader(id.cookies, jar.cookies(req)), req.Validators
	if cookie == "" && v == (Validators{}) {
		return id.header
	}
	h := make(http.Header, len(id.header)+3)
	for name, values := range id.header {
		h[name] = values
	}
	if cookie != "" {
		h["Cookie"] = []string{cookie}
	}
	if v.ETag != "" {
		h["If-None-Match"] = []string{v.ETag}
	}
	if v.LastModified != "" {
		h["If-Modified-Since"] = []string{v.LastModified}
	}
	return h
}

// maxCookieHeader is how many bytes of cookies a request carries; what servers
// commonly take of a whole header is 8 KiB.
const maxCookieHeader = 6 << 10

// cookieHeader joins the user's cookies and the jar's. Of one name the jar's
// is sent: the server set it after the user's was given.
func cookieHeader(users, jars []*http.Cookie) string {
	if len(users)+len(jars) == 0 {
		return ""
	}
	set := make(map[string]bool, len(jars))
	var b strings.Builder
	add := func(c *http.Cookie) {
		if b.Len()+len(c.Name)+len(c.Value)+3 > maxCookieHeader {
			return
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(c.Name + "=" + c.Value)
	}
	for _, c := range jars {
		set[c.Name] = true
		add(c)
	}
	for _, c := range users {
		if !set[c.Name] {
			add(c)
		}
	}
	return b.String()
}
