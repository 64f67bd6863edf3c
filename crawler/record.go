package crawler

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse"
	"github.com/trawl-crawler/trawl/parse/link"
)

// newRecord has what a record says of the URL's way here.
func newRecord(j *frontier.Job, outcome output.Outcome) *output.Record {
	return &output.Record{
		URL:     j.URL.String(),
		Outcome: outcome,
		Depth:   j.Depth,
		Via:     j.Via.String(),
		Seed:    j.Seed.String(),
		Bytes:   -1,
	}
}

func pageRecord(j *frontier.Job, p *fetch.Page, found *parse.Result) *output.Record {
	r := newRecord(j, output.Fetched)
	r.Attempts = j.Attempts + 1
	fill(r, p, found)
	return r
}

// fill has what a record says of a response.
func fill(r *output.Record, p *fetch.Page, found *parse.Result) {
	r.Status = p.Status
	r.FetchedAt, r.Elapsed = p.FetchedAt, p.Elapsed
	r.IP, r.Protocol = p.IP, p.Protocol
	r.ContentType = fetch.ContentType(p.Header)
	r.Bytes, r.Truncated = p.Length, p.Truncated
	r.Over(cutAt(p, found)...)
	r.ETag, r.LastModified = p.Header.Get("Etag"), p.Header.Get("Last-Modified")
	if len(p.Body) > 0 {
		sum := sha256.Sum256(p.Body)
		var text [2 * sha256.Size]byte
		hex.Encode(text[:], sum[:])
		r.SHA256 = string(text[:])
	}
	if found.Charset.Name != "" {
		r.Charset, r.CharsetFrom = found.Charset.Name, found.Charset.Source.String()
		r.Links = []link.Link{} // it was looked for links, also when it has none
	}
	r.Title, r.Description, r.Lang = found.Title, found.Description, found.Lang
	r.Canonical = found.Canonical.String()
	r.Robots = found.Robots.String()
	if len(found.Links) > 0 {
		r.Links = found.Links
	}
	if v := p.Robots; v != nil && !v.Allowed {
		r.RobotsTxt = fmt.Sprintf("%s (line %d)", v.Rule, v.Line)
	}
}

// cutAt names the bounds at which something of a page was cut.
func cutAt(p *fetch.Page, found *parse.Result) (words []string) {
	if p.Truncated {
		words = append(words, string(cmp.Or(p.Limit, fetch.LimitBody)))
	}
	if found.Limited {
		words = append(words, "links")
	}
	if found.TextCut {
		words = append(words, "text")
	}
	if p.CookiesRefused > 0 {
		words = append(words, "cookies")
	}
	return words
}

// errorRecord is a failed record, or a skipped one when the failure is a rule.
func errorRecord(j *frontier.Job, err *fetch.Error) *output.Record {
	if err.Kind == fetch.KindRobots {
		r := newRecord(j, output.Skipped)
		r.Skip = &output.Skip{Rule: "robots", Detail: err.Rule}
		if err.Line > 0 {
			r.Skip.Detail = fmt.Sprintf("%s (line %d)", err.Rule, err.Line)
		}
		return r
	}
	r := newRecord(j, output.Failed)
	r.Attempts = j.Attempts
	if err.Kind != fetch.KindGivenUp {
		r.Attempts++
	}
	r.Error = &output.Error{Kind: string(err.Kind), Message: err.Message()}
	if limit, ok := errors.AsType[fetch.Limit](err); ok {
		r.Limits = []string{string(limit)}
	}
	return r
}

func skippedRecord(row *frontier.Row) *output.Record {
	r := newRecord(&row.Job, output.Skipped)
	r.Skip = &output.Skip{Rule: row.Skip.Rule, Detail: row.Skip.Detail}
	return r
}
