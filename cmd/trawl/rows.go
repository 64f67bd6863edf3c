package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
)

// rowJSON is a URL of a state directory, as explain --json and export print it.
type rowJSON struct {
	URL       string    `json:"url"`
	Outcome   string    `json:"outcome"`
	Kind      string    `json:"kind"`
	At        time.Time `json:"at,omitzero"`
	Status    int       `json:"status,omitzero"`
	Depth     int       `json:"depth"`
	Via       string    `json:"via,omitzero"`
	Link      string    `json:"link,omitzero"` // as it stands on via
	Seed      string    `json:"seed,omitzero"`
	Linked    int       `json:"linked_from"` // so many pages, or frontier.MaxLinks and more
	Redirects int       `json:"redirects,omitzero"`
	To        string    `json:"redirect_to,omitzero"`
	Attempts  int       `json:"attempts,omitzero"`
	Trouble   []string  `json:"failed_attempts,omitempty"`
	Error     *errJSON  `json:"error,omitzero"`
	Skip      *skipJSON `json:"skip,omitzero"`
	VisitedAt time.Time `json:"visited_at,omitzero"`
	ChangedAt time.Time `json:"changed_at,omitzero"`
	Gone      bool      `json:"gone,omitzero"`
	Due       string    `json:"due,omitzero"` // a time, or "next run"; none beyond the latest --depth
}

type errJSON struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

type skipJSON struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
	Final  bool   `json:"final"`
	Copy   string `json:"robots_hash,omitzero"`
}

func kindName(k frontier.Kind) string { return [...]string{"page", "asset", "sitemap"}[k] }

func newRow(r *frontier.Row, links int, latest *statedir.Latest) rowJSON {
	j := &r.Job
	row := rowJSON{
		URL: j.URL.String(), Outcome: r.Outcome.String(), Kind: kindName(j.Kind), At: r.At, Status: r.Status,
		Depth: j.Depth, Via: j.Via.String(), Link: j.Raw, Seed: j.Seed.String(), Redirects: j.Redirects, Attempts: j.Attempts,
		To: r.To.String(), Linked: links,
	}
	if j.Trouble != "" {
		row.Trouble = strings.Split(j.Trouble, "\n")
	}
	visit := r.Visit
	if r.Outcome == frontier.Pending && j.Last != nil {
		visit = *j.Last
	}
	row.VisitedAt, row.ChangedAt, row.Gone = visit.At, visit.ChangedAt, visit.Gone
	switch r.Outcome {
	case frontier.Fetched:
		row.Attempts++
		row.Due = due(j, &visit, latest)
	case frontier.Failed:
		row.Attempts++
		row.Due = due(j, &visit, latest)
		row.Error = &errJSON{r.Error, r.Message}
	case frontier.Skipped:
		row.Skip = &skipJSON{r.Skip.Rule, r.Skip.Detail, r.Skip.Final, r.Skip.Copy}
	}
	return row
}

const nextRun = "next run"

// due is when a URL is visited again, if the next run is like the latest one.
func due(j *frontier.Job, v *recrawl.Visit, latest *statedir.Latest) string {
	follow, p := crawler.Follow{Depth: latest.Depth}, &latest.Policy
	switch {
	case !follow.Reaches(j):
		return ""
	case j.Kind == frontier.Sitemap, p.Due(v, time.Now(), time.Time{}):
		return nextRun
	}
	return p.Next(v).UTC().Format(time.RFC3339)
}

// rowFields are the names of rowJSON's members.
func rowFields() (names []string) {
	full := rowJSON{
		At: time.Unix(1, 0), Status: 1, Via: "-", Link: "-", Seed: "-", Redirects: 1, To: "-", Attempts: 1, Trouble: []string{""}, Error: &errJSON{}, Skip: &skipJSON{},
		VisitedAt: time.Unix(1, 0), ChangedAt: time.Unix(1, 0), Gone: true, Due: "-",
	}
	members := membersOf(full)
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func membersOf(row rowJSON) map[string]json.RawMessage {
	text, err := json.Marshal(row)
	var members map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	if err != nil {
		panic(err) // texts, times and numbers always have a JSON form
	}
	return members
}

// writeRow prints a row as one line of JSON, with these fields alone if any
// are named.
func writeRow(w io.Writer, row rowJSON, fields []string) error {
	if len(fields) == 0 {
		return writeJSON(w, row)
	}
	var parts []string
	members := membersOf(row)
	for _, name := range fields {
		if text, ok := members[name]; ok {
			parts = append(parts, fmt.Sprintf("%q:%s", name, text))
		}
	}
	_, err := fmt.Fprintf(w, "{%s}\n", strings.Join(parts, ","))
	return err
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// words splits a list of words and refuses those that are not allowed.
func words(flag, list string, allowed []string) (all []string, _ error) {
	if list == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimSpace(word)
		if !slices.Contains(allowed, word) {
			return nil, usage("--%s %q: unknown %q%s; allowed are %s", flag, list, word,
				config.DidYouMean(word, allowed), strings.Join(allowed, ", "))
		}
		all = append(all, word)
	}
	return all, nil
}

// looked closes a directory and marks all errors as the state's.
func looked(d *statedir.Dir, err error) error {
	if d != nil {
		if end := d.Close(); err == nil {
			err = end
		}
	}
	if err == nil {
		return nil
	}
	return &wire.StateError{Err: err}
}
