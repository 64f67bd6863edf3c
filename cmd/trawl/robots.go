package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/parse/robots"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// robotsFlags are the flags of robots beside the settings it shares.
type robotsFlags struct {
	agent string
	file  string
	json  bool
}

func robotsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "robots URL",
		Short: "Say whether robots.txt allows a URL",
		Long: `Say whether robots.txt allows a URL (RFC 9309), which rule and line decided,
and the Crawl-delay and sitemaps it names. Exit code 0 is allowed, 4 disallowed.
A robots.txt that cannot be had (a network error, 429 or 5xx) disallows
everything for now; none at all (any other 4xx) allows everything.`,
		Example: `  trawl robots https://example.org/private/
  trawl robots https://example.org/ --agent Googlebot --json
  trawl robots https://example.org/a --file robots.txt`,
		Args:              exactly("a URL"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	set := newSettings(cmd, func(s *config.Set) {
		s.BindOnly(cmd.Flags(), "user-agent", "timeout", "connect-timeout", "idle-timeout", "proxy", "insecure", "resolve", "allow-net", "deny-net")
	})
	var flags robotsFlags
	cmd.Flags().StringVar(&flags.agent, "agent", "", "whose rules count: a product token or User-Agent; else that of --user-agent")
	cmd.Flags().StringVar(&flags.file, "file", "", "read this robots.txt, - for standard input, instead of asking the server")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := flags.check(cmd.Flags()); err != nil {
			return err
		}
		if _, err := set.Load(os.Environ()); err != nil {
			return err
		}
		return askRobots(cmd.Context(), &set.Settings, flags, args[0], cmd.OutOrStdout())
	}
	return cmd
}

// check refuses a flag that came out empty, as of a variable that is not set:
// the answer would be about something else.
func (f *robotsFlags) check(given *pflag.FlagSet) error {
	if given.Changed("agent") && wire.Token(f.agent) == "" {
		return usage("--agent %q: want a product token or User-Agent, such as Googlebot", f.agent)
	}
	if given.Changed("file") && f.file == "" {
		return usage("--file %q: want a file, or - for standard input", f.file)
	}
	return nil
}

// An answer is what trawl robots prints.
type answer struct {
	URL        string   `json:"url"`
	Allowed    bool     `json:"allowed"`
	Agent      string   `json:"agent"`           // whose rules were asked for
	Group      string   `json:"group,omitempty"` // the user-agent line whose rules count
	Rule       string   `json:"rule,omitempty"`
	Line       int      `json:"line,omitempty"`
	CrawlDelay *float64 `json:"crawl_delay_s,omitempty"`
	Sitemaps   []string `json:"sitemaps"`
	RobotsTxt  string   `json:"robots_txt"` // where the rules are from
	Status     int      `json:"status,omitempty"`
	Truncated  bool     `json:"truncated,omitempty"` // there is more, which does not count
	Error      string   `json:"error,omitempty"`     // why there are no rules to go by
}

func askRobots(ctx context.Context, s *config.Settings, flags robotsFlags, raw string, w io.Writer) error {
	u, err := weburl.Parse(raw)
	if err != nil {
		return &config.UsageError{Err: err}
	}
	token := wire.Token(cmp.Or(flags.agent, s.Identity.UserAgent))
	a := &answer{URL: u.String(), Agent: token, Sitemaps: []string{}}
	var file *robots.File
	if flags.file != "" {
		file, err = wire.Wait(ctx, func() (*robots.File, error) { return a.read(flags.file) })
	} else {
		file, err = a.ask(ctx, s, u, token)
	}
	if err != nil {
		return err
	}
	a.judge(file, u)
	if err := a.print(w, flags.json); err != nil {
		return err
	}
	if !a.Allowed {
		return verdict{code: exitExceeded}
	}
	return nil
}

// read takes the rules from a file.
func (a *answer) read(name string) (*robots.File, error) {
	a.RobotsTxt = name
	in := os.Stdin
	if name == "-" {
		a.RobotsTxt = "standard input"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, usage("--file %q: %w", name, config.FileError(err))
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, robots.MaxSize+1))
	if err != nil {
		return nil, usage("--file %q: %w", name, config.FileError(err))
	}
	file := robots.Parse(body)
	a.Sitemaps = append(a.Sitemaps, file.Sitemaps()...)
	return file, nil
}

// ask takes the rules from the server, by way of the gate that crawls use: it
// knows what redirects and failures mean.
func (a *answer) ask(ctx context.Context, s *config.Settings, u weburl.URL, token string) (*robots.File, error) {
	client, err := wire.Client(s, []weburl.URL{u}, nil, nil)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	page, err := u.Resolve("/")
	if err != nil {
		return nil, fmt.Errorf("robots.txt of %s: %w", u, err)
	}
	var learned gate.Copy
	g := gate.New(&robotsOnly{client, page}, gate.Options{Agent: token, Timeout: s.Network.Timeout, Learned: func(c gate.Copy) { learned = c }})
	for err = gate.ErrTurnSpent; errors.Is(err, gate.ErrTurnSpent); {
		_, err = g.Fetch(ctx, fetch.Request{URL: page})
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	a.RobotsTxt, a.Status = learned.URL.String(), learned.Status
	for _, sitemap := range learned.Sitemaps {
		a.Sitemaps = append(a.Sitemaps, sitemap.String())
	}
	if learned.Err != nil {
		a.Error = cause(learned.Err)
		return robots.DisallowAll("robots.txt cannot be had for now"), nil
	}
	return learned.File, nil
}

// cause is the innermost error's text: what it happened to is named already.
func cause(err *fetch.Error) string {
	for {
		inner, ok := errors.AsType[*fetch.Error](err.Err)
		if !ok {
			return err.Message()
		}
		err = inner
	}
}

// robotsOnly lets requests for robots.txt through and not the page they are
// asked for the sake of.
type robotsOnly struct {
	next fetch.Fetcher
	page weburl.URL
}

func (r *robotsOnly) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	if req.URL == r.page {
		return &fetch.Page{URL: req.URL}, nil
	}
	return r.next.Fetch(ctx, req)
}

func (a *answer) judge(file *robots.File, u weburl.URL) {
	rules := file.Rules(a.Agent)
	v := rules.Test(u.RequestURI())
	a.Truncated = file.Cut()
	a.Allowed, a.Rule, a.Line, a.Group = v.Allowed, v.Rule, v.Line, v.Agent
	if delay, ok := rules.CrawlDelay(); ok {
		seconds := delay.Seconds()
		a.CrawlDelay = &seconds
	}
}

func (a *answer) print(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(a)
	}
	_, err := io.WriteString(w, a.text())
	return err
}

func (a *answer) text() string {
	var b strings.Builder
	row := func(name, text string) { fmt.Fprintf(&b, "%-11s %s\n", name, progress.Plain(text)) }
	verdict := "disallowed"
	if a.Allowed {
		verdict = "allowed"
	}
	row(verdict, a.URL)
	row("agent", a.Agent)
	row("rule", a.reason())
	if a.CrawlDelay != nil {
		row("crawl delay", time.Duration(*a.CrawlDelay*float64(time.Second)).String())
	}
	for _, s := range a.Sitemaps {
		row("sitemap", s)
	}
	if a.Truncated {
		row("truncated", fmt.Sprintf("only the first %d KiB of %s count (RFC 9309 §2.5)", robots.MaxSize>>10, a.RobotsTxt))
	}
	return b.String()
}

// reason says in words what decided.
func (a *answer) reason() string {
	switch {
	case a.Error != "":
		return fmt.Sprintf("none for now: %s cannot be had (%s), and until it can, everything is disallowed (RFC 9309 §2.3.1.4)", a.RobotsTxt, a.Error)
	case a.Line > 0:
		return fmt.Sprintf("%s (line %d of %s, for %s)", a.Rule, a.Line, a.RobotsTxt, a.Group)
	case a.Status != 0 && a.Status/100 != 2: // a redirect to nowhere, or one too many, as well
		return fmt.Sprintf("none: %s has status %d, and what has no robots.txt is allowed", a.RobotsTxt, a.Status)
	}
	return "none in " + a.RobotsTxt + " matches"
}
