package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
)

func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show settings",
		Long:  "Show what trawl's settings are and where they come from.",
		Args:  oneOf("what to do: show"),
		RunE: func(_ *cobra.Command, args []string) error {
			return usage("config %q: want show%s", args[0], config.DidYouMean(args[0], []string{"show"}))
		},
	}
	cmd.AddCommand(configShowCommand())
	return cmd
}

func configShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print each setting, its value and its origin",
		Long: `Print each setting, its value and where that came from: default, a line of the
--config file, a TRAWL_ variable or a flag. Takes the flags of crawl.`,
		Example: `  trawl config show --config crawl.yaml --rate 1/s
  TRAWL_DEPTH=2 trawl config show --json | jq '.[] | select(.origin != "default")'`,
		Args:        exactly(),
		Annotations: map[string]string{instant: "yes"},
	}
	set := newSettings(cmd, func(s *config.Set) { s.Bind(cmd.Flags()) })
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		warnings, err := set.Load(os.Environ())
		if err != nil {
			return err
		}
		for _, w := range warnings {
			fmt.Fprintf(cmd.ErrOrStderr(), "trawl: %s\n", w)
		}
		if *asJSON {
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(set.Show())
		}
		for _, s := range set.Show() {
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-19s %-22s %s\n", s.Name, inOneLine(s.Value), s.Origin); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

func inOneLine(value any) string {
	text, ok := value.(string)
	if list, isList := value.([]string); isList {
		text, ok = strings.Join(list, ", "), true
	}
	if !ok || text == "" {
		return "-"
	}
	return text
}
