package output

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Decode reads a record that AppendJSON wrote. Members it does not know are
// left out, as a later version, or another program, may write them. What JSON
// does not hold is lost: fractions of a millisecond, and of a link all but its
// URL. An absent size reads as -1, save for a record that was never fetched,
// which has none.
func Decode(line []byte) (Record, error) {
	var d document
	if err := json.Unmarshal(line, &d); err != nil {
		return Record{}, fmt.Errorf("not a record: %w", err)
	}
	r := Record{
		URL: d.URL, Outcome: d.Outcome, Type: d.Type, Recipe: d.Recipe, Item: d.Item, Status: d.Status, Depth: d.Depth,
		Via: d.Via, Seed: d.Seed, RedirectTo: d.RedirectTo, FetchedAt: d.FetchedAt,
		Elapsed: time.Duration(d.ElapsedMS) * time.Millisecond, Attempts: d.Attempts, IP: d.IP, Protocol: d.Protocol,
		ContentType: d.ContentType, Charset: d.Charset, CharsetFrom: d.CharsetFrom,
		Truncated: d.Truncated, Limits: d.Limits, SHA256: d.SHA256, ETag: d.ETag, LastModified: d.LastModified,
		Title: d.Title, Description: d.Description, Canonical: d.Canonical, Lang: d.Lang,
		Robots: d.Robots, RobotsTxt: d.RobotsTxt, Change: d.Change, Error: d.Error, Skip: d.Skip,
		Data: d.Data, Structured: d.Structured, Article: d.Article, Errors: d.Errors,
		Text: d.Text, Markdown: d.Markdown, HTML: d.HTML, Headers: d.Headers,
	}
	switch {
	case d.Bytes != nil:
		r.Bytes = *d.Bytes
	case d.Outcome == Fetched:
		r.Bytes = -1
	}
	if d.Links != nil {
		r.Links = make([]link.Link, len(d.Links))
		for i, text := range d.Links {
			r.Links[i].URL = weburl.FromCanonical(text)
		}
	}
	return r, nil
}

// document has the members of a record's JSON.
type document struct {
	URL, Type, Recipe, Item, Via, Seed string
	Outcome                            Outcome
	Status, Depth, Attempts            int
	RedirectTo                         string    `json:"redirect_to"`
	FetchedAt                          time.Time `json:"fetched_at"`
	ElapsedMS                          int64     `json:"elapsed_ms"`
	IP, Protocol                       string
	ContentType                        string `json:"content_type"`
	Charset                            string
	CharsetFrom                        string `json:"charset_source"`
	Bytes                              *int64
	Truncated                          bool
	Limits                             []string
	SHA256, ETag                       string
	LastModified                       string `json:"last_modified"`
	Title, Description                 string
	Canonical, Lang, Robots            string
	RobotsTxt                          string `json:"robots_txt"`
	Change                             string
	Links                              []string
	Data, Structured, Article          json.RawMessage
	Text, Markdown, HTML               string
	Headers, Errors                    json.RawMessage
	Error                              *Error
	Skip                               *Skip
}
