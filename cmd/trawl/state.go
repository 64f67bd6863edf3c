package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
)

func stateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "state",
		Short: "Check, repair, compact or describe a state directory",
		Long:  "Look after a state directory. No crawl may be running in it.",
		Args:  oneOf("what to do: check, repair, info or compact"),
		RunE: func(_ *cobra.Command, args []string) error {
			return usage("state %q: want check, repair, info or compact%s", args[0], config.DidYouMean(args[0], []string{"check", "repair", "info", "compact"}))
		},
	}
	add := func(name, short string, do func(context.Context, string, io.Writer) error) {
		cmd.AddCommand(&cobra.Command{
			Use: name + " DIR", Short: short, Long: short + ".", Args: exactly("a state directory"),
			RunE: func(cmd *cobra.Command, args []string) error {
				err := statedir.Past(cmd.Context(), args[0], func() error { return do(cmd.Context(), args[0], cmd.OutOrStdout()) })
				if _, ok := errors.AsType[verdict](err); ok || err == nil {
					return err
				}
				return &wire.StateError{Err: err}
			},
		})
	}
	add("check", "Read all that the directory holds and say what is damaged; exit 6 if anything is", checkState)
	add("repair", "Keep all that can be read, and say what is lost; the damaged store stays beside it", repairState)
	add("info", "Print counts, hosts, size and format", stateInfo)
	add("compact", "Rewrite the directory into the least space", compactState)
	return cmd
}

func checkState(ctx context.Context, dir string, w io.Writer) error {
	problems, err := disk.Check(ctx, dir, disk.Options{})
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(w, progress.Plain(p))
	}
	if len(problems) > 0 {
		return verdict{code: exitState}
	}
	_, err = fmt.Fprintln(w, "sound")
	return err
}

func repairState(ctx context.Context, dir string, w io.Writer) error {
	lost, err := disk.Repair(ctx, dir, disk.Options{})
	if err != nil {
		return err
	}
	for _, l := range lost {
		fmt.Fprintln(w, "lost: "+progress.Plain(l))
	}
	if len(lost) == 1 {
		_, err = fmt.Fprintln(w, "repaired; 1 thing was lost")
		return err
	}
	_, err = fmt.Fprintf(w, "repaired; %d things were lost\n", len(lost))
	return err
}

func compactState(ctx context.Context, dir string, w io.Writer) error {
	before, err := disk.Inspect(ctx, dir, disk.Options{})
	if err == nil {
		err = disk.Compact(ctx, dir, disk.Options{})
	}
	if err != nil {
		return err
	}
	after, err := disk.Inspect(ctx, dir, disk.Options{})
	if err == nil {
		_, err = fmt.Fprintf(w, "%s, was %s\n", progress.Size(after.Size), progress.Size(before.Size))
	}
	return err
}

func stateInfo(ctx context.Context, dir string, w io.Writer) error {
	info, err := disk.Inspect(ctx, dir, disk.Options{})
	if err != nil {
		return err
	}
	n := info.Counts
	_, err = fmt.Fprintf(w, `format   %d
size     %s
hosts    %d
pages    %d known = %d fetched + %d failed + %d skipped + %d queued
sitemaps %d
`, info.Format, progress.Size(info.Size), info.Hosts, n.Known, n.Fetched, n.Failed, n.Skipped, n.Queued, info.Sitemaps)
	return err
}
