package crawler

import (
	"fmt"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// admit is the list of rules that a URL must pass to become a job. A rule is
// final when it looks at nothing but the URL and is the same in every run; the
// others may decide differently when the URL is found again, nearer to a seed or
// by a followed link, or by another --traps or recipe.
func (c *crawl) admit(f *frontier.Candidate) *frontier.Skip {
	job := &f.Job
	switch {
	case job.Redirects > c.Follow.Redirects:
		return &frontier.Skip{Rule: "redirects", Detail: fmt.Sprintf("more than %d in a row", c.Follow.Redirects)}
	case job.Kind == frontier.Sitemap:
		return c.sitemaps.admit(job.Seed.Host(), c.Limits.Sitemaps)
	case c.Extract.Skips(job.URL):
		return &frontier.Skip{Rule: "recipe", Detail: "skip"}
	}
	judge := c.Scope.Decide
	if job.Kind == frontier.Asset {
		judge = c.Scope.Matches // one hop beyond the scope
	}
	if v := judge(job.URL); !v.In {
		// With assets, what is out of scope as a page may be wanted by one; and a
		// seed that moves to it later takes the scope along.
		final := !c.Follow.Assets && !v.Near || v.Rule == "exclude"
		return &frontier.Skip{Rule: v.Rule, Detail: v.Detail, Final: final}
	}
	switch {
	case c.Follow.Depth >= 0 && job.Depth > c.Follow.Depth:
		return &frontier.Skip{Rule: "depth", Detail: fmt.Sprintf("%s from its seed, the limit is %d", links(job.Depth), c.Follow.Depth)}
	case f.NoFollow && c.Robots.Mode == RobotsObey:
		return &frontier.Skip{Rule: "nofollow", Detail: job.Via.String()}
	}
	return c.trapped(job)
}

func links(n int) string {
	if n == 1 {
		return "1 link"
	}
	return fmt.Sprintf("%d links", n)
}
