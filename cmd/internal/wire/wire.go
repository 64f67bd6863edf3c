// Package wire puts the parts of a crawl together. It is the one place that
// names concrete fetchers, stores and sinks: to add one is to add it here.
package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"slices"
	"strings"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/budget"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/dial"
	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A Crawl is the parts of one crawl. Close it when Run has returned.
type Crawl struct {
	Options crawler.Options

	client  *fetch.Client
	memory  budget.Plan
	jar     *fetch.Jar
	jarFile string
	state   *statedir.Dir // nil: nothing is kept
	minFree int64
	outputs Outputs
	files   []string // of records
}

// A Console is whom New talks to.
type Console struct {
	Stdout  io.Writer
	Say     func(string)                        // what New waits for
	Confirm func(question string) (bool, error) // whether it may throw work away
}

// New makes the parts. The output comes last, so that no other mistake
// touches it. Its error is a *config.UsageError, a *StateError, a *FullError,
// ErrSkipped or ctx's cause; nothing was fetched.
func New(ctx context.Context, s *config.Settings, seeds config.Seeds, console Console) (*Crawl, error) {
	c := &Crawl{jarFile: s.Identity.CookieJar, jar: fetch.NewJar()}
	if c.jarFile != "" {
		jar, err := Wait(ctx, func() (*fetch.Jar, error) { return loadJar(c.jarFile) })
		if err != nil {
			return nil, err
		}
		c.jar = jar
	}
	within := scope.New(s.Reach.Scope, s.Reach.Include, s.Reach.Exclude, seeds.URLs...)
	if err := anySeedIn(within, seeds.URLs); err != nil {
		return nil, err
	}
	fit(s, fetch.FitDescriptors, console.Say)
	c.memory = plan(s)
	c.memory.Apply()
	// What the user names is asked for, wherever it is; pages have less to say.
	named := append(slices.Clone(seeds.URLs), s.Reach.Sitemaps.URLs...)
	client, err := Client(s, named, credentials(s, seeds), c.jar)
	if err != nil {
		return nil, err
	}
	c.client = client
	kept, err := c.open(ctx, s, seeds, console)
	if err != nil {
		client.Close()
		return nil, err
	}
	c.Options = crawler.Options{
		Seeds:       seeds.URLs,
		Fetcher:     client,
		Store:       kept.store,
		Sink:        &outputSink{kept.sink},
		Scope:       within,
		Extract:     s.Data.Plan,
		Emit:        s.Output.Emit,
		Robots:      robots(s),
		Sitemaps:    s.Reach.Sitemaps,
		Follow:      crawler.Follow{Depth: s.Reach.Depth, Redirects: s.Limits.Redirects, Assets: s.Reach.Assets, Query: s.Reach.Query},
		Politeness:  politeness(&s.Politeness),
		Limits:      s.Limits.Crawl,
		Traps:       s.Reach.Traps,
		Retry:       s.Limits.Retry,
		Concurrency: s.Politeness.Concurrency,
		Timing:      crawler.Timing{Grace: s.Network.Timeout, SyncEvery: s.State.SyncEvery},
		Again:       kept.again,
	}
	return c, nil
}

func loadJar(name string) (*fetch.Jar, error) {
	jar, err := fetch.LoadJar(name)
	if err == nil {
		if err = fetch.CanSave(name); err != nil {
			err = fmt.Errorf("no cookies can be saved there: %w", err)
		}
	}
	if err != nil {
		return nil, &config.UsageError{Err: fmt.Errorf("--cookie-jar %q: %w", name, err)}
	}
	return jar, nil
}

// anySeedIn refuses a crawl that would end at once, as if all were well.
func anySeedIn(within *scope.Scope, seeds []weburl.URL) error {
	var last scope.Verdict
	for _, u := range seeds {
		if last = within.Decide(u); last.In {
			return nil
		}
	}
	return &config.UsageError{Err: fmt.Errorf("--exclude %q: it keeps out every seed, so there is nothing to crawl", last.Detail)}
}

// Close closes the parts, the output first: what it has to say matters most.
func (c *Crawl) Close() error {
	err := c.Options.Sink.Close()
	err = errors.Join(err, c.Options.Store.Close())
	if c.jarFile != "" {
		if saveErr := c.jar.Save(c.jarFile); saveErr != nil {
			err = errors.Join(err, &StateError{fmt.Errorf("--cookie-jar %q: %w", c.jarFile, saveErr)})
		}
	}
	c.client.Close()
	return err
}

// Client is the fetcher that the settings describe, for URLs that the user
// named and what they lead to.
func Client(s *config.Settings, named []weburl.URL, credentials []fetch.Credential, jar *fetch.Jar) (*fetch.Client, error) {
	o, err := clientOptions(s, named, credentials, jar)
	if err != nil {
		return nil, err
	}
	client, err := fetch.New(o)
	if err != nil {
		return nil, &config.UsageError{Err: err}
	}
	return client, nil
}

func clientOptions(s *config.Settings, named []weburl.URL, credentials []fetch.Credential, jar *fetch.Jar) (fetch.Options, error) {
	overrides := make(map[string]string, len(s.Network.Resolve))
	for _, o := range s.Network.Resolve {
		overrides[o.From] = o.To
	}
	policy, err := dial.NewPolicy(named, s.Network.AllowNet, s.Network.DenyNet)
	if err != nil {
		return fetch.Options{}, &config.UsageError{Err: err}
	}
	return fetch.Options{
		UserAgent:       s.Identity.UserAgent,
		Credentials:     credentials,
		Jar:             jar,
		Proxy:           s.Network.Proxy,
		Timeout:         s.Network.Timeout,
		ConnectTimeout:  s.Network.ConnectTimeout,
		HeaderTimeout:   s.Network.HeaderTimeout,
		IdleTimeout:     s.Network.IdleTimeout,
		MaxBody:         s.Limits.MaxBody,
		Limits:          s.Limits.Fetch,
		Want:            wanted(s),
		Concurrency:     s.Politeness.Concurrency,
		HostConcurrency: s.Politeness.HostConcurrency,
		MaxHeld:         plan(s).Bodies,
		Insecure:        s.Network.Insecure,
		Dial:            dial.Options{Resolve: overrides, Deny: policy.Deny},
	}, nil
}

// wanted says which bodies are worth downloading: those with links in them, and
// those that data is taken from.
func wanted(s *config.Settings) func(mediaType string) int64 {
	return func(mediaType string) int64 {
		if parse.IsHTML(mediaType) || s.Reach.Assets && parse.IsCSS(mediaType) || s.Data.Plan.Wants(mediaType) {
			return s.Limits.MaxBody
		}
		return 0
	}
}

// robots has robots.txt take as long as any other request: a server that a longer
// --timeout is for is no quicker with that one, and without it gives nothing.
func robots(s *config.Settings) crawler.Robots {
	return crawler.Robots{Mode: s.Politeness.Robots, Agent: Token(s.Identity.UserAgent), Timeout: s.Network.Timeout}
}

func politeness(p *config.Politeness) frontier.Politeness {
	return frontier.Politeness{
		Rate:            p.Rate,
		TotalRate:       p.TotalRate,
		HostConcurrency: p.HostConcurrency,
		// To the frontier, 0 is its own default; to the user it is that no
		// Crawl-delay counts.
		CrawlDelayCap: cmp.Or(p.CrawlDelayCap, 1),
	}
}

// credentials are what the seeds' hosts, and nobody else, may know, and what is
// for one host alone. Of what contradicts another the last counts.
func credentials(s *config.Settings, seeds config.Seeds) []fetch.Credential {
	header := make(map[string][]string, len(s.Identity.Headers))
	for _, h := range s.Identity.Headers {
		if h.To.IsZero() {
			add(header, h)
		}
	}
	at := make(map[string]int)
	var all []fetch.Credential
	for _, u := range seeds.URLs {
		i, known := at[u.Host()]
		if !known {
			i = len(all)
			at[u.Host()] = i
			all = append(all, fetch.Credential{Host: u.Host(), Secure: true, Header: header, Cookies: strings.Join(s.Identity.Cookies, "; ")})
		}
		// Whoever writes http:// lets it be sent in the clear.
		all[i].Secure = all[i].Secure && u.Scheme() == "https"
	}
	hosts := all
	all = append(logins(s, seeds, hosts), hosts...)
	for _, h := range s.Identity.Headers {
		if h.To.IsZero() {
			continue
		}
		bound := fetch.Credential{Host: h.To.Host(), Secure: h.To.Scheme() == "https", Header: make(map[string][]string)}
		if i, isSeed := at[bound.Host]; isSeed && !h.Secure {
			bound.Secure = bound.Secure && hosts[i].Secure
		}
		add(bound.Header, h)
		all = append(all, bound)
	}
	return all
}

// logins are the names and passwords for the seeds' hosts: that of --user, and
// those in seeds, each of which is for its own scheme.
func logins(s *config.Settings, seeds config.Seeds, hosts []fetch.Credential) (all []fetch.Credential) {
	if user := s.Identity.Login; user != (config.Login{}) {
		for _, h := range hosts {
			all = append(all, fetch.Credential{Host: h.Host, Secure: h.Secure, Username: user.User, Password: user.Password})
		}
	}
	for _, u := range seeds.URLs {
		if own, ok := seeds.Logins[u]; ok {
			all = append(all, fetch.Credential{Host: u.Host(), Secure: u.Scheme() == "https", Username: own.User, Password: own.Password})
		}
	}
	return all
}

func add(header map[string][]string, h config.Header) {
	name := textproto.CanonicalMIMEHeaderKey(h.Name)
	header[name] = append(header[name], h.Value)
}

// Token is the product token of a User-Agent header, as robots.txt names it:
// the first word, or what a crawler in a browser's clothes says it is, as in
// "Mozilla/5.0 (compatible; trawl/1.0)".
func Token(agent string) string {
	first := productToken(agent)
	if _, comment, ok := strings.Cut(agent, "compatible;"); ok && strings.EqualFold(first, "Mozilla") {
		return cmp.Or(productToken(comment), first)
	}
	return first
}

func productToken(s string) string {
	token, _, _ := strings.Cut(strings.TrimSpace(s), "/")
	token, _, _ = strings.Cut(token, " ")
	return strings.TrimRight(token, ";)")
}
