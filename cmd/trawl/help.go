package main

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
)

// Annotations of commands, for their help.
const (
	isRoot  = "root"  // its flags are those of crawl, and shown there
	isCrawl = "crawl" // it ends by the table of exit codes
)

// printHelp shows a command: examples first, flags by section. cobra's own
// would need text/template and one long list.
func printHelp(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	first, rest, _ := strings.Cut(strings.TrimSpace(cmd.Long), "\n\n")
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", first, useLine(cmd))
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if rest != "" {
		fmt.Fprintf(w, "\n%s\n", rest)
	}
	printCommands(w, cmd)
	if cmd.Annotations[isRoot] != "" {
		printCommonFlags(w, cmd)
	} else {
		printFlags(w, cmd)
	}
	if cmd.Annotations[isRoot]+cmd.Annotations[isCrawl] != "" {
		fmt.Fprintf(w, "\nExit codes:\n%s", exitCodes)
	}
}

// helpCommand is help, which says so when there is nothing of that name.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:         "help [COMMAND]",
		Short:       "Show the help of a command",
		Long:        "Show the help of a command, as its --help does.",
		Annotations: map[string]string{instant: "yes"},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return namesOf(cmd.Root()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found := cmd.Root()
			for i, word := range args {
				next := slices.IndexFunc(found.Commands(), func(c *cobra.Command) bool { return c.Name() == word })
				if next < 0 {
					return usage("help %q: there is no such command%s; trawl help lists those there are",
						strings.Join(args[:i+1], " "), config.DidYouMean(word, namesOf(found)))
				}
				found = found.Commands()[next]
			}
			printHelp(found, nil)
			return nil
		},
	}
}

func useLine(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return cmd.Use
	}
	line := cmd.Parent().Name() + " " + cmd.Use
	if cmd.Parent().HasParent() {
		line = cmd.Root().Name() + " " + line
	}
	return line
}

func printCommands(w io.Writer, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	fmt.Fprint(w, "\nCommands:\n")
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			fmt.Fprintf(w, "  %-12s%s\n", c.Name(), c.Short)
		}
	}
}

func printFlags(w io.Writer, cmd *cobra.Command) {
	columns := width(w)
	for title, flags := range flagSections(cmd) {
		fmt.Fprintf(w, "\n%s:\n", title)
		for _, f := range flags {
			printFlag(w, f, columns)
		}
	}
}

// printCommonFlags shows the few flags that most crawls need.
func printCommonFlags(w io.Writer, cmd *cobra.Command) {
	fmt.Fprint(w, "\nCommon flags; trawl crawl --help has them all:\n")
	for _, name := range []string{"input", "depth", "scope", "exclude", "max-pages", "rate", "output", "state", "quiet", "verbose", "config"} {
		printFlag(w, cmd.Flags().Lookup(name), width(w))
	}
}

// flagSections are a command's flags under their headings; those that are no
// setting come last.
func flagSections(cmd *cobra.Command) iter.Seq2[string, []*pflag.Flag] {
	cmd.InitDefaultHelpFlag()
	return func(yield func(string, []*pflag.Flag) bool) {
		for _, title := range append(config.Sections(), "") {
			var flags []*pflag.Flag
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if config.SectionOf(f) == title && !f.Hidden {
					flags = append(flags, f)
				}
			})
			if len(flags) > 0 && !yield(cmp.Or(title, "Other"), flags) {
				return
			}
		}
	}
}

// helpColumn is where the text of a flag begins.
const helpColumn = 34

func printFlag(w io.Writer, f *pflag.Flag, columns int) {
	name := flagName(f)
	fmt.Fprint(w, name)
	at := utf8.RuneCountInString(name)
	if at >= helpColumn-1 {
		fmt.Fprintln(w)
		at = 0
	}
	fmt.Fprint(w, strings.Repeat(" ", helpColumn-at))
	room := columns - helpColumn
	for i, line := range wrap(flagText(f), room) {
		if i > 0 {
			fmt.Fprint(w, strings.Repeat(" ", helpColumn))
		}
		fmt.Fprintln(w, line)
	}
}

// flagText is what a flag does, and its default.
func flagText(f *pflag.Flag) string {
	if f.DefValue == "" || f.DefValue == "false" {
		return f.Usage
	}
	return fmt.Sprintf("%s (default %s)", f.Usage, f.DefValue)
}

// flagName is "  -d, --depth N|inf" or "      --ignore-query[=NAMES]".
func flagName(f *pflag.Flag) string {
	name := "      --" + f.Name
	if f.Shorthand != "" {
		name = "  -" + f.Shorthand + ", --" + f.Name
	}
	switch {
	case f.NoOptDefVal == "":
		name += " " + f.Value.Type()
	case f.NoOptDefVal != "true":
		name += "[=" + f.Value.Type() + "]"
	}
	return name
}

func wrap(text string, room int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > room {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// width is the terminal's, within reason; 100 columns elsewhere.
func width(w io.Writer) int {
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return min(max(columns, 60), 120)
		}
	}
	return 100
}
