package crawler

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// judge compares an observation with the last visit: what changed is for the
// record, what is to be compared with next time for the frontier.
func (c *crawl) judge(job *frontier.Job, o recrawl.Observation) (string, recrawl.Visit) {
	if c.Again.Notes == nil {
		return "", recrawl.Visit{}
	}
	var last recrawl.Visit
	if job.Last != nil {
		last = *job.Last
	}
	if o.Status == 0 && last == (recrawl.Visit{}) && job.Key.Seq <= c.run().LastKey {
		// robots.txt kept it out of earlier runs: that it, or robots.txt, cannot
		// be had now is no news of it.
		return string(recrawl.Unchanged), last
	}
	change, visit := c.Again.Policy.Judge(last, o)
	return string(change), visit
}

// changed tells whether a record is news.
func changed(r *output.Record) bool {
	return r.Change != "" && r.Change != string(recrawl.Unchanged)
}

// observe is what a page gives to compare with the next visit's, the sum of its
// text among it.
func (c *crawl) observe(p *fetch.Page, text uint64) recrawl.Observation {
	if c.Again.Notes == nil {
		return recrawl.Observation{} // nobody will compare
	}
	return recrawl.Observation{
		At:           p.FetchedAt,
		Status:       p.Status,
		ETag:         validator(p.Header.Get("Etag")),
		LastModified: validator(p.Header.Get("Last-Modified")),
		Body:         bodySum(p),
		Text:         text,
		Plan:         c.plan,
	}
}

// bodySum tells a body from another. Of one that was not downloaded, a PDF or an
// image, it goes by what the server says of it: when it was changed, else its
// ETag, which some make anew for each answer; and its length.
func bodySum(p *fetch.Page) uint64 {
	if p.Body != nil || p.Length == 0 || p.Status/100 != 2 {
		return xxh3.Hash(p.Body)
	}
	said := cmp.Or(p.Header.Get("Last-Modified"), strings.TrimPrefix(p.Header.Get("Etag"), "W/"))
	return xxh3.HashString(said + " " + strconv.FormatInt(p.Length, 10))
}

// addTarget adds where a page sends its reader: of a redirect that is all there
// is to compare, of a page that refreshes, to itself perhaps, it is a part.
func addTarget(o *recrawl.Observation, to weburl.URL) {
	fp := to.Fingerprint()
	if o.Status/100 == 3 {
		o.Body = fp
		return
	}
	o.Body ^= fp
	if o.Text != 0 { // else it is not known
		o.Text ^= fp
	}
}

// validator is what a server says of its copy, to be kept with the URL and told
// to it again. A header that may be 256 KiB long is more than a server reads.
func validator(text string) string {
	if len(text) > maxValidator {
		return ""
	}
	return text
}

const maxValidator = 1 << 10

// dataSum is of the fields and items that were taken from a page.
func (c *crawl) dataSum(r *result) uint64 {
	if c.Again.Notes == nil || c.Extract == nil || c.Extract.Fields == nil && !c.Extract.Items() {
		return 0
	}
	sum := xxh3.New()
	_, _ = sum.Write(r.record.Data) // it never fails
	for _, item := range r.items {
		_, _ = sum.WriteString(item.Recipe + "." + item.Item)
		_, _ = sum.Write(item.Data)
	}
	return max(1, sum.Sum64())
}
