// Package gate asks robots.txt before it lets a request through (RFC 9309).
//
// A Gate is a Fetcher around a Fetcher. It keeps one copy of robots.txt for
// each origin and judges every URL by it. It waits for nobody's turn, because
// the crawl's queue does that: one call of Fetch is one turn of the host and
// makes one exchange at the most. A call that finds no copy, or one too old,
// therefore spends its turn on robots.txt and returns ErrTurnSpent; where
// robots.txt redirects, each hop is a turn as well, and one of the host that it
// leads to if the crawl sees to that (Redirected). So the gap between two
// requests to a host holds for robots.txt too.
//
// What the answer means (RFC 9309 §2.3.1):
//
//	2xx               its rules hold, and what was parsed of the first 500 KiB
//	3xx               followed, to any host; more than five hops count as 4xx
//	4xx, but not 429  there are no rules: everything is allowed
//	429, 5xx, errors  everything is disallowed for now
//
// A copy serves for a day. While a newer one cannot be had it serves on, for
// up to 30 days (§2.4). Without a copy, requests fail with the kind
// robots_unavailable and with RetryAfter, until when no other will be asked
// for: 5 s, doubled for each failure in a row up to 10 min, or what the server
// asks for if that is more, up to an hour. If the origin cannot be reached at all, its pages
// cannot either, and the kind is that of the failure; a host that is down is
// the queue's to park, so then there is no pause and each turn is a real try.
//
// Copies survive a restart if the crawl stores what Learned is given (Kept) and
// gives it back (Recall): then a crawl that is resumed asks no host again for
// what it said an hour ago, and a host that is down serves by its old copy.
package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/robots"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// ErrTurnSpent says that the host's turn went to robots.txt: the request has
// not been made and counts as no attempt. It is due at the host's next turn.
var ErrTurnSpent = errors.New("the host's turn went to robots.txt: ask again at its next turn")

// Mode is what a Gate does with a verdict.
type Mode int

const (
	Obey   Mode = iota // a disallowed URL is not fetched
	Report             // every URL is fetched, and its page says what robots.txt says
)

// Options of a Gate. The zero value of each field is its default.
type Options struct {
	Agent string // product token or User-Agent header whose rules count
	Mode  Mode

	TTL          time.Duration // how long a copy serves; 24 h
	Timeout      time.Duration // of one exchange for robots.txt, as the Fetcher counts it; 10 s
	MaxRedirects int           // hops that are followed; 5

	// Learned, when set, is told of each answer about an origin's robots.txt,
	// the last hop's if it redirects, before a request is judged by it. It is
	// called from the goroutine that called Fetch, for different origins at
	// the same time, and must not call the Gate.
	Learned func(Copy)

	// Redirected, when set, is told of each redirect of an origin's robots.txt,
	// before the turn that goes to where it leads: to another host only one that
	// is a turn of that host as well (fetch.Request.Beside). Of a call that is
	// none it is told once more. It is called as Learned is, which ends it.
	Redirected func(robots, to weburl.URL)

	// Asked, when set, is told when an answer that is no failure asks for its host
	// to be left alone for so long, before what it says is told.
	Asked func(at weburl.URL, pause time.Duration)

	// Recall, when set, gives what Copy.Kept was of an origin (as
	// weburl.URL.Origin has it) that the Gate knows nothing of, or no more,
	// before the network is asked. It is called as Learned is, which is told of
	// the copy then. One older than TTL is asked for anew, and serves while
	// that fails.
	Recall func(ctx context.Context, origin string) (Kept, bool)
}

// A Copy is what an origin's robots.txt says, as far as a crawl has to know
// it beyond single URLs. With Err set nothing was learned: what an earlier
// copy said still holds.
type Copy struct {
	URL      weburl.URL   // the origin's robots.txt, wherever it redirects to
	Status   int          // of the answer; 0 if there was none
	File     *robots.File // nil with Err
	Delay    time.Duration
	HasDelay bool         // whether it has a Crawl-delay for the agent
	Sitemaps []weburl.URL // those that are URLs
	Err      *fetch.Error // why there is no answer to go by
	Serves   bool         // with Err: requests are made all the same, by an older copy or in Report mode

	Kept     Kept // the answer, to be stored; zero with Err
	Recalled bool // it comes from Options.Recall
}

// Gate is a fetch.Fetcher, safe for concurrent use.
type Gate struct {
	next    fetch.Fetcher
	options Options

	mu      sync.Mutex
	entries *entries                 // by origin
	flights map[string]chan struct{} // origins whose robots.txt is being asked for; closed then
}

// New gives the gate before next.
func New(next fetch.Fetcher, o Options) *Gate {
	o.TTL = cmp.Or(o.TTL, 24*time.Hour)
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.MaxRedirects = cmp.Or(o.MaxRedirects, 5)
	return &Gate{next: next, options: o, entries: newEntries(), flights: map[string]chan struct{}{}}
}

// Fetch fetches a page if robots.txt allows it; in Report mode, whatever it
// says, and the page carries the verdict. Its errors are those of the Fetcher behind it and two more:
// ErrTurnSpent, and a *fetch.Error of kind robots, which names the rule, or
// robots_unavailable.
func (g *Gate) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	verdict, err := g.judge(ctx, req)
	if err != nil {
		return nil, err
	}
	page, err := g.next.Fetch(ctx, req)
	if page != nil && g.options.Mode == Report {
		reported := verdict // verdict itself stays off the heap
		page.Robots = &reported
	}
	return page, err
}

// judge gives the verdict on a request that may be made.
func (g *Gate) judge(ctx context.Context, req fetch.Request) (robots.Verdict, error) {
	if req.URL.RequestURI() == robotsPath {
		return robots.Verdict{Allowed: true}, nil // RFC 9309 §2.2.2; no copy is needed to know it
	}
	e, err := g.entry(ctx, req)
	if err != nil {
		return robots.Verdict{}, err
	}
	if g.refuses(e) {
		return robots.Verdict{}, e.refusal(req.URL)
	}
	verdict := e.rules.Test(req.URL.RequestURI())
	if !verdict.Allowed && g.options.Mode == Obey {
		return verdict, &fetch.Error{
			Kind: fetch.KindRobots, URL: req.URL, Rule: verdict.Rule, Line: verdict.Line, Copy: e.sum,
			Err: fmt.Errorf("robots.txt line %d: %q", verdict.Line, verdict.Rule),
		}
	}
	return verdict, nil
}

// entry gives what is known of a request's origin. If it has to ask the
// network, its turn is spent; if another call is asking, it waits for that one's
// answer. One that redirects spends both turns: the next hop is at turns of the
// host that it leads to as well, which a call that waited does not have. So does
// one that asks for less, by the pause that follows, where an older copy serves.
func (g *Gate) entry(ctx context.Context, req fetch.Request) (*entry, error) {
	for {
		e, flight, leads := g.enter(req.URL.Origin())
		if flight == nil {
			return e, nil
		}
		if leads {
			if err := g.lead(ctx, req, e, flight); err != nil {
				return nil, err
			}
			continue
		}
		select {
		case <-flight:
		case <-ctx.Done():
			return nil, canceled(ctx, req.URL)
		}
		if g.spends(req.URL.Origin()) {
			return nil, ErrTurnSpent
		}
	}
}

// enter finds the origin's entry, which may be nil. If that does not serve,
// there is a flight that will bring another, led by the caller or not.
func (g *Gate) enter(origin string) (e *entry, flight chan struct{}, leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e = g.entries.get(origin)
	if e != nil && e.serves(time.Now()) {
		e.served = true
		return e, nil, false
	}
	if flight = g.flights[origin]; flight != nil {
		return e, flight, false
	}
	flight = make(chan struct{})
	g.flights[origin] = flight
	return e, flight, true
}

// spends tells whether an answer that came takes the turns of those who waited
// for it as well: the origin's robots.txt is to be had elsewhere yet, or its host
// is to be left alone for now.
func (g *Gate) spends(origin string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.entries.get(origin)
	return e != nil && (!e.hop.IsZero() || e.busy && !g.refuses(e))
}

// refuses tells whether requests fail for want of a copy.
func (g *Gate) refuses(e *entry) bool { return e.fails() && g.options.Mode == Obey }

// lead ends the flight, whatever happens: with a copy that is recalled, or by
// spending the turn on robots.txt. Old is the entry so far, or nil.
func (g *Gate) lead(ctx context.Context, req fetch.Request, old *entry, flight chan struct{}) error {
	own := weburl.FromCanonical(req.URL.Origin() + robotsPath)
	var fresh *entry
	defer func() { g.land(own.Origin(), fresh, flight) }()

	if old == nil {
		old = g.recall(ctx, own)
		if time.Now().Before(old.due) {
			fresh = old
			return nil
		}
	}
	if g.early(req, own, old) {
		g.options.Redirected(own, old.hop)
		return ErrTurnSpent
	}
	asked, err := g.ask(ctx, req, own, old)
	if err != nil {
		return err
	}
	fresh = asked
	if g.refuses(fresh) {
		fresh.served = true // by the refusal
		return fresh.refusal(req.URL)
	}
	return ErrTurnSpent
}

// early tells whether the next hop is at a host whose turn this is not: the call
// was on its way when the hop became known, or the turns of the origin's host are
// beside another's meanwhile, where its other scheme's robots.txt leads.
func (g *Gate) early(req fetch.Request, own weburl.URL, old *entry) bool {
	at := old.hop.Host()
	return g.options.Redirected != nil && at != "" && at != own.Host() && at != req.Beside
}

// land ends a flight; fresh is nil if it brought nothing.
func (g *Gate) land(origin string, fresh *entry, flight chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if fresh != nil {
		g.entries.put(origin, fresh)
	}
	delete(g.flights, origin)
	close(flight)
}

func canceled(ctx context.Context, u weburl.URL) error {
	return &fetch.Error{Kind: fetch.KindCanceled, URL: u, Err: context.Cause(ctx)}
}
