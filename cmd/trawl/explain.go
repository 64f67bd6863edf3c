package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain DIR URL",
		Short: "Say why a URL was crawled or not",
		Long: `Say what became of a URL, which rule decided, who linked it and when it is due
again; of a URL that was never found, what the crawl's rules would decide and
which pages of its host are known.`,
		Example: `  trawl explain state https://example.org/private
  trawl explain state https://example.org/ --json`,
		Args: exactly("a state directory", "a URL"),
	}
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		u, err := weburl.Parse(args[1])
		if err != nil {
			return usage("%w", err)
		}
		d, err := statedir.Read(cmd.Context(), args[0])
		if err != nil {
			return looked(nil, err)
		}
		e, err := explain(cmd.Context(), d, u)
		if err == nil {
			if *asJSON {
				err = writeJSON(cmd.OutOrStdout(), e)
			} else {
				err = e.print(cmd.OutOrStdout(), args[1])
			}
		}
		return looked(d, err)
	}
	return cmd
}

// An explanation is what explain prints: of a row, or of a URL without one.
type explanation struct {
	*rowJSON
	Asked string  `json:"asked"`
	Known bool    `json:"known"`
	Guess *guess  `json:"would_be,omitzero"` // of a URL that was never found
	Site  *around `json:"host,omitzero"`
}

type guess struct {
	Crawled bool   `json:"crawled"`
	Rule    string `json:"rule,omitzero"`
	Detail  string `json:"detail,omitzero"`
}

// around is what is known of a host.
type around struct {
	Host  string   `json:"host"`
	Count int      `json:"known"`
	Some  []string `json:"some"`
}

const maxSome = 5

// explain goes through the rows once: the URL's own, and its host's.
func explain(ctx context.Context, d *statedir.Dir, u weburl.URL) (*explanation, error) {
	e := &explanation{Asked: u.String()}
	site := around{Host: u.Host(), Some: []string{}}
	var seeds []weburl.URL
	for row, err := range d.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		if row.Job.URL == u {
			found := newRow(&row, &d.Latest.Policy)
			e.rowJSON, e.Known = &found, true
			return e, nil
		}
		if row.Job.IsSeed() {
			seeds = append(seeds, row.Job.URL)
		}
		if row.Job.URL.Host() == u.Host() && row.Job.Kind == frontier.Page && row.Outcome != frontier.Skipped {
			if site.Count++; len(site.Some) < maxSome {
				site.Some = append(site.Some, row.Job.URL.String())
			}
		}
	}
	judged, err := wouldBe(ctx, d, u, seeds)
	e.Guess, e.Site = judged, &site
	return e, err
}

// wouldBe applies the crawl's rules to a URL.
func wouldBe(ctx context.Context, d *statedir.Dir, u weburl.URL, seeds []weburl.URL) (*guess, error) {
	settings := d.Config.Settings
	patterns := func(name string) (all []*regexp.Regexp, _ error) {
		for _, text := range settings[name] {
			re, err := regexp.Compile(text)
			if err != nil {
				return nil, fmt.Errorf("stored --%s %q: %w", name, text, err)
			}
			all = append(all, re)
		}
		return all, nil
	}
	include, err := patterns("include")
	if err != nil {
		return nil, err
	}
	exclude, err := patterns("exclude")
	if err != nil {
		return nil, err
	}
	moves, err := d.Moves(ctx)
	if err != nil {
		return nil, err
	}
	mode := scope.Mode(strings.Join(settings["scope"], ""))
	v := scope.New(mode, include, exclude, append(seeds, moves...)...).Decide(u)
	return &guess{Crawled: v.In, Rule: v.Rule, Detail: v.Detail}, nil
}

// print says it in sentences.
func (e *explanation) print(w io.Writer, asked string) error {
	say := func(format string, args ...any) { fmt.Fprintln(w, progress.Plain(fmt.Sprintf(format, args...))) }
	if asked != e.Asked {
		say("%s is %s in its canonical form.", asked, e.Asked)
	}
	if e.Known {
		e.rowJSON.say(say)
		return nil
	}
	say("%s was never found: no page that was read links to it, and no sitemap names it.", e.Asked)
	if e.Guess.Crawled {
		say("If it were found, it would be crawled, unless robots.txt or the depth says no.")
	} else {
		say("If it were found, it would be skipped by the rule %s (%s).", e.Guess.Rule, e.Guess.Detail)
	}
	if e.Site.Count == 0 {
		say("No page of %s is known.", e.Site.Host)
	} else {
		say("%d pages of %s are known, such as %s.", e.Site.Count, e.Site.Host, strings.Join(e.Site.Some, ", "))
	}
	return nil
}

func (r *rowJSON) say(say func(string, ...any)) {
	switch r.Outcome {
	case "fetched":
		say("%s was fetched %s: status %d, attempt %d.", r.URL, when(r.At), r.Status, r.Attempts)
	case "failed":
		say("%s failed %s after %d attempts: %s (%s).", r.URL, when(r.At), r.Attempts, r.Error.Message, r.Error.Kind)
	case "skipped":
		say("%s was skipped %s by the rule %s: %s.", r.URL, when(r.At), r.Skip.Rule, r.Skip.Detail)
		if !r.Skip.Final {
			say("It would be let in if it were found in another way, or if the rule changed.")
		}
	default:
		say("%s waits to be fetched; %d attempts were made.", r.URL, r.Attempts)
	}
	switch {
	case r.Via != "":
		say("It was first linked from %s, at depth %d, on a way that began at %s.", r.Via, r.Depth, r.Seed)
	case r.Kind == "sitemap":
		say("It is a sitemap of %s.", r.Seed)
	default:
		say("It is a seed.")
	}
	if !r.VisitedAt.IsZero() {
		say("It was last visited %s and last changed %s.", when(r.VisitedAt), when(r.ChangedAt))
	}
	if r.Gone {
		say("It is gone.")
	}
	switch r.Due {
	case "":
	case nextRun:
		say("It is due in the next run.")
	default:
		say("It is due again %s.", r.Due)
	}
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return "on " + t.Local().Format(time.DateTime)
}
