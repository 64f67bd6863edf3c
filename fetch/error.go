package fetch

import (
	"fmt"
	"time"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Kind is the class of a failure: what a record says, what a metric counts,
// and whether it is worth another try.
type Kind string

// The kinds of failure. Records carry these words; within a major version
// they are only added to.
const (
	KindTimeout     Kind = "timeout"            // connect, idle or total time ran out
	KindDNS         Kind = "dns"                // the name does not resolve
	KindConnect     Kind = "connect"            // refused, unreachable, reset before the request
	KindTLS         Kind = "tls"                // handshake or certificate
	KindReset       Kind = "reset"              // the connection broke during the exchange
	KindProtocol    Kind = "protocol"           // what came is not HTTP
	KindDecode      Kind = "decode"             // a content coding that does not decode
	KindTooLarge    Kind = "too_large"          // a URL or header beyond a Limit
	KindProxy       Kind = "proxy"              // the proxy failed, not the site
	KindForbidden   Kind = "forbidden_address"  // an address that may not be asked
	KindRobots      Kind = "robots"             // robots.txt disallows it
	KindUnavailable Kind = "robots_unavailable" // robots.txt cannot be had for now: disallowed until it can
	KindGivenUp     Kind = "host_given_up"      // not asked: its host failed too often
	KindCanceled    Kind = "canceled"           // the crawl is ending
	KindInternal    Kind = "internal"           // a fault of trawl
)

// traits is the one table that says what follows from a kind.
type traits struct {
	temporary bool // another try may succeed
	hostDown  bool // counts towards giving the host up
}

func (k Kind) traits() traits {
	switch k {
	case KindTimeout, KindConnect, KindDNS:
		return traits{temporary: true, hostDown: true}
	case KindReset, KindProtocol, KindProxy, KindUnavailable:
		return traits{temporary: true}
	}
	return traits{}
}

// Temporary tells whether another try may succeed.
func (k Kind) Temporary() bool { return k.traits().temporary }

// HostDown tells whether the failure says that the host cannot be reached.
func (k Kind) HostDown() bool { return k.traits().hostDown }

// An Error is why there is no page.
type Error struct {
	Kind Kind
	URL  weburl.URL
	Err  error // the cause, in words for the record

	// Rule and Line name the robots.txt line that decided, for KindRobots, and
	// Copy is a hash of the file as it was then.
	Rule string
	Line int
	Copy string

	// RetryAfter is how long the server asked to be left alone; 0 if it did not.
	RetryAfter time.Duration

	// Offline: no name can be looked up for now, or the proxy is out of reach
	// that was not before, so that nothing is known of the host, and it was not
	// asked.
	Offline bool
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("fetch %s: %s", e.URL, e.Kind)
	}
	return fmt.Sprintf("fetch %s: %s: %v", e.URL, e.Kind, e.Err)
}

// Message is the cause in words, without the URL, as a record has it.
func (e *Error) Message() string {
	if e.Err == nil {
		return string(e.Kind)
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }
