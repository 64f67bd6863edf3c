package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/progress"
	"github.com/trawl-crawler/trawl/crawler"
)

// judge is the exit code of a crawl in which nothing broke, and why it is that.
func judge(ctx context.Context, s *crawler.Summary, on config.FailOn) verdict {
	sig, stopped := errors.AsType[signalError](context.Cause(ctx))
	seeds := s.Seeds
	thin := thin(s.Data, on.Fill, s.Session != nil && s.Session.Number > 1)
	switch {
	case s.Finish == readerGone:
		return verdict{}
	case s.Finish == "interrupted" && stopped:
		return verdict{code: 128 + int(sig.Signal)} // whoever sent the signal knows why
	case on.Kind == "none":
		return verdict{}
	case thin != "":
		return verdict{exitExceeded, thin}
	case on.Kind == "any" && s.Broken > 0, on.Kind == "rate" && share(s) > on.Share:
		return verdict{exitExceeded, fmt.Sprintf("--fail-on %s: %d of %d pages failed or have a status of 400 and above", on, s.Broken, s.Visited())}
	case seeds.Given > 0 && seeds.Denied >= seeds.Given:
		return verdict{exitDenied, "robots.txt denies all seeds"}
	case on.Kind == "seeds" && seeds.Given > 0 && seeds.Failed+seeds.Denied >= seeds.Given:
		return verdict{exitSeeds, fmt.Sprintf("every seed failed: %s", seeds.Why)}
	}
	return verdict{}
}

// share is of the pages that are broken: a quotient, as the limit is one, so that
// both are the same number where they say the same.
func share(s *crawler.Summary) float64 {
	return float64(s.Broken) / float64(max(1, s.Visited()))
}

// thin says which field was found less often than it should be. One that no
// page was asked for was found nowhere; but for a later run, whose pages may all
// be as they were, or not be due.
func thin(data *crawler.Harvested, limits []config.FillLimit, later bool) string {
	for _, l := range limits {
		if share := data.Share(l.Field, later); share < l.Share {
			return fmt.Sprintf("--fail-on %s: found on %.1f%%", l.Text, progress.Percent(share, 1))
		}
	}
	return ""
}
