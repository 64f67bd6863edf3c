package fetch

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/trawl-crawler/trawl/fetch/dial"
)

// Options of a Client. The zero value of each field is its default.
type Options struct {
	UserAgent   string       // sent to every server
	Credentials []Credential // each sent to the host it names and to no other
	Jar         *Jar         // the session's cookies; nil is an empty one
	Proxy       string       // http, https, socks5 or socks5h URL; "" is the environment's, "none" is none

	Timeout        time.Duration // of the whole exchange; 30 s
	ConnectTimeout time.Duration // until there is a connection, name and TLS included; 10 s
	HeaderTimeout  time.Duration // from the connection to the whole header; IdleTimeout
	IdleTimeout    time.Duration // without a byte of the body; 15 s

	MaxBody int64  // decoded bytes of a body; 10 MiB
	Limits  Limits // of what else a response may cost

	// Want tells how many decoded bytes of a body of a media type are wanted,
	// MaxBody at most; of 0 the body is not downloaded. nil wants every body.
	// A Request that sets MaxBody is not asked about.
	Want func(mediaType string) int64

	Concurrency     int // exchanges at a time, for which connections are kept; 64
	HostConcurrency int // … with one host; 2

	// MaxHeld is how many bytes of bodies are held at a time, from their first
	// byte until their pages are released, and one body more; 0 is any number.
	// An exchange waits for room before it asks and as its body grows.
	MaxHeld int64

	Insecure bool           // any certificate will do
	Roots    *x509.CertPool // certificate authorities; nil is the system's
	Dial     dial.Options   // names, overrides, refused networks
}

// A Credential is what the user lets one host know: header fields, cookies,
// a password. Redirects do not carry it elsewhere, for each request is looked
// up anew by the host it goes to.
type Credential struct {
	Host   string // as weburl.URL.Host gives it
	Secure bool   // only over https: what was given for an https URL is not sent in the clear

	Header             map[string][]string // as given; "Host" replaces the Host header
	Cookies            string              // "a=1; b=2"; a cookie that the host sets since then wins
	Username, Password string              // basic authentication (RFC 7617), when either is set
}

// withDefaults fills in what is zero.
func (o Options) withDefaults() Options {
	o.UserAgent = cmp.Or(o.UserAgent, "trawl")
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.ConnectTimeout = cmp.Or(o.ConnectTimeout, 10*time.Second)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, 15*time.Second)
	o.HeaderTimeout = cmp.Or(o.HeaderTimeout, o.IdleTimeout)
	o.MaxBody = min(cmp.Or(o.MaxBody, 10<<20), 1<<62) // a little more than it is asked for, and must be a number too
	o.Limits = o.Limits.withDefaults()
	o.Concurrency = cmp.Or(o.Concurrency, 64)
	o.HostConcurrency = cmp.Or(o.HostConcurrency, 2)
	o.Dial.Timeout = cmp.Or(o.Dial.Timeout, o.ConnectTimeout)
	if o.Jar == nil {
		o.Jar = NewJar()
	}
	return o
}

// check refuses what could not be sent as the user meant it.
func (o Options) check() error {
	if !httpguts.ValidHeaderFieldValue(o.UserAgent) {
		return fmt.Errorf("user agent %q: want one line of text", o.UserAgent)
	}
	for _, c := range o.Credentials {
		if c.Host == "" {
			return fmt.Errorf("credentials for no host: name the host they may be sent to")
		}
		for name, values := range c.Header {
			if !httpguts.ValidHeaderFieldName(name) {
				return fmt.Errorf("header %q for %s: not a header name", name, c.Host)
			}
			for _, v := range values {
				if !httpguts.ValidHeaderFieldValue(v) {
					return fmt.Errorf("header %q for %s: value %q: want one line of text", name, c.Host, v)
				}
			}
		}
		if !httpguts.ValidHeaderFieldValue(c.Cookies) {
			return fmt.Errorf("cookies for %s: %q: want name=value; name=value", c.Host, c.Cookies)
		}
	}
	return nil
}
