package main

import (
	"github.com/spf13/cobra"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/scope"
)

func fetchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fetch URL…",
		Short: "Fetch these URLs and follow nothing but redirects",
		Long: `Fetch the given URLs, many at once, and print one JSON object for each: the
same records as crawl's. No link is followed. Redirects are, wherever they lead,
each hop a record of its own; --max-redirects 0 follows none.`,
		Example: `  trawl fetch https://example.org/ https://example.org/about
  trawl fetch --fields url,status,redirect_to < urls.txt`,
		Annotations:       map[string]string{isCrawl: "yes"},
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	set := newSettings(cmd, func(s *config.Set) { s.BindFetch(cmd.Flags()) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return crawl(cmd.Context(), set, args, func(s *config.Settings) {
			// Whatever a file or variable says of crawls.
			s.Reach = config.Reach{
				Inputs:   s.Reach.Inputs,
				Scope:    scope.Any,
				Sitemaps: crawler.Sitemaps{Mode: crawler.SitemapOff},
			}
			s.State, s.Revisit = config.State{SyncEvery: s.State.SyncEvery}, config.Revisit{}
		})
	}
	return cmd
}
