package config

import (
	"net/url"
	"strings"
)

const hidden = "(hidden)"

// nothing of a value may be shown.
func nothing(string) string { return hidden }

// headerName is a header line without its value.
func headerName(line string) string {
	name, _, ok := strings.Cut(line, ":")
	if !ok {
		return hidden // it may be the value that somebody forgot the name of
	}
	return name + ": " + hidden
}

// withoutUserinfo is a URL without its name and password. One that cannot be
// read might have them anywhere.
func withoutUserinfo(raw string) string {
	if !strings.Contains(raw, "@") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return hidden
	}
	return u.Scheme + "://" + hidden + "@" + u.Host
}

// shown is a value as it may be seen.
func (row setting) shown(text string) string {
	if row.public == nil || text == "" {
		return text
	}
	return row.public(text)
}

// maxQuoted is how much of a value an error quotes.
const maxQuoted = 120

// quotable is a value as an error may quote it.
func (row setting) quotable(text string) string {
	if text = row.shown(text); len(text) > maxQuoted {
		return strings.ToValidUTF8(text[:maxQuoted], "") + "…"
	}
	return text
}
