package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/parse/sitemap"
)

// visit is what came of one exchange: a page or an error.
type visit struct {
	lease *frontier.Lease
	page  *fetch.Page
	err   *fetch.Error
	skip  *frontier.Skip // why it was not asked for after all
	pause time.Duration  // what the server asked for, before the next request to it
	spent bool           // the turn went to robots.txt
}

// unasked tells whether the URL was not asked for after all.
func (v *visit) unasked() bool {
	return v.spent || v.err != nil && (v.err.Kind == fetch.KindCanceled || v.err.Offline)
}

// fetch makes the exchange for a lease and tells the frontier how the host
// took it.
func (c *crawl) fetch(ctx context.Context, l *frontier.Lease) visit {
	v := visit{lease: l}
	if l.GivenUp != "" {
		v.err = &fetch.Error{Kind: fetch.KindGivenUp, URL: l.Job.URL, Err: errors.New("the host was given up: " + l.GivenUp)}
		l.Ended(frontier.Exchange{})
		return v
	}
	if v.skip = c.keptOut(&l.Job); v.skip != nil {
		l.Ended(frontier.Exchange{})
		return v
	}
	req := fetch.Request{
		URL: l.Job.URL, Via: l.Job.Via, Embedded: l.Job.Kind == frontier.Asset, Beside: l.Beside(),
		Validators: c.validators(&l.Job), Started: l.Started,
	}
	if l.Job.Chain != nil {
		req.From = l.Job.Chain.First.Via
	}
	if l.Job.Kind == frontier.Sitemap {
		req.MaxBody = sitemap.MaxSize
	}
	page, err := c.fetcher.Fetch(ctx, req)
	if err == nil || errors.Is(err, gate.ErrTurnSpent) {
		l.Started(time.Now()) // if the answer was quicker than the news of the request
	}
	switch {
	case errors.Is(err, gate.ErrTurnSpent):
		v.spent = true
	case err != nil:
		v.err = asError(l, err)
		v.pause = v.err.RetryAfter
		c.offline(v.err)
	default:
		v.page = page
		v.pause, _ = fetch.RetryAfter(page.Status, page.Header, time.Now())
		c.Events.fetched(page)
	}
	l.Ended(v.exchange())
	return v
}

// validators ask the server whether the copy of an earlier run still holds. A
// sitemap is wanted whole when it is to say which pages have changed, and a page
// when other things are to be taken from it than then.
func (c *crawl) validators(j *frontier.Job) fetch.Validators {
	switch {
	case j.Last == nil || j.Last.Gone || j.Kind == frontier.Sitemap && c.lastmods.on,
		j.Kind == frontier.Page && c.plan != 0 && c.plan != j.Last.Plan:
		return fetch.Validators{}
	}
	return fetch.Validators{ETag: j.Last.ETag, LastModified: j.Last.LastModified}
}

// exchange is what the frontier learns of the host.
func (v *visit) exchange() frontier.Exchange {
	switch {
	case v.spent:
		return frontier.Exchange{}
	case v.err != nil && v.err.Offline:
		return frontier.Exchange{Health: frontier.Offline}
	case v.err != nil && v.err.Kind.HostDown():
		return frontier.Exchange{Health: frontier.Down}
	case v.err != nil && v.err.Kind == fetch.KindUnavailable:
		return frontier.Exchange{Health: frontier.Pushback, Pause: v.pause}
	case v.err != nil:
		return frontier.Exchange{}
	case pushback(v.page.Status):
		return frontier.Exchange{Health: frontier.Pushback, Pause: v.pause}
	}
	return frontier.Exchange{Health: frontier.Healthy, Elapsed: v.page.Elapsed, Pause: v.pause}
}

// pushback tells whether a status asks for less.
func pushback(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// again tells whether another try may go better than this one did.
func (v *visit) again() bool {
	switch {
	case v.skip != nil:
		return false
	case v.err != nil:
		return v.err.Kind.Temporary()
	}
	switch v.page.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// asError is err as the kind of error that fetchers promise.
func asError(l *frontier.Lease, err error) *fetch.Error {
	if e, ok := errors.AsType[*fetch.Error](err); ok {
		return e
	}
	return &fetch.Error{Kind: fetch.KindInternal, URL: l.Job.URL, Err: fmt.Errorf("fetcher: %w", err)}
}

// offline says that the crawl waits for names to be looked up again, or for its
// proxy, once an outage.
func (c *crawl) offline(err *fetch.Error) {
	if err.Offline && time.Now().Unix()-c.outage.Swap(time.Now().Unix()) > outageSaid {
		c.Events.warning("nobody can be asked for now: waiting for that, as it is no fault of the hosts", "url", err.URL.String(), "err", err.Message())
	}
}

// outageSaid is how many seconds after a sign of one outage the next sign is of
// another.
const outageSaid = 300
