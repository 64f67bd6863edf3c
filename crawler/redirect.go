package crawler

import (
	"net/http"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// again has a page asked for once more that redirects to itself and sets a
// cookie: with the cookie, as browsers have it, it may be another. The hops
// count as those of any redirect.
func (c *crawl) again(r *result) bool {
	job, page := &r.lease.Job, r.page
	target, ok := redirectTarget(page)
	if !ok || target != job.URL || len(page.Header["Set-Cookie"]) == 0 || job.Redirects >= c.Follow.Redirects {
		return false
	}
	job.Redirects++
	r.done = frontier.Done{Outcome: frontier.Pending}
	return true
}

// hop is the job for a redirect's target: as deep as the job that led there,
// judged by the same rules as any link. When a seed moves within its own
// registrable domain (example.org to www.example.org), the scope moves along.
// Redirects that set a cookie and come back to where they began have passed a
// wall: the page is asked for again, with the cookie, as browsers do.
func (c *crawl) hop(job *frontier.Job, page *fetch.Page, target weburl.URL) []frontier.Candidate {
	target = c.Follow.Query.Apply(target)
	chain := extended(job, page)
	if chain != nil && target == chain.First.URL && chain.Cookies && job.Redirects < c.Follow.Redirects {
		back := chain.First
		back.Redirects = job.Redirects + 1
		return []frontier.Candidate{{Job: back, Again: true}}
	}
	c.warnOfWall(job, page, target)
	if job.Kind == frontier.Page && job.Depth == 0 && scope.Akin(job.URL, target) {
		c.widen(target, job.Seed)
	}
	next := *job
	next.URL, next.Via, next.Redirects, next.Chain = target, job.URL, job.Redirects+1, chain
	next.Raw, next.Attempts, next.Trouble, next.Last = "", 0, "", nil
	return []frontier.Candidate{{Job: next}}
}

// extended is the chain of redirects that a job was led by, with its own. A page
// that refreshes is none: it was had, and many refresh to themselves.
func extended(job *frontier.Job, page *fetch.Page) *frontier.Chain {
	if page.Status/100 != 3 {
		return nil
	}
	chain := frontier.Chain{First: *job}
	if job.Chain != nil {
		chain = *job.Chain
	}
	chain.Cookies = chain.Cookies || len(page.Header["Set-Cookie"]) > 0
	return &chain
}

// warnOfWall says what became of a page that leads to one which sets a cookie
// and leads back, in a later run: both are visited there as pages of their own.
func (c *crawl) warnOfWall(job *frontier.Job, page *fetch.Page, target weburl.URL) {
	if page.Status/100 == 3 && job.Chain == nil && job.Redirects > 0 && (target == job.Via || target == job.Seed) && len(page.Header["Set-Cookie"]) > 0 {
		c.Events.warning("a page redirects in a circle that sets a cookie: with it the next run may come through, by --cookie-jar FILE in both",
			"url", target.String(), "over", job.URL.String())
	}
}

// redirectTarget is where a response sends its reader (RFC 9110 §15.4).
func redirectTarget(p *fetch.Page) (weburl.URL, bool) {
	switch p.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return weburl.URL{}, false
	}
	return p.Location()
}
