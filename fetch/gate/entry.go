package gate

import (
	"errors"
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/robots"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

const (
	firstPause = 5 * time.Second     // after a first failure
	maxPause   = 10 * time.Minute    // what doubling it leads to
	maxAsked   = time.Hour           // what a server gets for the asking, as the crawl's queue has it: its turn then is one to ask
	staleAfter = 30 * 24 * time.Hour // a copy this old is none (RFC 9309 §2.3.1.4)
)

// entry is what is known of one origin. But for served it never changes: the
// next one takes its place.
type entry struct {
	rules *robots.Rules // nil while there was no answer yet, but a redirect
	got   time.Time     // when the rules were; zero when they only say that there are none to be had
	due   time.Time     // when to ask again
	size  int           // of the file, in bytes
	sum   string        // … and its hash

	// served tells whether the entry has decided a request. It does so once
	// even if it is due again: where a host's turns lie further apart than due,
	// every turn would go to robots.txt.
	served bool

	hop  weburl.URL // where to ask at the next turn; zero is the origin
	hops int        // redirects that led to hop

	err   *fetch.Error // the failure that came last; nil after an answer
	busy  bool         // … or this one, asked for its host to be left alone
	pause time.Duration
}

// serves tells whether the entry may decide a request.
func (e *entry) serves(now time.Time) bool {
	return e.hop.IsZero() && (now.Before(e.due) || !e.served)
}

// fails tells whether there is no copy to go by, neither a new nor an old one.
func (e *entry) fails() bool { return e.err != nil && e.got.IsZero() }

// refusal is the error for a URL while there is no copy.
func (e *entry) refusal(u weburl.URL) error {
	refusal := &fetch.Error{Kind: e.err.Kind, URL: u, Err: e.err.Err}
	if e.err.Kind == fetch.KindUnavailable {
		refusal.RetryAfter = max(time.Until(e.due), 0)
	}
	return refusal
}

// answered is the entry after an answer that makes a file. One from the
// future, by a clock that was set back since, is from now.
func answered(rules *robots.Rules, size int, at time.Time, ttl time.Duration) *entry {
	if now := time.Now(); at.After(now) {
		at = now
	}
	return &entry{rules: rules, got: at, due: at.Add(ttl), size: size}
}

// redirected is the entry after a redirect: due at once, elsewhere.
func (e *entry) redirected(to weburl.URL) *entry {
	next := *e
	next.hop, next.hops, next.err, next.busy = to, e.hops+1, nil, false
	return &next
}

// failed is the entry after a failure.
func (e *entry) failed(err *fetch.Error) *entry {
	now := time.Now()
	next := &entry{rules: e.rules, got: e.got, size: e.size, sum: e.sum, err: &fetch.Error{Kind: err.Kind, Err: err.Err}}
	if now.Sub(e.got) >= staleAfter {
		next.rules, next.got, next.size = robots.DisallowAll(err.Err.Error()).Rules(""), time.Time{}, 0
		next.sum = ""
	}
	next.pause = min(max(2*e.pause, firstPause), maxPause)
	next.due = now.Add(max(next.pause, min(err.RetryAfter, maxAsked)))
	if next.fails() && err.Kind.HostDown() {
		next.due = now
	}
	return next
}

// failure is the error to remember for a failed exchange. If the origin itself
// cannot be reached, its pages cannot either and the kind stays; all else is
// the trouble of robots.txt alone, a host it redirects to being down included.
func failure(at weburl.URL, hops int, cause error) *fetch.Error {
	kind := fetch.KindUnavailable
	if e, ok := errors.AsType[*fetch.Error](cause); ok && hops == 0 && closed(e.Kind) {
		kind = e.Kind
	}
	return &fetch.Error{Kind: kind, URL: at, Err: brief(cause)}
}

// told is a failure in words, and the limit that it is of, if it is.
type told struct {
	words string
	limit error
}

func (t *told) Error() string { return t.words }
func (t *told) Unwrap() error { return t.limit }

// maxTold is how many bytes a failure is told in: what comes first, and what a
// fetcher says of it, which is not more than 1 KiB.
const maxTold = 2 << 10

// brief is all that an entry keeps of a failure, as it may for each of maxOrigins
// for as long as the crawl takes: a server's certificates, a line of its header,
// and a URL that it redirects to have 256 KiB each.
func brief(cause error) error {
	t := &told{words: cause.Error()}
	if over := len(t.words) - maxTold; over > 0 {
		const begin = maxTold / 4
		t.words = strings.ToValidUTF8(t.words[:begin]+"…"+t.words[begin+over:], "")
	}
	if limit, ok := errors.AsType[fetch.Limit](cause); ok {
		t.limit = limit
	}
	return t
}

// closed tells whether a failure stands on the way to every page of an origin.
func closed(k fetch.Kind) bool {
	return k.HostDown() || k == fetch.KindTLS || k == fetch.KindForbidden
}
