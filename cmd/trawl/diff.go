package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
)

func diffCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff DIR_A DIR_B | DIR --since last|DATE",
		Short: "Say which pages were added, changed or removed",
		Long: `Say which pages were added, changed or removed between two state directories, or
since the last run of one began, or since a date. A page is there when it
answered with a status below 400, and has changed when its main text has, but for
numbers and dates, or what a recipe or field took from it.`,
		Example: `  trawl diff monday tuesday
  trawl diff state --since last --json
  trawl diff state --since 2026-11-01`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return usage("diff needs two state directories, or one and --since")
			}
			return nil
		},
	}
	since := cmd.Flags().String("since", "", "last: when the last run began; or a date, 2026-11-01 or 2026-11-01T21:00:00Z")
	asJSON := cmd.Flags().Bool("json", false, "print JSON, one object a line")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if (len(args) == 2) == (*since != "") {
			return usage("diff needs two state directories, or one and --since")
		}
		out := bufio.NewWriter(cmd.OutOrStdout())
		found := difference{w: out, json: *asJSON}
		var err error
		if len(args) == 2 {
			err = found.between(cmd.Context(), args[0], args[1])
		} else {
			err = found.since(cmd.Context(), args[0], *since)
		}
		return errors.Join(err, out.Flush())
	}
	return cmd
}

// difference prints what differs as it is found.
type difference struct {
	w    io.Writer
	json bool
}

func (d *difference) tell(change, url string) {
	if d.json {
		_ = writeJSON(d.w, map[string]string{"change": change, "url": url}) // Flush has its error too
		return
	}
	fmt.Fprintf(d.w, "%-8s %s\n", change, progress.Plain(url))
}

// there tells whether a row is of a page that is there.
func there(r *frontier.Row) bool {
	return r.Outcome == frontier.Fetched && r.Job.Kind != frontier.Sitemap && r.Status < 400 && !r.Visit.Gone
}

// between holds a few dozen bytes in memory for each page of a.
func (d *difference) between(ctx context.Context, a, b string) error {
	type content struct {
		body, text, data uint64
		plan             uint32
	}
	before := make(map[uint64]content)
	err := eachPage(ctx, a, func(r *frontier.Row) {
		before[r.Job.URL.Fingerprint()] = content{r.Visit.Body, r.Visit.Text, r.Visit.Data, r.Visit.Plan}
	})
	if err != nil {
		return err
	}
	err = eachPage(ctx, b, func(r *frontier.Row) {
		fp := r.Job.URL.Fingerprint()
		was, known := before[fp]
		delete(before, fp)
		switch {
		case !known:
			d.tell("added", r.Job.URL.String())
		case was.body != r.Visit.Body && !r.Visit.Reads(&recrawl.Visit{Text: was.text, Data: was.data, Plan: was.plan}):
			d.tell("changed", r.Job.URL.String())
		}
	})
	if err != nil || len(before) == 0 {
		return err
	}
	return eachPage(ctx, a, func(r *frontier.Row) {
		if _, gone := before[r.Job.URL.Fingerprint()]; gone {
			d.tell("removed", r.Job.URL.String())
		}
	})
}

func eachPage(ctx context.Context, dir string, do func(*frontier.Row)) error {
	d, err := statedir.Read(ctx, dir)
	if err != nil {
		return looked(nil, err)
	}
	return looked(d, eachRow(ctx, d, func(r *frontier.Row) {
		if there(r) {
			do(r)
		}
	}))
}

func eachRow(ctx context.Context, d *statedir.Dir, do func(*frontier.Row)) error {
	for row, err := range d.Rows(ctx) {
		if err != nil {
			return err
		}
		do(&row)
	}
	return nil
}

func (d *difference) since(ctx context.Context, dir, when string) error {
	state, err := statedir.Read(ctx, dir)
	if err != nil {
		return looked(nil, err)
	}
	from, err := moment(when, state)
	if err != nil {
		return errors.Join(err, state.Close())
	}
	return looked(state, eachRow(ctx, state, func(r *frontier.Row) {
		v := &r.Visit
		switch {
		case r.Job.Kind == frontier.Sitemap || v.ChangedAt.Before(from):
		case v.Gone && v.Since.Before(from):
			d.tell("removed", r.Job.URL.String())
		case !there(r):
		case v.Since.Before(from):
			d.tell("changed", r.Job.URL.String())
		default:
			d.tell("added", r.Job.URL.String())
		}
	}))
}

func moment(when string, d *statedir.Dir) (time.Time, error) {
	if when == "last" {
		if len(d.Runs) == 0 {
			return time.Time{}, &wire.StateError{Err: fmt.Errorf("%q was never run", d.Path)}
		}
		return d.Runs[len(d.Runs)-1].Started, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, when, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("--since %q: want last, or a date such as 2026-11-01 or 2026-11-01T21:00:00Z", when)
}
