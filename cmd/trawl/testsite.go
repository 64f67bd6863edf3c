package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/fetch/zoo"
)

func testsiteCommand() *cobra.Command {
	var addr string
	var list, check bool
	cmd := &cobra.Command{
		Use:   "testsite [CASE…]",
		Short: "Serve what the hostile web sends, on loopback, to try a crawler on",
		Long: `Serve named cases of what the hostile web sends, on loopback, until interrupted:
slow and broken transport, bombs, URL spaces without end, redirects, lies and
pushback. --list tells what each is and what a correct crawler does about it;
--check crawls all of them, or those named, with short timeouts and what failed
once more, says which passed, and exits 4 when one did not.`,
		Example: `  trawl testsite --list
  trawl testsite --check
  trawl testsite --check redirect-loop-1 calendar`,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:0", "where the index page is served: a loopback address")
	cmd.Flags().BoolVar(&list, "list", false, "list the cases and serve nothing")
	cmd.Flags().BoolVar(&check, "check", false, "crawl the cases, print a table of passed and failed; exit 4 on a failure")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cases, err := casesNamed(args)
		if err != nil {
			return err
		}
		w := cmd.OutOrStdout()
		switch {
		case list:
			return listCases(w, cases)
		case check:
			return checkCases(cmd.Context(), w, addr, cases)
		}
		return serveCases(cmd.Context(), w, addr)
	}
	return cmd
}

// casesNamed are all cases, or those of the given names.
func casesNamed(names []string) ([]zoo.Case, error) {
	all := zoo.Cases()
	if len(names) == 0 {
		return all, nil
	}
	byName := make(map[string]zoo.Case, len(all))
	known := make([]string, len(all))
	for i, c := range all {
		byName[c.Name], known[i] = c, c.Name
	}
	cases := make([]zoo.Case, len(names))
	for i, name := range names {
		c, ok := byName[name]
		if !ok {
			return nil, usage("no case is named %q%s; testsite --list has them all", name, config.DidYouMean(name, known))
		}
		cases[i] = c
	}
	return cases, nil
}

func listCases(w io.Writer, cases []zoo.Case) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range cases {
		var wants []string
		for _, want := range c.Want {
			wants = append(wants, want.String())
		}
		fmt.Fprintf(table, "%s\t%s\t%s; %s\n", c.Group, c.Name, c.Does, strings.Join(wants, "; "))
	}
	return table.Flush()
}

func serveCases(ctx context.Context, w io.Writer, addr string) error {
	z, err := zoo.Start(ctx, zoo.Options{Addr: addr})
	if err != nil {
		return usage("--addr %q: %w", addr, err)
	}
	defer z.Close()
	if _, err := fmt.Fprintln(w, z.URL()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func checkCases(ctx context.Context, w io.Writer, addr string, cases []zoo.Case) error {
	settings := config.New(agent()).Settings
	wrong, err := wire.CheckZoo(ctx, addr, cases, &settings)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range cases {
		result, why := "passed", c.Does
		if err := wrong[c.Name]; err != nil {
			result, why = "FAILED", strings.ReplaceAll(err.Error(), "\n", "; ")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", result, c.Group, c.Name, progress.Plain(why))
	}
	fmt.Fprintf(table, "%d passed, %d failed\n", len(cases)-len(wrong), len(wrong))
	if err := table.Flush(); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return verdict{code: exitExceeded}
	}
	return nil
}
