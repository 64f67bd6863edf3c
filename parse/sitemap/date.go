package sitemap

import (
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/parse/internal/zone"
)

// parseTime reads a W3C date and time (https://www.w3.org/TR/NOTE-datetime) in each of its precisions, or the date of an
// RSS item (RFC 5322). It forgives what is common: a time without a zone, which is taken as UTC, a space for the T, a zone
// without its colon, after a space or as an abbreviation. The zero time means that there is none.
func parseTime(s string) time.Time {
	const longest = 64 // no date is longer; what is need not be tried
	if s == "" || len(s) > longest {
		return time.Time{}
	}
	if t, err := zone.Parse(w3cLayout(s), s); err == nil {
		return t.UTC()
	}
	if t, err := zone.Mail(s); err == nil {
		return t.UTC()
	}
	return time.Time{}
}

// w3cLayout is the layout that s has the shape of. A fraction of a second needs no place in it.
func w3cLayout(s string) string {
	switch len(s) {
	case len("2006"):
		return "2006"
	case len("2006-01"):
		return "2006-01"
	case len("2006-01-02"):
		return time.DateOnly
	}
	if len(s) < len("2006-01-02T15:04") {
		return time.DateOnly
	}
	layout := "2006-01-02T15:04"
	if s[len("2006-01-02")] == ' ' {
		layout = "2006-01-02 15:04"
	}
	clock := s[len(layout):]
	if strings.HasPrefix(clock, ":") {
		layout += ":05"
	}
	if at := strings.IndexAny(clock, " Z+-"); at >= 0 {
		layout += zoneLayout(clock[at:])
	}
	return layout
}

func zoneLayout(zone string) string {
	name, spaced := strings.CutPrefix(zone, " ")
	switch {
	case spaced && strings.ContainsAny(name, "+-"):
		return " " + zoneLayout(name)
	case spaced:
		return " MST"
	case len(zone) == len("+00"):
		return "Z07"
	case len(zone) == len("+0000"):
		return "Z0700"
	}
	return "Z07:00"
}
