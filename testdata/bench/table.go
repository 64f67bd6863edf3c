package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// A bar is what a value must reach.
type bar struct {
	what     string
	limit    float64
	aim      float64 // what to go for; 0 is nothing beyond the limit
	atLeast  bool    // the limit is the least, not the most
	fraction bool    // written 1/8, not 0.125
}

// slack is how far a value may miss its bar before that is an error: machines
// and their other users differ.
const slack = 0.15

// missed tells whether a value misses the bar, and whether by more than slack.
func (b bar) missed(value float64) (missed, badly bool) {
	if b.atLeast {
		return value < b.limit, value < b.limit*(1-slack)
	}
	return value > b.limit, value > b.limit*(1+slack)
}

func (b bar) text(value float64) string {
	switch {
	case b.fraction && value > 0:
		return "1/" + strconv.FormatFloat(1/value, 'f', 1, 64)
	case value >= 100:
		return strconv.FormatFloat(value, 'f', 0, 64)
	case value >= 10:
		return strconv.FormatFloat(value, 'f', 1, 64)
	}
	return strconv.FormatFloat(value, 'f', 2, 64)
}

func (b bar) limits() (limit, aim string) {
	sign := "≤ "
	if b.atLeast {
		sign = "≥ "
	}
	if b.aim > 0 {
		aim = b.text(b.aim)
	}
	return sign + b.text(b.limit), aim
}

// A result is what was found about one bar.
type result struct {
	bar   bar
	value float64
	note  string // the absolute numbers behind a ratio
}

// line is the layout of the table, whose lines are printed as they are found.
const line = "%-64s %8s %7s %9s %-5s %5s  %s\n"

// measure runs every experiment that has a bar whose name matches. Its error
// says that a bar was missed by far, or that something could not be measured.
func (l *lab) measure(ctx context.Context, out io.Writer, wanted *regexp.Regexp, reportOnly bool) error {
	fmt.Fprintln(out, machine())
	if reportOnly {
		fmt.Fprintln(out, "The short form: too little and too short to judge by.")
	}
	fmt.Fprintf(out, line, "what", "bar", "go for", "value", "", "load", "of which")
	var trouble []string
	for _, e := range experiments() {
		if !e.matches(wanted) {
			continue
		}
		results, err := e.run(ctx, l)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			trouble = append(trouble, e.bars[0].what)
			fmt.Fprintf(out, line, e.bars[0].what, "", "", "", "ERROR", load(), err)
		}
		for _, r := range results {
			limit, aim := r.bar.limits()
			missed, badly := r.bar.missed(r.value)
			verdict := "pass"
			if missed {
				verdict = "MISS"
			}
			if badly {
				trouble = append(trouble, r.bar.what)
			}
			fmt.Fprintf(out, line, r.bar.what, limit, aim, r.bar.text(r.value), verdict, load(), r.note)
		}
	}
	if len(trouble) == 0 || reportOnly {
		return nil
	}
	return fmt.Errorf("not measured, or missed by more than %.0f %%:\n  %s", 100*slack, strings.Join(trouble, "\n  "))
}

// machine is what the values were found on.
func machine() string {
	model := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s, %s/%s", model, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// load is the mean number of processes that wanted a core in the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	minute, _, _ := strings.Cut(string(text), " ")
	return minute
}
