package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
)

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "List what a state directory knows, one JSON object a URL",
		Long: `List every URL that a state directory knows, one JSON object a line: what became
of it, by which rule, who linked it, when it was visited and when it is due. No
crawl may be running in it. A table of it is made by jq.`,
		Example: `  trawl export state --outcome failed
  trawl export state --outcome skipped --fields url,skip | jq -r 'select(.skip.rule=="robots").url'
  trawl export state | jq -r '[.url, .status, .via] | @csv' > state.csv`,
		Args: exactly("a state directory"),
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if _, stray := errors.AsType[*pflag.NotExistError](err); stray {
			return fmt.Errorf("%w; it prints JSON lines: > keeps them in a file, jq's @csv makes a table of them", strayFlag(cmd, err))
		}
		return strayFlag(cmd, err)
	})
	outcomes := cmd.Flags().String("outcome", "", "only these: pending, fetched, failed, skipped")
	fields := cmd.Flags().String("fields", "", "only these fields")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		wanted, err := words("outcome", *outcomes, []string{"pending", "fetched", "failed", "skipped"})
		if err != nil {
			return err
		}
		names, err := words("fields", *fields, rowFields())
		if err != nil {
			return err
		}
		return export(cmd.Context(), args[0], wanted, names, cmd.OutOrStdout())
	}
	return cmd
}

func export(ctx context.Context, dir string, outcomes, fields []string, w io.Writer) error {
	d, err := statedir.Read(ctx, dir)
	if err != nil {
		return looked(d, err)
	}
	return looked(d, exportRows(ctx, d, outcomes, fields, w))
}

func exportRows(ctx context.Context, d *statedir.Dir, outcomes, fields []string, w io.Writer) error {
	links, err := d.Links(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for row, err := range d.Rows(ctx) {
		if err != nil {
			return err
		}
		if len(outcomes) > 0 && !slices.Contains(outcomes, row.Outcome.String()) {
			continue
		}
		if err := writeRow(out, newRow(&row, links(&row.Job), &d.Latest), fields); err != nil {
			return err
		}
	}
	return out.Flush()
}
