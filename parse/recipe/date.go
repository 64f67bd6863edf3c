package recipe

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/timefmt-go"

	"github.com/trawl-crawler/trawl/parse/internal/zone"
)

// layout is how a date is written: a reference time of Go's ("2 January 2006"), directives of strftime ("%d.%m.%Y"), or
// the seconds or milliseconds since 1970.
type layout struct {
	text     string
	dateOnly bool
}

const (
	unixSeconds = "unix"
	unixMillis  = "unix_ms"
)

// sample is a time whose parts differ from each other, and from those of the time layouts are written for.
var sample = time.Date(2019, time.November, 23, 17, 48, 39, 0, time.UTC)

// parseLayout refuses what can write no year, or cannot read what it wrote: it was meant otherwise.
func parseLayout(text string) (layout, error) {
	l := layout{text: text}
	if text == unixSeconds || text == unixMillis {
		return l, nil
	}
	if err := checkLength(text); err != nil {
		return l, err
	}
	read, err := l.read(l.write(sample))
	if err != nil || read.Year() != sample.Year() || read.YearDay() != sample.YearDay() && read.Month() != time.January {
		return l, fmt.Errorf("%q is no layout of a date (allowed: 2 January 2006 written your way, %%d.%%m.%%Y, %s or %s)",
			text, unixSeconds, unixMillis)
	}
	l.dateOnly = l.write(sample) == l.write(sample.Truncate(24*time.Hour))
	return l, nil
}

func (l layout) write(t time.Time) string {
	if strings.Contains(l.text, "%") {
		return timefmt.Format(t, l.text)
	}
	return t.Format(l.text)
}

func (l layout) read(s string) (time.Time, error) {
	if strings.Contains(l.text, "%") {
		t, err := timefmt.ParseInLocation(s, l.text, time.UTC)
		if short := zone.September(s); err != nil && short != s {
			t, err = timefmt.ParseInLocation(short, l.text, time.UTC)
		}
		return zone.Fix(t), err
	}
	return zone.Parse(l.text, s)
}

// parse gives RFC 3339: a full-date (§5.6) when the layout has no time of day, else a date-time, in UTC when
// the text names no zone.
func (l layout) parse(s string) (string, bool) {
	var t time.Time
	switch l.text {
	case unixSeconds, unixMillis:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(f) || math.Abs(f) > maxUnix*1000 {
			return "", false
		}
		if l.text == unixSeconds {
			f *= 1000
		}
		t = time.UnixMilli(int64(f)).UTC()
	default:
		var err error
		if t, err = l.read(s); err != nil {
			return "", false
		}
	}
	if t.Year() < 0 || t.Year() > 9999 {
		return "", false
	}
	if l.dateOnly {
		return t.Format(time.DateOnly), true
	}
	return t.Format(time.RFC3339Nano), true
}

// maxUnix is the end of the year 9999, in seconds.
const maxUnix = 253402300799

// usualLayouts are tried in turn when a recipe names none: what machines write, and English dates that mean one day
// only. 03/04/2026 is not among them.
var usualLayouts = layouts(time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05-0700",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04-0700", "2006-01-02 15:04Z07:00", "2006-01-02 15:04-0700", "2006-01-02 15:04:05-0700",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly, "2006/01/02", "20060102",
	time.RFC1123, time.RFC1123Z, "Mon, _2 Jan 2006 15:04:05 MST", "Mon, _2 Jan 2006 15:04:05 -0700", "_2 Jan 2006 15:04:05 -0700",
	time.RFC850, time.ANSIC, "_2 January 2006", "_2 Jan 2006", "January _2, 2006", "Jan _2, 2006", "Jan. _2, 2006",
	"Monday, _2 January 2006", "Monday, January _2, 2006", "January 2006")

func layouts(texts ...string) []layout {
	list := make([]layout, len(texts))
	for i, t := range texts {
		l := layout{text: t}
		l.dateOnly = l.write(sample) == l.write(sample.Truncate(24*time.Hour))
		list[i] = l
	}
	return list
}

// parseDate tries each layout; none named are the usual ones.
func parseDate(s string, named []layout) (string, error) {
	list := named
	if list == nil {
		list = usualLayouts
	}
	s = collapse(s)
	if len(s) > maxDate {
		return "", fmt.Errorf("%s is too long for a date", quote(s))
	}
	for _, l := range list {
		if out, ok := l.parse(s); ok {
			return out, nil
		}
	}
	if named == nil {
		return "", fmt.Errorf("%s is no date in a usual layout (name one with layouts)", quote(s))
	}
	return "", fmt.Errorf("%s is in none of the layouts of the recipe", quote(s))
}

// maxDate is the most bytes a date has.
const maxDate = 100

// scalarText is a value as text; it is not ok for lists and objects.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}
