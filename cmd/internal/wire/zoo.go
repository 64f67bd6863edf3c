package wire

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/zoo"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// zooPace is the time between two bytes of the zoo's slow cases when it is
// checked first. The crawl's timeouts are ten and thirty times as long: else it
// would take minutes.
const zooPace = 200 * time.Millisecond

// CheckZoo serves cases of the zoo at addr, crawls them with the parts of any
// crawl, and returns what is wrong by case. What went wrong is crawled once
// more, without the others and with four times the patience: many cases are
// about time, and a machine may be busy.
func CheckZoo(ctx context.Context, addr string, cases []zoo.Case, s *config.Settings) (wrong map[string]error, err error) {
	for _, pace := range []time.Duration{zooPace, 4 * zooPace} {
		if wrong, err = checkOnce(ctx, addr, pace, cases, s); err != nil || len(wrong) == 0 {
			return wrong, err
		}
		cases = slices.DeleteFunc(slices.Clone(cases), func(c zoo.Case) bool { return wrong[c.Name] == nil })
	}
	return wrong, nil
}

func checkOnce(ctx context.Context, addr string, pace time.Duration, cases []zoo.Case, s *config.Settings) (map[string]error, error) {
	z, err := zoo.Start(ctx, zoo.Options{Addr: addr, Pace: pace})
	if err != nil {
		return nil, &config.UsageError{Err: fmt.Errorf("--addr %q: %w", addr, err)}
	}
	defer z.Close()
	wrong := make(map[string]error)
	for _, lot := range lots(cases) {
		idle := 10 * pace * lot.patience
		s.Network.IdleTimeout, s.Network.ConnectTimeout, s.Network.Timeout = idle, idle, 3*idle
		found, err := crawlZoo(ctx, z, lot.cases, s)
		if err != nil {
			return nil, err
		}
		maps.Copy(wrong, found)
	}
	return wrong, nil
}

// A lot is cases that are crawled together, with so much more patience than the
// shortest there may be.
type lot struct {
	cases    []zoo.Case
	patience time.Duration
}

// lots parts the cases that are about time from those that are about work: what
// these cost must not make those late, and they end by themselves.
func lots(cases []zoo.Case) []lot {
	work, wait := lot{patience: 4}, lot{patience: 1}
	for _, c := range cases {
		if c.Group == zoo.Transport || c.Group == zoo.Pushback {
			wait.cases = append(wait.cases, c)
		} else {
			work.cases = append(work.cases, c)
		}
	}
	return slices.DeleteFunc([]lot{work, wait}, func(l lot) bool { return len(l.cases) == 0 })
}

// crawlZoo crawls with the settings of a crawl; but a host is not spared, or the
// check would take an hour.
func crawlZoo(ctx context.Context, z *zoo.Zoo, cases []zoo.Case, s *config.Settings) (map[string]error, error) {
	var seeds []weburl.URL
	for _, c := range cases {
		for _, raw := range z.Seeds(c.Name) {
			u, err := weburl.Parse(raw)
			if err != nil {
				return nil, err
			}
			seeds = append(seeds, u)
		}
	}
	s.Limits.Crawl.PagesPerHost = 600 // more than any space without end may cost
	s.Output.Emit = output.EmitPages | output.EmitErrors | output.EmitSkipped
	s.Limits.Memory = 256 << 20 // the zoo's own included
	plan(s).Apply()
	s.Network.Proxy = "none"
	o, err := clientOptions(s, seeds, nil, fetch.NewJar())
	if err != nil {
		return nil, err
	}
	o.Roots = z.Roots()
	client, err := fetch.New(o)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	seen := &observer{}
	_, err = crawler.Run(ctx, crawler.Options{
		Seeds: seeds, Fetcher: client, Store: memory.New(), Sink: seen,
		Scope:    scope.New(scope.Host, nil, nil, seeds...),
		Emit:     s.Output.Emit,
		Robots:   crawler.Robots{Agent: Token(s.Identity.UserAgent)},
		Follow:   crawler.Follow{Depth: -1, Redirects: s.Limits.Redirects},
		Traps:    s.Reach.Traps,
		Sitemaps: s.Reach.Sitemaps,
		Politeness: frontier.Politeness{
			HostConcurrency: s.Politeness.HostConcurrency, CrawlDelayCap: time.Millisecond,
			PauseBase: 10 * time.Millisecond, ParkBase: 10 * time.Millisecond,
			PauseCap: 50 * time.Millisecond,
			AskedCap: 2500 * time.Millisecond, // the zoo wants two seconds of peace where it asks for a day
		},
		Limits:      s.Limits.Crawl,
		Retry:       crawler.Retry{Max: 1, Wait: 10 * time.Millisecond},
		Concurrency: s.Politeness.Concurrency,
	})
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	wrong := make(map[string]error)
	for _, c := range cases {
		if err := z.Check(c, seen.records); err != nil {
			wrong[c.Name] = err
		}
	}
	return wrong, nil
}

// observer is a sink that keeps what a zoo judges by.
type observer struct{ records []zoo.Observed }

func (o *observer) Rewind(context.Context, output.Mark) error { return nil }

func (o *observer) Write(_ context.Context, r *output.Record) error {
	seen := zoo.Observed{
		URL: r.URL, Seed: r.Seed, Outcome: string(r.Outcome), Status: r.Status, RedirectTo: r.RedirectTo,
		Title: r.Title, Charset: r.Charset, Truncated: r.Truncated, Limits: r.Limits, Bytes: r.Bytes, Links: len(r.Links),
	}
	if r.Error != nil {
		seen.ErrorKind = r.Error.Kind
	}
	if r.Skip != nil {
		seen.SkipRule = r.Skip.Rule
	}
	o.records = append(o.records, seen)
	return nil
}

func (o *observer) Flush(context.Context) (output.Mark, error) { return "observed", nil }
func (o *observer) Close() error                               { return nil }
