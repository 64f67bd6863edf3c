package article

import (
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/parse/internal/zone"
)

// firstDate is the first of values that is a date, in RFC 3339.
func firstDate(values ...string) string {
	for _, value := range values {
		if t, ok := parseDate(value); ok {
			return t.Format(time.RFC3339)
		}
	}
	return ""
}

// layouts are those that pages give dates to machines in, and the ones people
// write that can be read in one way only.
var layouts = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 Z0700", "2006-01-02 15:04:05", "2006-01-02 15:04",
	time.DateOnly, "2006/01/02", "2006/1/2", "20060102", "2006-01", "2006",
	"January 2, 2006", "Jan 2, 2006", "Jan. 2, 2006", "2 January 2006", "2 Jan 2006", "02.01.2006", "2.1.2006",
}

// parseDate reads a date; without a zone it is taken as UTC.
func parseDate(s string) (time.Time, bool) {
	const longest = 64
	s = strings.TrimSpace(s)
	if s == "" || len(s) > longest {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if t, err := zone.Parse(layout, s); err == nil {
			return t, plausible(t)
		}
	}
	if t, err := zone.Mail(s); err == nil {
		return t, plausible(t)
	}
	return time.Time{}, false
}

// plausible keeps out the zero dates of databases, and years that RFC 3339 has no digits for.
func plausible(t time.Time) bool { return t.Year() > 1000 && t.Year() < 10000 }
