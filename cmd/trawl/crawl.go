package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/output"
)

func crawlCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "crawl URL…",
		Short: "Crawl from these URLs",
		Long: `Crawl from the given URLs and print one JSON object for each page.

Each flag is also a TRAWL_ variable (--max-pages is TRAWL_MAX_PAGES; a list has
one a line) and a key of the --config file; flags count before variables,
variables before the file. Times are like 500ms, 30s, 1h30m, or plain seconds;
sizes like 500k, 10MiB, 2GB.

Standard output has records and nothing else, each in one write; if its reader
leaves, the crawl ends. The first signal has what is in flight finish, for
--timeout at most; the second ends trawl at once.`,
		Example: `  trawl crawl https://example.org | jq -r 'select(.status>=400).url'
  trawl crawl https://example.org --depth 2 --rate 1/s --output pages.jsonl
  trawl crawl --input seeds.txt --scope domain --max-pages 1000 --summary summary.json`,
		Annotations:       map[string]string{isCrawl: "yes"},
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	set := newSettings(cmd, func(s *config.Set) { s.Bind(cmd.Flags()) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return crawl(cmd.Context(), set, args, nil) }
	return cmd
}

// crawl is what crawl and fetch do once their flags are bound. Adapt, when it
// is not nil, has the last word on the settings.
func crawl(ctx context.Context, set *config.Set, args []string, adapt func(*config.Settings)) error {
	warnings, err := set.Load(os.Environ())
	if err != nil {
		return err
	}
	if adapt != nil {
		adapt(&set.Settings)
	}
	seeds, err := set.ReadSeeds(args, os.Stdin)
	if err != nil {
		return err
	}
	summaryFile, err := openSummary(set.Report.Summary)
	if err != nil {
		return err
	}
	defer summaryFile.Close()
	parts, err := wire.New(&set.Settings, seeds, os.Stdout)
	if err != nil {
		return err
	}
	screen := newScreen(&set.Report, set.Output.File)
	for _, w := range warnings {
		screen.log.Warn(w)
	}
	summary, err := screen.follow(ctx, parts, set.Output.File == "-")
	if summary.Finish != "" {
		screen.summarize(&summary)
		err = errors.Join(err, summaryFile.write(&summary))
	}
	if err != nil {
		return screen.tell(err)
	}
	return judge(ctx, &summary, set.Report.FailOn)
}

// judge is the exit code of a crawl in which nothing broke.
func judge(ctx context.Context, s *crawler.Summary, on config.FailOn) error {
	sig, stopped := errors.AsType[signalError](context.Cause(ctx))
	seeds := s.Seeds
	switch {
	case s.Finish == readerGone:
		return nil
	case s.Finish == "interrupted" && stopped:
		return verdict(128 + int(sig.Signal))
	case on.Kind == "none":
		return nil
	case on.Kind == "any" && s.Broken > 0:
		return verdict(exitExceeded)
	case on.Kind == "rate" && float64(s.Broken) > on.Share*float64(s.Fetched+s.Failed):
		return verdict(exitExceeded)
	case seeds.Given > 0 && seeds.Denied >= seeds.Given:
		return verdict(exitDenied)
	case on.Kind == "seeds" && seeds.Given > 0 && seeds.Failed+seeds.Denied >= seeds.Given:
		return verdict(exitSeeds)
	}
	return nil
}

const readerGone = "reader-gone"

// A screen is stderr for the time of a crawl.
type screen struct {
	report   *config.Report
	terminal *progress.Terminal // nil: no status line
	log      *slog.Logger
}

func newScreen(r *config.Report, outputFile string) *screen {
	s := &screen{report: r}
	isTerminal := term.IsTerminal(int(os.Stderr.Fd()))
	// Records that scroll by on the same terminal are progress enough, and a
	// status line would be torn by them.
	recordsHere := outputFile == "-" && term.IsTerminal(int(os.Stdout.Fd()))
	if r.Progress == "always" || r.Progress == "auto" && isTerminal && !recordsHere && !r.Quiet && r.LogFormat == "text" {
		s.terminal = progress.NewTerminal(os.Stderr)
	}
	level := slog.LevelWarn
	switch {
	case r.Quiet:
		level = slog.LevelError
	case r.Verbose, r.LogFormat == "json":
		level = slog.LevelInfo
	}
	color := isTerminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if s.terminal != nil {
		s.log = progress.NewLog(s.terminal, r.LogFormat, level, color)
	} else {
		s.log = progress.NewLog(os.Stderr, r.LogFormat, level, color)
	}
	return s
}

// follow runs the crawl and shows how it goes.
func (s *screen) follow(ctx context.Context, parts *wire.Crawl, toStdout bool) (crawler.Summary, error) {
	display := progress.New(s.terminal, s.log, s.report.Verbose)
	parts.Options.Events = display.Events()

	running, cancel := context.WithCancelCause(ctx)
	var others sync.WaitGroup
	others.Go(func() { display.Watch(running) })
	if toStdout {
		others.Go(func() { awaitReader(running, os.Stdout, func() { cancel(output.ErrReaderGone) }) })
	}
	defer context.AfterFunc(ctx, func() {
		s.log.Warn(fmt.Sprintf("%v: finishing what is in flight, %v at most; a second signal leaves at once",
			context.Cause(ctx), parts.Options.Timing.Grace))
	})()

	summary, err := crawler.Run(running, parts.Options)
	if errors.Is(context.Cause(running), output.ErrReaderGone) && summary.Finish == "interrupted" {
		summary.Finish = readerGone
	}
	if closeErr := parts.Close(); err == nil {
		err = closeErr // else it would say the same again
	}
	cancel(nil)
	others.Wait()
	return summary, err
}

func (s *screen) summarize(sum *crawler.Summary) {
	switch {
	case s.report.Quiet:
	case s.report.LogFormat == "json":
		progress.LogSummary(s.log, sum)
	default:
		fmt.Fprint(os.Stderr, progress.Summary(sum))
	}
}

// tell shows an error in the log's format, where that is not the usual one.
func (s *screen) tell(err error) error {
	if s.report.LogFormat != "json" {
		return err
	}
	s.log.Error(err.Error())
	return told{err}
}
