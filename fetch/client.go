package fetch

import (
	"context"

	"github.com/trawl-crawler/trawl/fetch/dial"
)

// A Client is the Fetcher that asks servers, over HTTP/1.1 and HTTP/2.
type Client struct {
	opts       Options
	timeouts   timeouts
	route      *route
	dialer     *dial.Dialer
	proxy      proxyFunc
	identities identities
	decoders   *decoders

	watchdogs shelf[*watchdog]
	buffers   buffers
	budget    *budget
}

// New returns a Client. It refuses options that could not be sent: a header
// of two lines, a proxy that is none. Close the client after use.
func New(opts Options) (*Client, error) {
	opts = opts.withDefaults()
	if err := opts.check(); err != nil {
		return nil, err
	}
	proxy, overTLS, err := parseProxy(opts.Proxy)
	if err != nil {
		return nil, err
	}
	dialer, err := dial.New(opts.Dial)
	if err != nil {
		return nil, err
	}
	c := &Client{
		opts:       opts,
		timeouts:   timeouts{opts.Timeout, opts.ConnectTimeout, opts.HeaderTimeout, opts.IdleTimeout},
		dialer:     dialer,
		proxy:      proxy,
		identities: newIdentities(opts),
		decoders:   newDecoders(),
		watchdogs:  shelf[*watchdog]{max: opts.Concurrency},
		budget:     newBudget(opts.MaxHeld),
	}
	opts.Jar.setMax(opts.Limits.Cookies)
	c.route = newRoute(opts, dialer, proxy, !overTLS)
	return c, nil
}

// Fetch makes one exchange; see Fetcher. A body of a 2xx shorter than promised is
// an error, one longer than a limit a page that is Truncated. The cookies that
// the response sets are in the jar when Fetch returns.
func (c *Client) Fetch(ctx context.Context, req Request) (*Page, error) {
	if err := c.mayAsk(ctx, req); err != nil {
		return nil, err
	}
	x := c.begin(ctx, req)
	defer x.end()
	request, err := x.request()
	if err != nil {
		return nil, x.fail(err)
	}
	// Not a http.Client: one exchange, no redirects.
	resp, err := c.route.roundTrip(request, x)
	if err != nil {
		err = x.fail(err)
		x.knocked(err)
		return nil, err
	}
	defer resp.Body.Close()
	return x.receive(resp)
}

// mayAsk waits until there is room for a body, while no server waits for us.
func (c *Client) mayAsk(ctx context.Context, req Request) error {
	err := c.opts.Limits.checkURL(len(req.URL.String()))
	if err == nil {
		err = c.budget.take(ctx, &hold{}, 0, func(bool) {})
	}
	if err == nil {
		return nil
	}
	x := exchange{asked: req, parent: ctx, ctx: ctx}
	return x.fail(err)
}

// Hold changes Options.MaxHeld, of a client that has one, while it works.
func (c *Client) Hold(maxHeld int64) { c.budget.resize(maxHeld) }

// Close closes the connections that are kept and ends what the client runs.
// Exchanges in flight should be over.
func (c *Client) Close() {
	for w, ok := c.watchdogs.take(); ok; w, ok = c.watchdogs.take() {
		w.leave()
	}
	c.route.close()
	c.dialer.Close()
}
