package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
)

func docsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write documentation",
		Long:  "Write the documentation of trawl's commands.",
		Args:  oneOf("a kind of documentation: man"),
		RunE: func(_ *cobra.Command, args []string) error {
			return usage("docs %q: want man", args[0])
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "man DIR",
		Short: "Write man pages, one a command",
		Long:  "Write man pages, one a command, into a directory, which is made if need be.",
		Args:  exactly("a directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return usage("docs man %q: %w", args[0], config.FileError(err))
			}
			return writeManPages(cmd.Root(), args[0])
		},
	})
	return cmd
}

func writeManPages(cmd *cobra.Command, dir string) error {
	name, page := manPage(cmd)
	if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(page), 0o666); err != nil {
		return &wire.OutputError{Err: fmt.Errorf("docs man: %w", err)}
	}
	for _, c := range cmd.Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		if err := writeManPages(c, dir); err != nil {
			return err
		}
	}
	return nil
}
