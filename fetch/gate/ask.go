package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/robots"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

const robotsPath = "/robots.txt"

// ask makes one exchange for the robots.txt at own, or where it redirects to,
// and gives the entry that follows old. Its error says that the call was ended,
// or that nobody can be asked for now: then nothing is known of the origin that
// was not before.
func (g *Gate) ask(ctx context.Context, req fetch.Request, own weburl.URL, old *entry) (*entry, error) {
	at := own
	if !old.hop.IsZero() {
		at = old.hop
	}
	page, err := g.next.Fetch(ctx, fetch.Request{URL: at, MaxBody: robots.MaxSize + 1, Timeout: g.options.Timeout, Started: req.Started})
	if err != nil && ctx.Err() != nil {
		return nil, canceled(ctx, req.URL)
	}
	if e, ok := errors.AsType[*fetch.Error](err); ok && e.Offline {
		return nil, &fetch.Error{Kind: e.Kind, URL: req.URL, Err: e.Err, Offline: true}
	}
	if err != nil {
		return g.fail(own, old, Copy{Err: failure(at, old.hops, err)}), nil
	}
	defer page.Release() // what was parsed of it is a copy
	return g.read(own, at, old, page), nil
}

// read decides what an answer means (RFC 9309 §2.3.1).
func (g *Gate) read(own, at weburl.URL, old *entry, page *fetch.Page) *entry {
	class := page.Status / 100
	pause, _ := fetch.RetryAfter(page.Status, page.Header, time.Now())
	if class >= 5 || page.Status == http.StatusTooManyRequests {
		why := failure(at, old.hops, fmt.Errorf("%s answers %s", at, statusText(page.Status)))
		why.RetryAfter = pause
		return g.fail(own, old, Copy{Status: page.Status, Err: why})
	}
	if pause > 0 && g.options.Asked != nil {
		g.options.Asked(at, pause)
	}
	if to, ok := page.Location(); ok && class == 3 && old.hops < g.options.MaxRedirects {
		if g.options.Redirected != nil {
			g.options.Redirected(own, to)
		}
		return old.redirected(to)
	}
	next := g.learn(own, kept(at, page))
	next.busy = pause > 0
	return next
}

// statusText is a status in words, if it has any.
func statusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// recall gives the entry that a stored copy makes, or an empty one.
func (g *Gate) recall(ctx context.Context, own weburl.URL) *entry {
	if g.options.Recall == nil {
		return &entry{}
	}
	k, ok := g.options.Recall(ctx, own.Origin())
	if !ok {
		return &entry{}
	}
	return g.know(Copy{URL: own, Kept: k, Recalled: true})
}

// learn gives the entry that an answer makes.
func (g *Gate) learn(own weburl.URL, k Kept) *entry {
	return g.know(Copy{URL: own, Kept: k})
}

// know announces an answer and gives the entry it makes.
func (g *Gate) know(c Copy) *entry {
	c.Status, c.File = c.Kept.Status, c.Kept.File()
	rules := c.File.Rules(g.options.Agent)
	c.Delay, c.HasDelay = rules.CrawlDelay()
	for _, text := range c.File.Sitemaps() {
		if sitemap, err := c.Kept.URL.Resolve(text); err == nil {
			c.Sitemaps = append(c.Sitemaps, sitemap)
		}
	}
	g.announce(c)
	e := answered(rules, len(c.Kept.Body), c.Kept.FetchedAt, g.options.TTL)
	e.sum = c.Kept.Sum()
	return e
}

// fail announces a failure and gives the entry it makes.
func (g *Gate) fail(own weburl.URL, old *entry, c Copy) *entry {
	next := old.failed(c.Err)
	next.busy = c.Status == http.StatusTooManyRequests || c.Status == http.StatusServiceUnavailable
	c.URL, c.Serves = own, !g.refuses(next)
	g.announce(c)
	return next
}

func (g *Gate) announce(c Copy) {
	if g.options.Learned != nil {
		g.options.Learned(c)
	}
}
