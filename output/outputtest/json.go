package outputtest

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/trawl-crawler/trawl/output"
)

// document is a record as encoding/json sees it: the oracle of the encoder
// written by hand.
type document struct {
	URL          string         `json:"url,omitzero"`
	Outcome      output.Outcome `json:"outcome,omitzero"`
	Type         string         `json:"type,omitzero"`
	Recipe       string         `json:"recipe,omitzero"`
	Item         string         `json:"item,omitzero"`
	Status       int            `json:"status,omitzero"`
	Depth        *int           `json:"depth,omitzero"`
	Via          string         `json:"via,omitzero"`
	Seed         string         `json:"seed,omitzero"`
	RedirectTo   string         `json:"redirect_to,omitzero"`
	FetchedAt    string         `json:"fetched_at,omitzero"`
	ElapsedMS    *int64         `json:"elapsed_ms,omitzero"`
	Attempts     int            `json:"attempts,omitzero"`
	IP           string         `json:"ip,omitzero"`
	Protocol     string         `json:"protocol,omitzero"`
	ContentType  string         `json:"content_type,omitzero"`
	Charset      string         `json:"charset,omitzero"`
	CharsetFrom  string         `json:"charset_source,omitzero"`
	Bytes        *int64         `json:"bytes,omitzero"`
	Truncated    bool           `json:"truncated,omitzero"`
	Limits       []string       `json:"limits,omitzero"`
	SHA256       string         `json:"sha256,omitzero"`
	ETag         string         `json:"etag,omitzero"`
	LastModified string         `json:"last_modified,omitzero"`
	Title        string         `json:"title,omitzero"`
	Description  string         `json:"description,omitzero"`
	Canonical    string         `json:"canonical,omitzero"`
	Lang         string         `json:"lang,omitzero"`
	Robots       string         `json:"robots,omitzero"`
	RobotsTxt    string         `json:"robots_txt,omitzero"`
	Change       string         `json:"change,omitzero"`
	Links        []string       `json:"links,omitzero"`
	Data         rawJSON        `json:"data,omitzero"`
	Structured   rawJSON        `json:"structured,omitzero"`
	Article      rawJSON        `json:"article,omitzero"`
	Text         string         `json:"text,omitzero"`
	Markdown     string         `json:"markdown,omitzero"`
	HTML         string         `json:"html,omitzero"`
	Headers      rawJSON        `json:"headers,omitzero"`
	Errors       rawJSON        `json:"errors,omitzero"`
	Error        *failure       `json:"error,omitzero"`
	Skip         *skip          `json:"skip,omitzero"`
}

type rawJSON = json.RawMessage

type failure struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

type skip struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
}

const milliseconds = "2006-01-02T15:04:05.000Z"

// Encode writes r with encoding/json: what AppendJSON must agree with, member
// by member, though not in how it escapes.
func Encode(r *output.Record) ([]byte, error) {
	d := document{
		URL: r.URL, Outcome: r.Outcome, Type: r.Type, Recipe: r.Recipe, Item: r.Item, Status: r.Status, Via: r.Via, Seed: r.Seed,
		Data: r.Data, Structured: r.Structured, Article: r.Article, Errors: r.Errors,
		Text: r.Text, Markdown: r.Markdown, HTML: r.HTML, Headers: r.Headers,
		RedirectTo: r.RedirectTo, Attempts: r.Attempts, IP: r.IP, Protocol: r.Protocol,
		ContentType: r.ContentType, Charset: r.Charset, CharsetFrom: r.CharsetFrom,
		Truncated: r.Truncated, SHA256: r.SHA256, ETag: r.ETag, LastModified: r.LastModified,
		Title: r.Title, Description: r.Description, Canonical: r.Canonical, Lang: r.Lang,
		Robots: r.Robots, RobotsTxt: r.RobotsTxt, Change: r.Change, Error: (*failure)(r.Error), Skip: (*skip)(r.Skip),
	}
	if r.Type != output.TypeItem {
		d.Depth = new(r.Depth)
	}
	if !r.FetchedAt.IsZero() {
		d.FetchedAt = r.FetchedAt.UTC().Format(milliseconds)
	}
	fetched := r.Outcome == output.Fetched
	if r.Type != output.TypeItem && (r.Elapsed > 0 || fetched) {
		d.ElapsedMS = new(max(r.Elapsed, 0).Milliseconds())
	}
	if r.Bytes > 0 || r.Bytes == 0 && fetched {
		d.Bytes = new(r.Bytes)
	}
	if r.Links != nil {
		d.Links = make([]string, len(r.Links))
		for i, l := range r.Links {
			d.Links[i] = l.URL.String()
		}
	}
	return json.Marshal(&d)
}

// Decode is [output.Decode] for a record that AppendJSON wrote: a member that
// it does not know is an error.
func Decode(line []byte) (output.Record, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(new(document)); err != nil {
		return output.Record{}, fmt.Errorf("record %q: %w", line, err)
	}
	return output.Decode(line)
}
