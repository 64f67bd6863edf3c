package fetch

import (
	"errors"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// setCookies reads what a response sets, as browsers do (RFC 6265 §5.2). The
// attributes are net/http's to read. Its names and values are not: it takes
// quotes off that are the server's to have back, and drops cookies with others
// in them, with a backslash, with UTF-8, or with brackets in the name.
func setCookies(h http.Header) (set []*http.Cookie) {
	for _, line := range h["Set-Cookie"] {
		pair, attributes, _ := strings.Cut(line, ";")
		name, value, found := strings.Cut(pair, "=")
		name, value = textproto.TrimString(name), textproto.TrimString(value)
		c, err := http.ParseSetCookie("name=;" + attributes)
		if err != nil || !found || name == "" || strings.ContainsFunc(name+value, isControl) {
			continue
		}
		c.Name, c.Value = name, value
		c.MaxAge = maxAge(c)
		if c.Expires.IsZero() {
			c.Expires = cookieDate(rawExpires(c))
		}
		set = append(set, c)
	}
	return set
}

// isControl tells what could not be sent back, or not be a field of a file: a tab.
func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// rawExpires is a cookie's Expires as it was sent. In quotes net/http knows it for
// none, though a quote is a delimiter in the date.
func rawExpires(c *http.Cookie) string {
	text := c.RawExpires
	for _, attribute := range c.Unparsed {
		if name, value, _ := strings.Cut(attribute, "="); strings.EqualFold(name, "Expires") {
			text = value
		}
	}
	return text
}

// maxMaxAge is a century: what is beyond 292 years would be in the past.
const maxMaxAge = 100 * 365 * 24 * 60 * 60

// maxAge is a cookie's Max-Age, as near as an int is, which net/http reads no
// other than: of one that has 32 bits a century is too much.
func maxAge(c *http.Cookie) int {
	age := c.MaxAge
	for _, attribute := range c.Unparsed {
		name, value, _ := strings.Cut(attribute, "=")
		if n, err := strconv.Atoi(value); errors.Is(err, strconv.ErrRange) && strings.EqualFold(name, "Max-Age") {
			age = n
		}
	}
	return int(max(-1, min(int64(age), maxMaxAge)))
}

// cookieDate reads a date in any of the ways that servers write one (RFC 6265
// §5.1.1); the zero time is none.
func cookieDate(text string) time.Time {
	var clock, date [3]int // hours, minutes, seconds; year, month, day
	timed := false
	for token := range strings.FieldsFuncSeq(text, isDateDelimiter) {
		hms := strings.Split(token, ":")
		n, err := strconv.Atoi(token)
		switch {
		case !timed && len(hms) == 3:
			timed = true
			for i := range hms {
				if clock[i], err = strconv.Atoi(hms[i]); err != nil {
					return time.Time{}
				}
			}
		case date[2] == 0 && err == nil && len(token) <= 2:
			date[2] = n
		case date[1] == 0 && monthOf(token) > 0:
			date[1] = monthOf(token)
		case date[0] == 0 && err == nil && len(token) >= 2 && len(token) <= 4:
			date[0] = fullYear(n)
		}
	}
	at := time.Date(date[0], time.Month(date[1]), date[2], clock[0], clock[1], clock[2], 0, time.UTC)
	// What is no date, such as the 32nd of a month, comes out as another one.
	if year, month, day := at.Date(); !timed || year < 1601 || [3]int{year, int(month), day} != date || clock[1] > 59 || clock[2] > 59 {
		return time.Time{}
	}
	return at
}

func isDateDelimiter(r rune) bool {
	return r == '\t' || r >= ' ' && r <= '/' || r >= ';' && r <= '@' || r >= '[' && r <= '`' || r >= '{' && r <= '~'
}

// monthOf is the month that a token begins with the English name of, or 0.
func monthOf(token string) int {
	for m := time.January; m <= time.December; m++ {
		if len(token) >= 3 && strings.EqualFold(token[:3], m.String()[:3]) {
			return int(m)
		}
	}
	return 0
}

// fullYear is the year that two digits stand for.
func fullYear(n int) int {
	switch {
	case n >= 100:
		return n
	case n >= 70:
		return 1900 + n
	}
	return 2000 + n
}
