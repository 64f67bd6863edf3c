// Command trawl crawls web sites from the command line, politely, and prints
// one JSON object for each URL.
//
// main.go has the signals and the exit codes; each command is a file of its
// own name. What a command is told is in cmd/internal/config, what it is made
// of in cmd/internal/wire, what it shows in cmd/internal/progress.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	_ "github.com/trawl-crawler/trawl/cmd/internal/start"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/recipe"
)

func main() { os.Exit(run()) }

// instant is the annotation of a command that is over before a person could
// interrupt it: signals end it as they end any program. To listen to them takes
// threads that wait for each other, a tenth of the time that trawl version took.
const instant = "instant"

func run() int {
	// A closed pipe is an error of the write, not the end of the process: the
	// crawl ends in good order then, and its exit code is 0.
	signal.Ignore(syscall.SIGPIPE)
	// net/http tells the standard logger of bytes that a server sent unasked
	// for. They are the server's, and could steer the terminal; what matters of
	// them is in a record.
	log.SetOutput(io.Discard)
	ctx, stop := context.Background(), func() {}
	defer func() { stop() }()
	root, out := newRoot(os.Args[1:]), &stdout{File: os.Stdout}
	root.SetOut(out)
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		if cmd.Annotations[instant] == "" {
			ctx, stop = interruptible(ctx, os.Exit)
			cmd.SetContext(ctx)
		}
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.failed
	}
	code := exitCode(ctx, err)
	for _, text := range messages(err) {
		fmt.Fprintf(os.Stderr, "trawl: %s\n", progress.Plain(text))
	}
	return code
}

// A signalError is why a context ended: the user wants trawl to.
type signalError struct{ syscall.Signal }

func (e signalError) Error() string { return e.Signal.String() }

// interruptible gives a context that the first signal ends. The second leaves
// at once: records are written whole, so nothing that is written is torn.
func interruptible(parent context.Context, leave func(int)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup trawl … is to go on
		signal.Notify(signals, syscall.SIGHUP)
	}
	go heed(signals, cancel, leave)
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// echo is how soon after a signal the same one is no second wish: timeout(1)
// sends its signal to the program, and to the group that the program is in; who
// hangs up is told of by the terminal, and by the shell.
const echo = 200 * time.Millisecond

// heed ends a context at the first signal, and the process at the second.
func heed(signals <-chan os.Signal, cancel context.CancelCauseFunc, leave func(int)) {
	first, ok := <-signals
	if !ok {
		return
	}
	heard := time.Now()
	cancel(signalError{first.(syscall.Signal)})
	for second := range signals {
		if second != first || time.Since(heard) >= echo {
			leave(128 + int(second.(syscall.Signal)))
			return
		}
	}
}

// exitCodes is the table of exit codes, as --help shows it.
const exitCodes = `  0    complete, a limit was reached, or the reader of the output left
  1    something unexpected
  2    a mistake in the command line or configuration; nothing was fetched
  3    every seed failed: no response, or a status of 400 and above
  4    --fail-on was exceeded; trawl robots: disallowed
  5    the output failed
  6    the state of the crawl or the cookie jar: in use, damaged, of another crawl, or not to be kept
  7    out of disk or memory, or less disk than --min-free
  8    robots.txt denies all seeds
  10   --exit-changed: something has changed
  130  interrupted (SIGINT); 143 terminated (SIGTERM): 128 + the signal's number
`

const (
	exitUnexpected = 1
	exitUsage      = 2
	exitSeeds      = 3
	exitExceeded   = 4
	exitOutput     = 5
	exitState      = 6
	exitFull       = 7
	exitDenied     = 8
	exitChanged    = 10
)

// A verdict is an exit code without an error: the command did what it was
// asked to, and this is what it found. Why is for the person who did not look
// at the output; "" is when that says it already.
type verdict struct {
	code int
	why  string
}

func (v verdict) Error() string { return cmp.Or(v.why, fmt.Sprintf("exit code %d", v.code)) }

// A told error was shown to the user already.
type told struct{ error }

func (e told) Unwrap() error { return e.error }

// exitCode is the one place that turns what happened into a number.
func exitCode(ctx context.Context, err error) int {
	if err == nil || errors.Is(err, output.ErrReaderGone) {
		return 0
	}
	if v, ok := errors.AsType[verdict](err); ok {
		return v.code
	}
	if _, ok := errors.AsType[*config.UsageError](err); ok || errors.Is(err, output.ErrColumns) {
		return exitUsage
	}
	if output.DiskFull(err) || errors.Is(err, syscall.ENOMEM) {
		return exitFull
	}
	if _, ok := errors.AsType[*wire.FullError](err); ok {
		return exitFull
	}
	if errors.Is(err, output.ErrForeign) {
		return exitState // the output is not where the state says
	}
	sig, stopped := errors.AsType[signalError](context.Cause(ctx))
	if stopped && (errors.Is(err, context.Canceled) || errors.Is(err, sig)) {
		return 128 + int(sig.Signal) // whatever it broke off
	}
	if _, ok := errors.AsType[*wire.OutputError](err); ok {
		return exitOutput
	}
	if _, ok := errors.AsType[*wire.StateError](err); ok {
		return exitState
	}
	if stopped {
		return 128 + int(sig.Signal)
	}
	return exitUnexpected
}

// messages is an error in one line, the mistakes in a recipe in a line each;
// there is none for what needs no words, and for what was told already.
func messages(err error) []string {
	v, isVerdict := errors.AsType[verdict](err)
	_, isTold := errors.AsType[told](err)
	if err == nil || isTold || isVerdict && v.why == "" || errors.Is(err, output.ErrReaderGone) {
		return nil
	}
	lines := strings.Split(err.Error(), "\n")
	if _, ok := errors.AsType[*recipe.Error](err); ok {
		return lines
	}
	return []string{strings.Join(lines, "; ")}
}
