package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
)

const rootUse = "trawl [crawl] URL…"

// newRoot is the command line. `trawl URL…` is `trawl crawl URL…`.
func newRoot(args []string) *cobra.Command {
	root := &cobra.Command{}
	if named := commandNamed(args); named != nil {
		root.AddCommand(named())
		root.SetFlagErrorFunc(strayFlag)
	} else {
		root = wholeRoot()
	}
	root.Use = rootUse
	root.Version = version()
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetHelpFunc(printHelp)
	root.SetUsageFunc(func(cmd *cobra.Command) error { printHelp(cmd, nil); return nil })
	root.SetArgs(args)
	return root
}

// commandNamed is the command that the arguments begin with, if it needs none
// of the others: each has a table of settings, and to make them all was a third
// of the page faults of a start.
func commandNamed(args []string) func() *cobra.Command {
	if len(args) == 0 || args[0] == "docs" {
		return nil
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.make
		}
	}
	return nil
}

type namedCommand struct {
	name string
	make func() *cobra.Command
}

func commands() []namedCommand {
	return []namedCommand{
		{"crawl", crawlCommand}, {"fetch", fetchCommand}, {"extract", extractCommand}, {"recipe", recipeCommand}, {"robots", robotsCommand},
		{"testsite", testsiteCommand}, {"config", configCommand}, {"explain", explainCommand}, {"status", statusCommand}, {"diff", diffCommand},
		{"export", exportCommand}, {"state", stateCommand}, {"docs", docsCommand}, {"version", versionCommand},
	}
}

// wholeRoot has all commands, and crawls when none is named.
func wholeRoot() *cobra.Command {
	root := crawlCommand()
	root.Short = "Crawl web sites from the command line, politely, one JSON object a page"
	root.Long = root.Short + "."
	root.Annotations = map[string]string{isRoot: "yes"}
	crawl := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 && !looksLikeURL(args[0]) {
			return unknownCommand(cmd, args[0])
		}
		return crawl(cmd, args)
	}
	for _, c := range commands() {
		root.AddCommand(c.make())
	}
	root.Use = rootUse // the help of completion has its name
	root.SetHelpCommand(helpCommand())
	settleCompletion(root)
	return root
}

// strayFlag is the error of a flag that a command without settings does not have,
// as --state of one that is given the directory: it says how to call it.
func strayFlag(cmd *cobra.Command, err error) error {
	return fmt.Errorf("%w; usage: %s%s", config.New(agent()).FlagError(err, cmd.Flags()), strings.TrimSuffix(cmd.UseLine(), " [flags]"), ownFlags(cmd))
}

// ownFlags are the flags of a command as its usage has them.
func ownFlags(cmd *cobra.Command) string {
	var b strings.Builder
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && !f.Hidden {
			fmt.Fprintf(&b, " [--%s]", f.Name)
		}
	})
	return b.String()
}

// settleCompletion has cobra's own command speak of mistakes as the others do.
func settleCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	cmd, _, err := root.Find([]string{"completion"})
	if err != nil {
		return // cobra has given it another name
	}
	shells := namesOf(cmd)
	cmd.Args = oneOf("a shell: " + strings.Join(shells, ", "))
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		return usage("completion %q: want %s%s", args[0], strings.Join(shells, ", "), config.DidYouMean(args[0], shells))
	}
	for _, c := range cmd.Commands() {
		c.Args = exactly()
	}
}

// looksLikeURL tells a seed, right or wrong, from a misspelled command.
func looksLikeURL(arg string) bool {
	return arg == "-" || strings.TrimSpace(arg) == "" || strings.ContainsAny(arg, ":/.@")
}

func unknownCommand(cmd *cobra.Command, word string) error {
	return usage("%q is neither a command nor a URL%s; for a URL write https://%s", word, config.DidYouMean(word, namesOf(cmd.Root())), word)
}

// namesOf are the commands below a command.
func namesOf(cmd *cobra.Command) (names []string) {
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// usage is a mistake on the command line.
func usage(format string, args ...any) error {
	return &config.UsageError{Err: fmt.Errorf(format, args...)}
}

// exactly has a command take so many arguments, which are named.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == len(names):
			return nil
		case len(names) == 0:
			return usage("%s takes no arguments, and got %q", cmd.CommandPath(), args[0])
		case len(args) > len(names):
			return usage("%s takes %s, and got %q as well", cmd.CommandPath(), strings.Join(names, " and "), args[len(names)])
		}
		return usage("%s needs %s", cmd.CommandPath(), strings.Join(names, " and "))
	}
}

// oneOf has a command of commands take the name of one. What comes behind a
// word that is none is for that command, and not what is wrong.
func oneOf(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return exactly(what)(cmd, args[:min(1, len(args))]) }
}

// version is the module's, as the build recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

// agent is the User-Agent: who we are and where to read about it.
func agent() string { return "trawl/" + version() + " (+https://github.com/trawl-crawler/trawl)" }

// newSettings gives a command its settings, completion of their words and
// errors that help.
func newSettings(cmd *cobra.Command, bind func(*config.Set)) *config.Set {
	set := config.New(agent())
	bind(set)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return set.FlagError(err, cmd.Flags()) })
	for _, name := range set.Names() {
		if words := set.Words(name); len(words) > 0 && cmd.Flags().Lookup(name) != nil {
			// It fails for an unknown flag and for a second time alone.
			_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	return set
}
