package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

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
variables before the file. Times are like 500ms, 30s, 1h30m, 7d, or plain
seconds; sizes like 500k, 10MiB, 2GB.

Standard output has records and nothing else, each in one write; if its reader
leaves, the crawl ends. The first signal has what is in flight finish, for
--timeout at most; the second ends trawl at once. With --state a file has each
record once, whatever ended the crawl; a pipe cannot be taken back, and there a
record may come twice.`,
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
	ready, err := wire.Wait(ctx, func() (prepared, error) { return prepare(set, args, adapt) })
	if err != nil {
		return err
	}
	defer ready.summary.Close()
	stopProfile, err := profile(&set.Report)
	if err != nil {
		return err
	}
	defer stopProfile()
	screen := newScreen(&set.Report, set.Output.ToStdout())
	for _, w := range ready.warnings {
		screen.log.Warn(w)
	}
	parts, err := wire.New(ctx, &set.Settings, ready.seeds, wire.Console{
		Stdout:  os.Stdout,
		Say:     func(text string) { screen.log.Warn(text) },
		Confirm: confirm,
	})
	if errors.Is(err, wire.ErrSkipped) {
		screen.log.Warn(err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	parts.Reshape(&set.Settings, func(url string, err error) {
		screen.log.Warn("--select failed; further errors like this are counted in the summary", "url", url, "err", err)
	})
	summary, err := screen.follow(ctx, parts, set.Output.ToStdout())
	summary.SelectErrors = parts.SelectErrors()
	if summary.Finish != "" {
		screen.summarize(&summary)
		err = errors.Join(err, ready.summary.write(&summary))
	}
	if err != nil {
		return screen.tell(err)
	}
	v := judge(ctx, &summary, set.Report.FailOn)
	if v.code == 0 && set.Revisit.ExitChanged && summary.News {
		v.code = exitChanged
	}
	return screen.conclude(v)
}

// prepared is what a crawl needs of other files and programs, before it opens
// its state and output.
type prepared struct {
	warnings []string
	seeds    config.Seeds
	summary  *summaryFile
}

func prepare(set *config.Set, args []string, adapt func(*config.Settings)) (p prepared, err error) {
	if p.warnings, err = set.Load(os.Environ()); err != nil {
		return p, err
	}
	if adapt != nil {
		adapt(&set.Settings)
	}
	if p.seeds, err = set.ReadSeeds(args, os.Stdin); err != nil {
		return p, err
	}
	p.summary, err = openSummary(set.Report.Summary)
	return p, err
}

// confirm asks on the terminal; without one the answer is no.
func confirm(question string) (bool, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stderr.Fd())) {
		return false, nil
	}
	fmt.Fprintf(os.Stderr, "trawl: %s [y/N] ", progress.Plain(question))
	var answer string
	if _, err := fmt.Fscanln(os.Stdin, &answer); err != nil {
		return false, nil // nothing, or too much: that is no yes
	}
	return strings.HasPrefix(strings.ToLower(answer), "y"), nil
}

const readerGone = "reader-gone"

// A screen is stderr for the time of a crawl.
type screen struct {
	report   *config.Report
	terminal *progress.Terminal // nil: no status line
	log      *slog.Logger
}

func newScreen(r *config.Report, toStdout bool) *screen {
	s := &screen{report: r}
	isTerminal := term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb"
	// Records that scroll by on the same terminal are progress enough, and a
	// status line would be torn by them.
	recordsHere := toStdout && term.IsTerminal(int(os.Stdout.Fd()))
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
	color := isTerminal && os.Getenv("NO_COLOR") == ""
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
	reported := report(ctx, parts)

	running, cancel := context.WithCancelCause(ctx)
	var others sync.WaitGroup
	others.Go(func() { display.Watch(running) })
	others.Go(func() { parts.WatchRoom(running, cancel) })
	others.Go(func() { parts.WatchMemory(running) })
	if toStdout {
		others.Go(func() { awaitReader(running, os.Stdout, func() { cancel(output.ErrReaderGone) }) })
	}
	defer context.AfterFunc(ctx, func() {
		s.log.Warn(fmt.Sprintf("%v: finishing what is in flight, %v at most; a second signal leaves at once",
			context.Cause(ctx), parts.Options.Timing.Grace))
	})()

	summary, err := runCrawl(ctx, running, parts)
	if errors.Is(err, errStuck) {
		return summary, err // the reporter and the store are left as by a crash
	}
	reported()
	full, isFull := errors.AsType[*wire.FullError](context.Cause(running))
	if isFull && err == nil {
		summary.Finish, err = "min-free", full
	}
	if errors.Is(context.Cause(running), output.ErrReaderGone) && summary.Finish == "interrupted" {
		summary.Finish = readerGone
	}
	if closeErr := parts.Close(); err == nil && closeErr != nil { // else it would say the same again
		summary.Finish, err = "error", closeErr
	}
	cancel(nil)
	others.Wait()
	return summary, err
}

// errStuck: the crawl did not end when it should have, because nobody reads
// its output.
var errStuck = errors.New("nobody reads the output: left as it is; with --state, what was not read comes again")

// stuckAfter is how long a crawl may take to commit once nothing is in flight.
const stuckAfter = 5 * time.Second

// runCrawl runs the crawl. A reader that has stopped reading cannot keep it
// alive once the user wants it to end.
func runCrawl(ctx, running context.Context, parts *wire.Crawl) (crawler.Summary, error) {
	type end struct {
		summary crawler.Summary
		err     error
	}
	ended, stuck := make(chan end, 1), make(chan struct{})
	go func() {
		summary, err := crawler.Run(running, parts.Options)
		ended <- end{summary, err}
	}()
	defer context.AfterFunc(ctx, func() {
		time.AfterFunc(parts.Options.Timing.Grace+stuckAfter, func() { close(stuck) })
	})()
	select {
	case e := <-ended:
		return e.summary, e.err
	case <-stuck:
		return crawler.Summary{}, errStuck
	}
}

// report keeps the crawl's status where trawl status finds it, until the
// function it returns is called.
func report(ctx context.Context, parts *wire.Crawl) (end func()) {
	reporter := parts.Reporter()
	if reporter == nil {
		return func() {}
	}
	reporter.Listen(&parts.Options.Events)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var watching sync.WaitGroup
	watching.Go(func() { reporter.Watch(ctx, parts.Options.Timing.SyncEvery) })
	return func() {
		cancel()
		watching.Wait()
	}
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

// conclude ends a crawl in which nothing broke.
func (s *screen) conclude(v verdict) error {
	switch {
	case v.code == 0:
		return nil
	case v.why == "":
		return v
	}
	return s.tell(v)
}

// tell shows an error in the log's format, where that is not the usual one.
func (s *screen) tell(err error) error {
	if s.report.LogFormat != "json" {
		return err
	}
	s.log.Error(err.Error())
	return told{err}
}
