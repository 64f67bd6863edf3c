package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/saved"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func extractCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "extract FILE|DIR|-…",
		Short: "Take data out of saved pages",
		Long: `Take data out of pages that are saved already, without the network: the same
records as those of crawl, with the same data.

A page is a file of HTML, XML or JSON, each such file of a directory, - for the
standard input, or a record of trawl crawl --html in a file that ends in .jsonl.
--base is the URL of a single page; of several it is what their names are
resolved against. A record has its own URL, and its other fields stay.`,
		Example: `  trawl extract --recipe shop.yaml --base https://shop.example/ pages/ -o items.csv
  trawl crawl https://shop.example --html -o pages.jsonl
  trawl extract --recipe shop.yaml pages.jsonl --fail-on 'fill:price<90%'
  curl -s https://example.org/ | trawl extract --base https://example.org/ --css title=h1 -`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("%s needs pages: files, directories, or - for the standard input", cmd.CommandPath())
			}
			return nil
		},
	}
	set := newSettings(cmd, func(s *config.Set) {
		s.BindOnly(cmd.Flags(), "recipe", "css", "xpath", "regex", "jq", "meta", "structured", "text", "markdown", "article", "html", "feed",
			"max-tags", "max-attributes", "max-nesting", "select", "select-errors", "output", "append", "overwrite", "format", "csv-raw", "emit", "fields", "fail-on", "summary", "quiet", "config")
	})
	base := cmd.Flags().String("base", "", "the pages' URL, or what their names are resolved against")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := wire.Wait(cmd.Context(), func() ([]string, error) { return set.Load(os.Environ()) }); err != nil {
			return err
		}
		return extractSaved(cmd.Context(), &set.Settings, *base, args)
	}
	return cmd
}

func extractSaved(ctx context.Context, s *config.Settings, base string, names []string) (err error) {
	if s.Data.Plan == nil {
		return usage("nothing to take: give --recipe, --css, --markdown or another of the flags under %q", "Data from pages")
	}
	outs := []string{s.Report.Summary}
	for _, out := range s.Output.Outs {
		outs = append(outs, out.File)
	}
	e := extraction{settings: s, parser: parse.NewParser(parse.Options{}), data: crawler.NewHarvested(s.Data.Plan)}
	reader := saved.Reader{
		Stdin:  wire.Reader(ctx, os.Stdin),
		Outs:   outs,
		Stdout: os.Stdout,
		Page:   func(p *fetch.Page) error { return e.page(ctx, p) },
		Record: func(r *output.Record) error { return e.record(ctx, r) },
	}
	if err := reader.Check(names); err != nil {
		return usage("%w", err)
	}
	if base != "" {
		if reader.Base, err = weburl.Parse(base); err != nil {
			return usage("--base: %w", err)
		}
	}
	summaryFile, err := wire.Wait(ctx, func() (*summaryFile, error) { return openSummary(s.Report.Summary) })
	if err != nil {
		return err
	}
	defer summaryFile.Close()
	e.outputs, err = wire.Open(ctx, s, os.Stdout, func(url string, err error) {
		fmt.Fprintf(os.Stderr, "trawl: %s: --select failed: %s\n", progress.Plain(url), progress.Plain(err.Error()))
	})
	if err != nil {
		return err
	}
	err = errors.Join(reader.Read(names), e.outputs.Sink.Close())
	if errors.Is(err, output.ErrReaderGone) {
		return nil
	}
	summary := crawler.Summary{Finish: finish(ctx, err), Fetched: e.pages, Known: e.pages, Data: e.data, SelectErrors: e.outputs.SelectErrors()}
	if !s.Report.Quiet {
		fmt.Fprint(os.Stderr, progress.Extraction(&summary))
	}
	if err = errors.Join(err, summaryFile.write(&summary)); err != nil {
		return err
	}
	if why := thin(e.data, s.Report.FailOn.Fill, false); why != "" {
		return verdict{exitExceeded, why}
	}
	return nil
}

// finish says how the work on saved pages ended, in the words of a crawl.
func finish(ctx context.Context, err error) string {
	switch {
	case err == nil:
		return "complete"
	case ctx.Err() != nil:
		return "interrupted"
	}
	return "error"
}

// extraction is the work on saved pages, one after the other.
type extraction struct {
	settings *config.Settings
	parser   *parse.Parser
	outputs  wire.Outputs
	data     *crawler.Harvested
	pages    int64
}

// page takes from a page that has no record yet.
func (e *extraction) page(ctx context.Context, p *fetch.Page) error {
	record, items, found, err := crawler.Saved(ctx, e.parser, e.settings.Data.Plan, p)
	if err != nil {
		return err
	}
	return e.write(ctx, record, items, &found)
}

// record takes from a page whose record was kept.
func (e *extraction) record(ctx context.Context, r *output.Record) error {
	items, found, err := crawler.Reread(ctx, e.settings.Data.Plan, r)
	if err != nil {
		return err
	}
	return e.write(ctx, r, items, &found)
}

func (e *extraction) write(ctx context.Context, record *output.Record, items []*output.Record, found *extract.Harvest) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	e.pages++
	e.data.Add(found)
	for _, r := range append([]*output.Record{record}, items...) {
		if !e.settings.Output.Emit.Wants(r) {
			continue
		}
		if err := e.outputs.Sink.Write(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
