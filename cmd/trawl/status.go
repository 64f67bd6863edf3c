package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
)

func statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status DIR",
		Short: "Say how the crawl in a state directory stands, also while it runs",
		Long: `Say how the crawl in a state directory stands: progress, what it waits for and
what went wrong lately. A crawl that runs is not disturbed: it writes all this
into DIR/status.json each time it commits.`,
		Example: `  trawl status state
  watch -n1 trawl status state
  trawl status state --json | jq .queued`,
		Args: exactly("a state directory"),
	}
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := status(cmd.Context(), args[0])
		if err != nil {
			return looked(nil, err)
		}
		if *asJSON {
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent("", "  ")
			return enc.Encode(s)
		}
		return printStatus(cmd.OutOrStdout(), &s)
	}
	return cmd
}

func status(ctx context.Context, dir string) (statedir.Status, error) {
	d, err := statedir.Read(ctx, dir)
	if locked, ok := errors.AsType[*disk.LockedError](err); ok {
		s, readErr := statedir.ReadStatus(dir, locked.PID)
		if errors.Is(readErr, fs.ErrNotExist) {
			return s, fmt.Errorf("%w; it has not told its status yet", err)
		}
		return s, readErr
	}
	if err != nil {
		return statedir.Status{}, err
	}
	s, err := d.Status(ctx)
	return s, errors.Join(err, d.Close())
}

func printStatus(w io.Writer, s *statedir.Status) error {
	say := func(format string, args ...any) { fmt.Fprintln(w, progress.Plain(fmt.Sprintf(format, args...))) }
	switch {
	case s.Running:
		say("running: run %d, process %d, as of %s", s.Session.Number, s.PID, s.At.Local().Format(time.DateTime))
	case s.Session == nil:
		say("never run")
	case s.Session.Complete:
		say("complete: run %d ended %s", s.Session.Number, s.Session.Ended.Local().Format(time.DateTime))
	default:
		say("stopped in run %d: the same command goes on with it", s.Session.Number)
	}
	say("  pages    %d known = %d fetched + %d failed + %d skipped + %d queued + %d in flight",
		s.Known, s.Fetched, s.Failed, s.Skipped, s.Queued, s.Leased)
	say("  hosts    %d, %d paused", s.Hosts, s.Paused)
	for _, h := range s.Waits {
		say("  paused   %s until %s: %s", h.Host, h.Until.Local().Format(time.DateTime), h.Why)
	}
	for _, l := range s.Leases {
		say("  fetching %s for %.1f s", l.URL, l.Age)
	}
	for _, f := range s.Failures {
		say("  error    %s %s: %s", f.At.Local().Format(time.TimeOnly), f.URL, f.Message)
	}
	return nil
}
