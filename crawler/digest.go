package crawler

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/simhash"
	"github.com/trawl-crawler/trawl/parse/sitemap"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// result is what one visit comes to: a record for the sink, and an end of the
// lease for the frontier. Record is nil while the job will be tried again, and
// for sitemaps.
type result struct {
	lease  *frontier.Lease
	record *output.Record
	items  []*output.Record // found on the page
	found  extract.Harvest  // for the counts
	done   frontier.Done
	page   *fetch.Page
	size   int64 // of the page's body, which is given back
}

// digest decides what becomes of a visit.
func (c *crawl) digest(ctx context.Context, parser *parse.Parser, v visit) *result {
	job := &v.lease.Job
	r := &result{lease: v.lease, page: v.page}
	if v.page != nil {
		r.size = int64(len(v.page.Body))
	}
	if v.again() && job.Attempts < c.Retry.Max {
		job.Attempts++
		job.Trouble = trouble(job.Trouble, &v)
		c.Events.failed(*job, v.err, true)
		// What the server asked for is the queue's: it pauses the host, and knows
		// how long is too long. A job that waited by itself could wait a day.
		r.done = frontier.Done{Retry: frontier.Backoff(c.Retry.Wait, job.Attempts-1)}
		return r
	}
	switch {
	case v.skip != nil:
		r.record = newRecord(job, output.Skipped)
		r.record.Skip = &output.Skip{Rule: v.skip.Rule, Detail: v.skip.Detail}
		r.done = skippedJob(job, *v.skip)
	case v.err != nil:
		c.digestError(r, v.err)
	case job.Kind == frontier.Sitemap:
		c.digestSitemap(r)
	default:
		c.digestPage(ctx, parser, r)
	}
	return r
}

// skippedJob is the end of a job that a rule keeps out. It is final: found again,
// it would be another job of the same URL. What an earlier run saw of the page is
// what the next one that is let in compares with.
func skippedJob(job *frontier.Job, skip frontier.Skip) frontier.Done {
	skip.Final = true
	done := frontier.Done{Outcome: frontier.Skipped, Skip: skip}
	if job.Last != nil {
		done.Visit = *job.Last
	}
	return done
}

// maxTrouble tries are remembered, the first and the last ones: each is written
// with the job, which is written anew after each try.
const maxTrouble = 10

// trouble adds a try that came to nothing to those before it.
func trouble(before string, v *visit) string {
	var tries []string
	if before != "" {
		tries = strings.Split(before, "\n")
	}
	what, words := "", ""
	if v.err != nil {
		what, words = string(v.err.Kind), strings.ReplaceAll(v.err.Message(), "\n", " ")
	} else {
		what, words = strconv.Itoa(v.page.Status), http.StatusText(v.page.Status)
	}
	tries = append(tries, time.Now().UTC().Format(time.RFC3339)+" "+what+" "+words)
	if over := len(tries) - maxTrouble; over > 0 {
		tries = slices.Delete(tries, 1, 1+over)
	}
	return strings.Join(tries, "\n")
}

func (c *crawl) digestError(r *result, err *fetch.Error) {
	job := &r.lease.Job
	r.record = errorRecord(job, err)
	if r.record.Skip != nil {
		r.done = skippedJob(job, frontier.Skip{Rule: r.record.Skip.Rule, Detail: r.record.Skip.Detail, Copy: err.Copy})
	} else {
		c.Events.failed(*job, err, false)
		r.done = frontier.Done{Outcome: frontier.Failed, Error: string(err.Kind), Message: err.Message()}
		r.record.Change, r.done.Visit = c.judge(job, recrawl.Observation{At: time.Now()})
	}
	if job.Kind == frontier.Sitemap {
		r.record = nil
		c.missSitemap(job, "err", err)
	}
}

// digestSitemap reads a sitemap's entries. A sitemap that is missing or broken
// costs the crawl nothing but its entries.
func (c *crawl) digestSitemap(r *result) {
	job, page := &r.lease.Job, r.page
	r.done = frontier.Done{Outcome: frontier.Fetched, Status: page.Status}
	_, r.done.Visit = c.judge(job, c.observe(page, 0))
	if target, ok := redirectTarget(page); ok {
		r.done.More, r.done.To = c.hop(job, page, target), target
		return
	}
	switch page.Status {
	case http.StatusOK:
	case http.StatusNotModified: // its entries are known since the run that it was had in
		return
	default:
		c.missSitemap(job, "status", page.Status)
		return
	}
	foreign := 0
	err := sitemap.Parse(page.Body, func(e sitemap.Entry) bool {
		u, err := page.URL.Resolve(e.Loc) // feeds have relative ones, and so do sitemaps that should not
		switch {
		case err != nil:
		case e.Index && !c.indexes(page.URL, u):
			foreign++
		default:
			next := c.entryJob(job, u, e.Index)
			if !e.Index {
				c.heed(next.URL, e.LastMod)
			}
			r.done.More = append(r.done.More, frontier.Candidate{Job: next})
		}
		return true
	})
	c.warnOfSitemap(job, foreign, len(r.done.More), err)
}

func (c *crawl) digestPage(ctx context.Context, parser *parse.Parser, r *result) {
	job, page := &r.lease.Job, r.page
	if c.again(r) {
		return
	}
	found, err := parser.Parse(inputOf(page))
	if err != nil {
		c.Events.warning("page not parsed", "url", job.URL.String(), "err", err)
	}
	title := trap.TitleHash(found.Title)
	guard := c.guards(job) && c.traps.Attends(job.URL, page.Status, title)
	hash, exact := c.sums(page, found.Text, guard)
	if guard {
		c.learnTraps(job, trap.Observation{Status: page.Status, Simhash: hash, Title: title})
	}
	r.record = pageRecord(job, page, &found)
	r.done = frontier.Done{Outcome: frontier.Fetched, Status: page.Status}
	seen := c.observe(page, exact)
	target, ok := redirectTarget(page)
	if !ok && !found.Refresh.IsZero() {
		target, ok = found.Refresh, true
	}
	if ok {
		r.record.RedirectTo, r.done.To = target.String(), target
		r.done.More = c.hop(job, page, target)
		addTarget(&seen, target)
		if most := c.Follow.Redirects; most > 0 && job.Redirects >= most { // of none, nobody expects one
			r.record.Over("redirects")
		}
	}
	if page.Status/100 == 2 && job.Kind == frontier.Page {
		c.extract(ctx, r, &found)
		seen.Data = c.dataSum(r)
	}
	r.record.Change, r.done.Visit = c.judge(job, seen)
	for _, item := range r.items {
		item.Change = r.record.Change
	}
	if page.Status/100 == 2 && c.leads(job, page) {
		r.done.Links = c.follow(targets(c.Extract, &r.found, found.Links), found.Robots.NoFollow && c.Robots.Mode == RobotsObey)
	}
}

// sums reads a page's text once for both that may want to know it again: the
// guard of endless spaces, and the next visit.
func (c *crawl) sums(page *fetch.Page, text []byte, guard bool) (hash, exact uint64) {
	if text == nil { // it could not be decoded
		text = page.Body
	}
	compares := c.Again.Notes != nil
	switch {
	case !parse.IsHTML(page.MediaType):
		if guard {
			hash = trap.BytesHash(page.Body)
		}
	case compares && guard:
		return trap.TextSums(text)
	case compares:
		exact = simhash.Exact(text)
	case guard:
		hash = trap.TextHash(text)
	}
	return hash, exact
}

// extract takes data from the page.
func (c *crawl) extract(ctx context.Context, r *result, found *parse.Result) {
	h, err := harvest(ctx, c.Extract, r.page, found)
	if err != nil {
		c.Events.warning("data not taken from page", "url", r.record.URL, "err", err)
	}
	r.items, r.found = records(r.record, &h), h
}

// leads tells whether a page's links are followed: a page's are, and those of
// a style sheet to what it imports.
func (c *crawl) leads(job *frontier.Job, page *fetch.Page) bool {
	if job.Kind == frontier.Asset {
		return parse.IsCSS(page.MediaType)
	}
	return c.Sitemaps.Mode != SitemapOnly
}

// follow prepares a page's links for the frontier, which counts how many pages
// have a link: those that are the same without their query come once. The record
// keeps them as the page has them.
func (c *crawl) follow(links []link.Link, nofollow bool) []link.Link {
	if !nofollow && c.Follow.Query == nil {
		return links
	}
	type target struct {
		url      weburl.URL
		nofollow bool // may be skipped where the other is not
	}
	had := make(map[target]bool, len(links))
	prepared := make([]link.Link, 0, len(links))
	for _, l := range links {
		l.URL = c.Follow.Query.Apply(l.URL)
		l.NoFollow = l.NoFollow || nofollow
		if to := (target{l.URL, l.NoFollow}); !had[to] {
			had[to] = true
			prepared = append(prepared, l)
		}
	}
	return prepared
}
