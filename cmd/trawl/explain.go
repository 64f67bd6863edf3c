package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/fetch/gate"
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
		u, wrong := weburl.Parse(args[1])
		if wrong != nil && !isPath(args[1]) {
			return usage("%w", wrong)
		}
		d, err := statedir.Read(cmd.Context(), args[0])
		if err != nil {
			return looked(nil, err)
		}
		if wrong != nil {
			return errors.Join(usage("%w", fullURL(d, args[1], wrong)), looked(d, nil))
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

// isPath tells whether what is no URL begins with a path, and not with a host.
func isPath(text string) bool {
	first, _, _ := strings.Cut(text, "/")
	return text != "" && !strings.HasPrefix(text, "//") && !strings.ContainsAny(first, ".:") && !strings.Contains(text, "@")
}

// fullURL is the error of a path: the URL that it has at the first seed's host
// was meant. Where there is none, wrong stands.
func fullURL(d *statedir.Dir, path string, wrong error) error {
	if len(d.Config.Seeds.Some) == 0 {
		return wrong
	}
	u, err := weburl.FromCanonical(d.Config.Seeds.Some[0]).Resolve(path)
	if err != nil {
		return wrong
	}
	return fmt.Errorf("%q: not a URL: no scheme and no host (write %q)", path, u)
}

// An explanation is what explain prints: of a row, or of a URL without one.
type explanation struct {
	*rowJSON
	Asked  string  `json:"asked"`
	Same   string  `json:"duplicate_of,omitzero"` // by --ignore-query
	Known  bool    `json:"known"`
	Follow bool    `json:"named_links_only,omitzero"` // of a URL that was never found: other links were passed by
	Guess  *guess  `json:"would_be,omitzero"`
	Site   *around `json:"host,omitzero"`
}

type guess struct {
	Crawled bool   `json:"crawled"`
	Rule    string `json:"rule,omitzero"`
	Detail  string `json:"detail,omitzero"`
	Depth   *int   `json:"max_depth,omitzero"`   // links from a seed, at most
	Robots  string `json:"robots_txt,omitzero"`  // allowed, disallowed or unread
	Copy    string `json:"robots_hash,omitzero"` // of the copy that says so
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
	if same := ignored(d.Config.Settings["ignore-query"]).Apply(u); same != u {
		u, e.Same = same, same.String()
	}
	site := around{Host: u.Host(), Some: []string{}}
	var seeds []weburl.URL
	for row, err := range d.Rows(ctx) {
		if err != nil {
			return nil, err
		}
		if row.Job.URL == u {
			links, err := d.Links(ctx)
			if err != nil {
				return nil, err
			}
			found := newRow(&row, links(&row.Job), &d.Latest)
			e.rowJSON, e.Known = &found, true
			if row.Job.Kind != frontier.Sitemap { // which may be a page that others link to as well
				return e, nil
			}
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
	if e.Known {
		return e, nil
	}
	judged, err := wouldBe(ctx, d, u, seeds)
	e.Guess, e.Site, e.Follow = judged, &site, d.Latest.Follow
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
	for _, p := range d.Latest.Skip {
		if skips, err := p.Match(u); err != nil || skips {
			return &guess{Rule: "recipe", Detail: "skip"}, err
		}
	}
	mode := scope.Mode(strings.Join(settings["scope"], ""))
	v := scope.New(mode, include, exclude, append(seeds, moves...)...).Decide(u)
	if !v.In {
		return &guess{Rule: v.Rule, Detail: v.Detail}, nil
	}
	if detail, err := trapped(ctx, d, u); err != nil || detail != "" {
		return &guess{Rule: "trap", Detail: detail}, err
	}
	g := &guess{Crawled: true, Rule: v.Rule, Detail: v.Detail}
	if d.Latest.Depth >= 0 {
		g.Depth = &d.Latest.Depth
	}
	return g, g.askRobots(ctx, d, u)
}

// trapped says which endless space a URL is in, as far as it is known that it
// is one; "" if it is in none.
func trapped(ctx context.Context, d *statedir.Dir, u weburl.URL) (detail string, err error) {
	if d.Latest.Traps != trap.On {
		return "", nil
	}
	if detail := trap.Static(u); detail != "" {
		return detail, nil
	}
	o := trap.Options{Mode: trap.On}
	data, err := d.Note(ctx, crawler.ParkedNote)
	if err != nil || data == nil {
		return "", err
	}
	if err := json.Unmarshal(data, &o.Parked); err != nil {
		return "", fmt.Errorf("what is kept of endless spaces: %w", err)
	}
	return trap.New(o).Judge(u, u).Detail, nil // as found within the space
}

// askRobots asks the copy of robots.txt that the crawl has, if it obeys it.
func (g *guess) askRobots(ctx context.Context, d *statedir.Dir, u weburl.URL) error {
	if d.Latest.Agent == "" {
		return nil
	}
	g.Robots = "unread"
	data, err := d.Note(ctx, crawler.RobotsNote(u.Origin()))
	if err != nil || data == nil {
		return err
	}
	var kept gate.Kept
	if err := kept.UnmarshalBinary(data); err != nil {
		return nil // the crawl would ask for it anew, too
	}
	g.Robots, g.Copy = "allowed", kept.Sum()
	if v := kept.File().Rules(d.Latest.Agent).Test(u.RequestURI()); !v.Allowed {
		g.Crawled, g.Robots, g.Rule, g.Detail = false, "disallowed", "robots", fmt.Sprintf("%s (line %d)", v.Rule, v.Line)
	}
	return nil
}

// ignored is the stored --ignore-query.
func ignored(stored []string) *crawler.QueryFilter {
	switch names := strings.Join(stored, ""); names {
	case "":
		return nil
	case "*":
		return crawler.NewQueryFilter(nil)
	default:
		return crawler.NewQueryFilter(strings.Split(names, ","))
	}
}

// print says it in sentences.
func (e *explanation) print(w io.Writer, asked string) error {
	say := func(format string, args ...any) { fmt.Fprintln(w, progress.Plain(fmt.Sprintf(format, args...))) }
	if _, _, login := weburl.Userinfo(asked); asked != e.Asked && !login {
		say("%s is %s in its canonical form.", asked, e.Asked)
	}
	name := e.Asked
	if e.Same != "" {
		say("It is taken for %s, by --ignore-query.", e.Same)
		name = e.Same
	}
	if e.Known {
		e.rowJSON.say(say)
		return nil
	}
	if e.Follow {
		say("%s was never found: on no page that was read it is one of the links that the recipe or --follow names, and no sitemap names it.", name)
	} else {
		say("%s was never found: no page that was read links to it, and no sitemap names it.", name)
	}
	if e.Guess.Crawled {
		say("If it were found%s, it would be crawled%s.", e.Guess.depth(), e.Guess.robots())
	} else {
		say("If it were found, it would be skipped by the rule %s (%s).", e.Guess.Rule, e.Guess.Detail)
	}
	switch e.Site.Count {
	case 0:
		say("No page of %s is known.", e.Site.Host)
	case 1:
		say("One page of %s is known: %s.", e.Site.Host, strings.Join(e.Site.Some, ", "))
	default:
		say("%d pages of %s are known, such as %s.", e.Site.Count, e.Site.Host, strings.Join(e.Site.Some, ", "))
	}
	return nil
}

func (g *guess) depth() string {
	switch {
	case g.Depth == nil:
		return ""
	case *g.Depth == 0:
		return " among the seeds"
	case *g.Depth == 1:
		return " on a seed"
	}
	return fmt.Sprintf(" no more than %d links from a seed", *g.Depth)
}

func (g *guess) robots() string {
	switch g.Robots {
	case "unread":
		return ", unless its host's robots.txt, which was not read yet, says no"
	case "allowed":
		return ": its host's robots.txt allows it"
	}
	return ""
}

func attempts(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

func (r *rowJSON) say(say func(string, ...any)) {
	switch r.Outcome {
	case "fetched":
		say("%s was fetched %s: status %d, attempt %d.", r.URL, when(r.At), r.Status, r.Attempts)
	case "failed":
		say("%s failed %s after %s: %s (%s).", r.URL, when(r.At), attempts(r.Attempts), r.Error.Message, r.Error.Kind)
	case "skipped":
		say("%s was skipped %s by the rule %s: %s.", r.URL, when(r.At), r.Skip.Rule, r.Skip.Detail)
		if r.Skip.Copy != "" {
			say("That was a robots.txt with the hash %s.", r.Skip.Copy)
		}
		if !r.Skip.Final {
			say("It would be let in if it were found in another way, or if the rule changed.")
		}
	default:
		say("%s waits to be fetched, after %s.", r.URL, attempts(r.Attempts))
	}
	if r.To != "" {
		say("It redirects to %s.", r.To)
	}
	r.sayTrouble(say)
	switch {
	case r.Via != "":
		as := ""
		if r.Link != "" {
			as = fmt.Sprintf(" as %q", r.Link)
		}
		say("It was first linked from %s%s, at depth %d, on a way that began at %s.", r.Via, as, r.Depth, r.Seed)
	case r.Kind == "sitemap":
		say("It is a sitemap of %s.", r.Seed)
	default:
		say("It is a seed.")
	}
	switch n := r.Linked; {
	case n >= frontier.MaxLinks:
		say("At least %d pages link to it.", n)
	case n > 1:
		say("%d pages link to it.", n)
	case n == 1:
		say("1 page links to it.")
	case r.Kind == "page":
		say("No page that was read links to it.")
	}
	if !r.VisitedAt.IsZero() {
		say("It was last visited %s and last changed %s.", when(r.VisitedAt), when(r.ChangedAt))
	}
	if r.Gone {
		say("It is gone.")
	}
	switch r.Due {
	case "":
		if r.Outcome == "fetched" || r.Outcome == "failed" {
			say("It is not visited again: it is deeper than the latest --depth.")
		}
	case nextRun:
		say("It is due in the next run.")
	default:
		say("It is due again %s.", r.Due)
	}
}

// sayTrouble tells of the tries that came to nothing: of many the first, and the
// last ones.
func (r *rowJSON) sayTrouble(say func(string, ...any)) {
	failed := r.Attempts
	if r.Outcome == "fetched" || r.Outcome == "failed" {
		failed-- // the last is told of above
	}
	for i, words := range r.Trouble {
		attempt := 1
		if i > 0 {
			attempt = failed - len(r.Trouble) + i + 1
		}
		say("Attempt %d came to nothing: %s.", attempt, words)
	}
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return "on " + t.Local().Format(time.DateTime)
}
