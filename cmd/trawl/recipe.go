package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/saved"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/charset"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/recipe"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func recipeCommand() *cobra.Command {
	words := []string{"check", "test", "init", "schema"}
	cmd := &cobra.Command{
		Use:   "recipe",
		Short: "Write and try recipes",
		Long:  "Write and try recipes: files that say which items to take out of pages, for --recipe.",
		Args:  oneOf("what to do: check, test, init or schema"),
		RunE: func(_ *cobra.Command, args []string) error {
			return usage("recipe %q: want check, test, init or schema%s", args[0], config.DidYouMean(args[0], words))
		},
	}
	cmd.AddCommand(recipeCheckCommand(), recipeTestCommand(), recipeInitCommand(), &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of recipes",
		Long:  "Print the JSON Schema of recipe files, for editors to complete and check with.",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(recipe.Schema())
			return err
		},
	})
	return cmd
}

func recipeCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say what is wrong with a recipe",
		Long: `Say what is wrong with a recipe: the line, the key, and what is allowed there.
Exit code 2 means that something is.`,
		Example: "  trawl recipe check shop.yaml",
		Args:    exactly("a recipe file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := config.ReadRecipe(args[0])
			if err != nil {
				return err
			}
			for _, c := range r.Columns() {
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s.%s: %s\n", r.Name(), c.Item, strings.Join(c.Fields, ", ")); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func recipeTestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test FILE PAGE…",
		Short: "Try a recipe on saved pages",
		Long: `Try a recipe on saved pages: print their items, what is missing in them, the
links to follow, and how often each field was found. Pages are what trawl
extract takes. Exit code 4 means that an item has an error, or there is none.`,
		Example: "  trawl recipe test shop.yaml page.html --base https://shop.example/list",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("%s needs a recipe file and at least one page", cmd.CommandPath())
			}
			return nil
		},
	}
	base := cmd.Flags().String("base", "", "the pages' URL, or what their names are resolved against")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		r, err := config.ReadRecipe(args[0])
		if err != nil {
			return err
		}
		reader := saved.Reader{Stdin: wire.Reader(cmd.Context(), os.Stdin), Outs: []string{"-"}, Stdout: os.Stdout}
		if err := reader.Check(args[1:]); err != nil {
			return usage("%w", err)
		}
		if *base != "" {
			if reader.Base, err = weburl.Parse(*base); err != nil {
				return usage("--base: %w", err)
			}
		}
		plan := &extract.Plan{Recipes: []*recipe.Recipe{r}}
		t := trial{w: cmd.OutOrStdout(), plan: plan, parser: parse.NewParser(parse.Options{}), data: crawler.NewHarvested(plan)}
		reader.Page = func(p *fetch.Page) error { return t.page(cmd.Context(), p) }
		reader.Record = func(r *output.Record) error { return t.record(cmd.Context(), r) }
		if err := reader.Read(args[1:]); err != nil {
			return err
		}
		return t.end()
	}
	return cmd
}

// trial is a recipe being tried.
type trial struct {
	w      io.Writer
	plan   *extract.Plan
	parser *parse.Parser
	data   *crawler.Harvested
}

func (t *trial) page(ctx context.Context, p *fetch.Page) error {
	r, items, found, err := crawler.Saved(ctx, t.parser, t.plan, p)
	if err != nil {
		return err
	}
	if err := t.show(r, items, &found); err != nil || len(items) > 0 {
		return err
	}
	return t.elsewhere(p.URL)
}

// elsewhere says which items a page's URL keeps out: a file has one by --base
// alone.
func (t *trial) elsewhere(u weburl.URL) error {
	for _, r := range t.plan.Recipes {
		for _, item := range r.Elsewhere(u) {
			if _, err := fmt.Fprintf(t.w, "  %s is not looked for: its match has no such URL; --base says what the URL of a saved page is\n", progress.Plain(item)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *trial) record(ctx context.Context, r *output.Record) error {
	items, found, err := crawler.Reread(ctx, t.plan, r)
	if err != nil {
		return err
	}
	return t.show(r, items, &found)
}

func (t *trial) show(page *output.Record, items []*output.Record, found *extract.Harvest) error {
	t.data.Add(found)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", progress.Plain(page.URL))
	for _, r := range items {
		fmt.Fprintf(&b, "  %s %s\n", progress.Plain(r.Item), progress.Plain(string(r.Data)))
		if len(r.Errors) > 0 {
			fmt.Fprintf(&b, "    errors %s\n", progress.Plain(string(r.Errors)))
		}
	}
	for _, e := range found.Errors {
		fmt.Fprintf(&b, "  %s: %s\n", progress.Plain(e.Field), progress.Plain(e.Message))
	}
	for _, l := range found.Follow {
		fmt.Fprintf(&b, "  follow %s\n", l.URL)
	}
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t *trial) end() error {
	for _, f := range t.data.Fill {
		if _, err := fmt.Fprintf(t.w, "%s.%s: %d of %d\n", f.Item, f.Field, f.Filled, f.Of); err != nil {
			return err
		}
	}
	if t.data.Items == 0 || t.data.Errors > 0 {
		return verdict{code: exitExceeded}
	}
	return nil
}

func recipeInitCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init URL",
		Short: "Write a recipe to begin with",
		Long: `Fetch a page and print a recipe for pages like it, with comments: the fields it
visibly has, and a list where it repeats itself. robots.txt is obeyed. Exit code
3 means that there is no such page.`,
		Example: "  trawl recipe init https://shop.example/list > shop.yaml",
		Args:    exactly("a URL"),
	}
	set := newSettings(cmd, func(s *config.Set) {
		s.BindOnly(cmd.Flags(), "user-agent", "timeout", "connect-timeout", "idle-timeout", "proxy", "insecure", "resolve")
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := set.Load(os.Environ()); err != nil {
			return err
		}
		u, err := weburl.Parse(args[0])
		if err != nil {
			return &config.UsageError{Err: err}
		}
		page, err := fetchOne(cmd.Context(), &set.Settings, u)
		if err != nil && cmd.Context().Err() == nil {
			return verdict{exitSeeds, err.Error()}
		} else if err != nil {
			return err
		}
		text, err := charset.Detect(page.Body, fetch.ContentType(page.Header)).Decode(page.Body)
		if err != nil {
			return err
		}
		starter := recipe.Starter(cmd.Context(), recipe.NewPage(page.URL, page.MediaType, text, page.Header))
		_, err = cmd.OutOrStdout().Write(starter)
		return err
	}
	return cmd
}

// fetchOne fetches a page, and what leads there.
func fetchOne(ctx context.Context, s *config.Settings, u weburl.URL) (*fetch.Page, error) {
	s.Data.Plan = &extract.Plan{HTML: true, Feed: true}
	client, err := wire.Client(s, []weburl.URL{u}, nil, fetch.NewJar())
	if err != nil {
		return nil, err
	}
	defer client.Close()
	polite := gate.New(client, gate.Options{Agent: wire.Token(s.Identity.UserAgent)})
	for range 2*s.Limits.Redirects + 2 {
		page, err := polite.Fetch(ctx, fetch.Request{URL: u, Started: func(time.Time) {}})
		switch {
		case errors.Is(err, gate.ErrTurnSpent):
			continue
		case err != nil:
			return nil, err
		case page.Status/100 == 2:
			return page, nil
		}
		next, err := u.Resolve(page.Header.Get("Location"))
		if page.Status/100 != 3 || err != nil {
			return nil, fmt.Errorf("%s: status %d", u, page.Status)
		}
		u = next
	}
	return nil, fmt.Errorf("%s: too many redirects", u)
}
