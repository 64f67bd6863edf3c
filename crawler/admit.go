package crawler

import (
	"fmt"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// ruleDepth is the skip rule of what is further from its seed than the crawl goes.
const ruleDepth = "depth"

// admit is the list of rules that a URL must pass to become a job. A rule is
// final when it looks at nothing but the URL and is the same in every run; the
// others may decide differently when the URL is found again, nearer to a seed or
// by a followed link, or by another --traps or recipe.
func (c *crawl) admit(f *frontier.Candidate) *frontier.Skip {
	job := &f.Job
	switch {
	case job.Redirects > c.hops(job):
		return &frontier.Skip{Rule: "redirects", Detail: fmt.Sprintf("more than %d in a row", c.hops(job))}
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
	case !c.Follow.Reaches(job):
		return c.deeper(job)
	case f.NoFollow && c.Robots.Mode == RobotsObey:
		return &frontier.Skip{Rule: "nofollow", Detail: job.Via.String()}
	}
	return c.trapped(job)
}

// hops are how many may lead to a job: redirects, and to a sitemap the indexes
// that name it, whatever is said of pages. A crawl that follows no redirects,
// to see them, is to have what the site's index lists all the same.
func (c *crawl) hops(job *frontier.Job) int {
	if job.Kind == frontier.Sitemap {
		return sitemapHops
	}
	return c.Follow.Redirects
}

const sitemapHops = 10

// keptOut tells whether a rule keeps out a job that has waited: what it is for
// was parked meanwhile, or was found by a run that went deeper. A page that was
// had in an earlier run is visited again: it may be of the site beside a space
// that was parked, and the guard, which begins anew in each run, cannot tell.
func (c *crawl) keptOut(job *frontier.Job) *frontier.Skip {
	switch {
	case job.Last != nil:
		return nil
	case !c.Follow.Reaches(job):
		return c.deeper(job)
	}
	return c.parkedSince(job)
}

func (c *crawl) deeper(job *frontier.Job) *frontier.Skip {
	return &frontier.Skip{Rule: ruleDepth, Detail: fmt.Sprintf("%s from its seed, the limit is %d", links(job.Depth), c.Follow.Depth)}
}

func links(n int) string {
	if n == 1 {
		return "1 link"
	}
	return fmt.Sprintf("%d links", n)
}
