// Command bench measures what a page costs trawl, beside others that fetch the
// same pages, and prints one table: the bar that holds, the value found, and
// the load of the machine at that moment.
//
//	cd testdata/bench && go run .                 # the whole table; exit code 1 when a bar is missed by more than 15 %
//	cd testdata/bench && go run . -short          # smaller and once, to see that it works; nothing is judged
//	cd testdata/bench && go run . -run '10 KiB' -profile /tmp/profile
//
// Most values are ratios of CPU time, user and system, so they hold on any
// machine. Contenders take turns, round after round, and the median counts.
// Each runs in a process of its own (this program again, in another role), and
// so does the server, whose bodies are ready in memory: no one's CPU time or
// memory is another's.
//
// It is a module of its own so that trawl's go.mod carries no contender.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// roleArg begins the command line of a contender or a server.
const roleArg = "as"

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == roleArg {
		return play(ctx, args[1:])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	var (
		short   = flags.Bool("short", false, "few pages, one round, and no judgement")
		pick    = flags.String("run", "", "measure only what this regular `expression` matches")
		rounds  = flags.Int("rounds", 5, "`turns` that each contender takes; quick ones take three times as many, slow ones at most 3")
		docs    = flags.String("docs", "", "a `directory` of HTML pages for the scanner and the resolver; default: Python's or Go's documentation, as installed")
		profile = flags.String("profile", "", "a `directory` for the CPU and allocation profiles of trawl and of the bare loop")
	)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	wanted, err := regexp.Compile(*pick)
	if err != nil {
		return fmt.Errorf("-run %q: %w", *pick, err)
	}
	l, err := newLab(full)
	if err != nil {
		return err
	}
	defer l.close()
	l.rounds, l.docs, l.profile = max(*rounds, 1), *docs, *profile
	if *profile != "" {
		if err := os.MkdirAll(*profile, 0o777); err != nil {
			return err
		}
	}
	if *short {
		l.size, l.rounds = little, 1
	}
	return l.measure(ctx, os.Stdout, wanted, *short)
}
