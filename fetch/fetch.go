// Package fetch asks a server for one URL and gives back one page or one
// error that says what kind of failure it was.
//
// A Fetcher makes exactly one exchange: it follows no redirect, retries
// nothing and waits for nobody's turn. Redirects and retries are jobs of the
// frontier, so that scope, robots.txt, politeness and the count of attempts
// hold for them too. What a crawl adds around an exchange is a Fetcher around
// a Fetcher: see fetch/gate for robots.txt.
//
// Client is the Fetcher over HTTP. In the order in which an exchange goes
// through them: client.go, exchange.go (the request, and what is heard of it on
// the way), route.go (over which protocol), watchdog.go (time), limits.go (what
// it may cost), body.go (what of the response is read), held.go (into which
// buffer, until when), decode.go (content codings), media.go (its type) and
// classify.go (failures in words). identity.go and cookies.go say who the
// client is to whom; budget.go and descriptors.go how many exchanges there is
// room for.
package fetch

import (
	"context"
	"net/http"
	"time"

	"github.com/trawl-crawler/trawl/parse/robots"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A Fetcher makes one exchange for one URL.
//
// Fetch returns a page for every complete response, whatever its status, or
// an error that errors.AsType[*Error] finds; never both. A response other than
// 2xx is complete with its header: if its body breaks, the page has none. Fetch
// returns soon after ctx ends. It is safe for concurrent use.
type Fetcher interface {
	Fetch(ctx context.Context, req Request) (*Page, error)
}

// A Request names what is to be fetched.
type Request struct {
	URL        weburl.URL
	Validators Validators // of the copy the crawl already has: the request is conditional

	// Via is the page that led here, zero if the user did; From, when Via is a
	// redirect, the page that led to the first of them. Embedded says that the
	// page shows what is fetched as a part of itself. Cookies depend on it.
	Via, From weburl.URL
	Embedded  bool

	// Beside is the host, if any, whose turn this is as well as that of the
	// URL's: a robots.txt that redirects there may be asked for.
	Beside string

	// MaxBody is how many decoded bytes are wanted, whatever the media type;
	// 0 leaves both to the client: its own limit, its own choice of types.
	MaxBody int64

	// Timeout is of the whole exchange, if it is shorter than the client's own;
	// 0 is none. Neither counts while no server is asked for anything.
	Timeout time.Duration

	// Started, when set, is called at most once, from any goroutine, when the
	// request has been written to its connection, or none could be made: the
	// moment that politeness counts from. The news may come after the answer.
	Started func(time.Time)
}

// Validators are what a server said of a copy, to ask it later whether the
// copy still holds (RFC 9110 §8.8).
type Validators struct {
	ETag         string
	LastModified string
}

// A Page is one complete HTTP response, its body decoded and cut at the limit.
type Page struct {
	URL       weburl.URL
	Status    int
	Header    http.Header
	MediaType string // lower case, without parameters; sniffed when the server names none
	Body      []byte // decoded; nil when there is none, its media type is not wanted, or after Release
	Length    int64  // decoded bytes received; of a body not wanted, its Content-Length if it has no coding, else -1
	Truncated bool   // Body was cut
	Limit     Limit  // at which limit; "" when it was not
	FetchedAt time.Time
	Elapsed   time.Duration // from the request's start to its last byte
	IP        string        // the server's address; "" behind a proxy
	Protocol  string        // "HTTP/1.1", "HTTP/2.0"

	// CookiesRefused is how many cookies the jar had no room for.
	CookiesRefused int

	// Robots is what robots.txt says of the URL, for who fetches it whatever
	// that is (gate.Report); nil otherwise.
	Robots *robots.Verdict

	body *heldBody
}

// Release gives the page's body back, for the bytes of another. Whoever got
// the page from a Fetcher calls it when nothing reads Body any more, neither
// Body itself nor a slice of it. A page that is never released costs the
// garbage collector its body, and Options.MaxHeld its bytes for good. Only the
// first call counts, on the page or a copy of it; all else of the page stays.
func (p *Page) Release() {
	p.Body = nil
	if p.body != nil {
		p.body.release()
	}
}
