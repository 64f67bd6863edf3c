// Package zone reads times whose zone is an abbreviation, such as EST. Package
// time knows no more of those than that of the machine it runs on, and takes
// all others for UTC without a word. It reads Sept for September, too.
package zone

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// Parse is time.Parse, the same on every machine.
func Parse(layout, text string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, text, time.UTC)
	if short := September(text); err != nil && short != text {
		t, err = time.ParseInLocation(layout, short, time.UTC)
	}
	return Fix(t), err
}

// Mail is mail.ParseDate, the same on every machine.
func Mail(text string) (time.Time, error) {
	text = September(strings.TrimSpace(text))
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		if hours, ok := hoursOf(text[i+1:]); ok {
			text = fmt.Sprintf("%s %+03d00", text[:i], hours)
		}
	}
	return mail.ParseDate(text)
}

// September is a text with Sep for a Sept in it, as newspapers and the locales of
// British and Australian English write that month alone; package time knows Sep.
func September(text string) string {
	before, after, found := strings.Cut(text, "Sept")
	if !found || strings.HasPrefix(after, "ember") {
		return text
	}
	return before + "Sep" + after
}

// Fix puts a time that was parsed in UTC into the zone that it names, unless it
// has an offset, too. The clock of a time with GMT+2 is as well that of UTC.
func Fix(t time.Time) time.Time {
	name, offset := t.Zone()
	hours, ok := hoursOf(name)
	switch {
	case ok && offset == 0:
		offset = hours * 3600
	case len(name) <= len("GMT") || !strings.HasPrefix(name, "GMT"):
		return t
	}
	clock := t.UTC()
	year, month, day := clock.Date()
	return time.Date(year, month, day, clock.Hour(), clock.Minute(), clock.Second(), clock.Nanosecond(), time.FixedZone(name, offset))
}

// hoursOf is the offset of an abbreviation from UTC: those of RFC 5322 §4.3 and
// those of Europe. They are the ones that gofeed knows, as all dates of a site
// are to be read in one way; others stay UTC, being too ambiguous.
func hoursOf(name string) (hours int, ok bool) {
	switch name {
	case "UT", "UTC", "GMT", "WET":
		return 0, true
	case "BST", "CET", "WEST":
		return 1, true
	case "CEST", "EET":
		return 2, true
	case "EEST":
		return 3, true
	case "EDT":
		return -4, true
	case "CDT", "EST":
		return -5, true
	case "CST", "MDT":
		return -6, true
	case "MST", "PDT":
		return -7, true
	case "PST":
		return -8, true
	}
	return 0, false
}
