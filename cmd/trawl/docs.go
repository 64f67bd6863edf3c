package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func docsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write documentation",
		Long:  "Write the documentation of trawl's commands.",
		Args:  exactly("a kind of documentation: man"),
		RunE: func(_ *cobra.Command, args []string) error {
			return usage("%q is no kind of documentation: want man", args[0])
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "man DIR",
		Short: "Write man pages, one a command",
		Long:  "Write man pages into a directory, which is made if need be: one a command.",
		Args:  exactly("a directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return usage("docs man %q: %w", args[0], err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // the same pages from the same version
			header := &doc.GenManHeader{Source: "trawl " + version(), Manual: "trawl"}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("write man pages to %q: %w", args[0], err)
			}
			return nil
		},
	})
	return cmd
}
