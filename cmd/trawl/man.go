package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// manPage is a command's man page in roff, of the same parts as its --help.
// cobra/doc would bring a Markdown parser that every start of trawl pays for,
// and knows neither sections of flags nor exit codes.
func manPage(cmd *cobra.Command) (name, page string) {
	name = strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %q 1 \"\" %q \"trawl\"\n", strings.ToUpper(name), "trawl "+version())
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", roff(useLine(cmd)))
	b.WriteString(".SH DESCRIPTION\n")
	for i, paragraph := range strings.Split(cmd.Long, "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		b.WriteString(roff(paragraph) + "\n")
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(cmd.Example))
	}
	if cmd.Annotations[isRoot] == "" {
		manFlags(&b, cmd)
	}
	if cmd.Annotations[isRoot]+cmd.Annotations[isCrawl] != "" {
		b.WriteString(".SH EXIT STATUS\n")
		for line := range strings.Lines(exitCodes) {
			code, meaning, _ := strings.Cut(strings.TrimSpace(line), " ")
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", code, roff(strings.TrimSpace(meaning)))
		}
	}
	manRelatives(&b, cmd)
	return name, b.String()
}

func manFlags(b *strings.Builder, cmd *cobra.Command) {
	b.WriteString(".SH OPTIONS\n")
	for title, flags := range flagSections(cmd) {
		fmt.Fprintf(b, ".SS %s\n", roff(title))
		for _, f := range flags {
			fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(flagName(f))), roff(flagText(f)))
		}
	}
}

func manRelatives(b *strings.Builder, cmd *cobra.Command) {
	var names []string
	if cmd.HasParent() {
		names = append(names, cmd.Parent().CommandPath())
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.CommandPath())
		}
	}
	for i, n := range names {
		names[i] = fmt.Sprintf("\\fB%s\\fP(1)", roff(strings.ReplaceAll(n, " ", "-")))
	}
	fmt.Fprintf(b, ".SH SEE ALSO\n%s\n", strings.Join(names, ", "))
}

// roff escapes text: backslashes, hyphens that are minus signs, and a dot or
// quote that would make a line a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
