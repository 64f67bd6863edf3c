package fetch

import (
	"iter"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter is the longest pause that a server's word is taken for.
const maxRetryAfter = 24 * time.Hour

// RetryAfter tells for how long a response asks to be left alone, at most
// 24 h: by Retry-After (RFC 9110 §10.2.3), in seconds or as a date, or, when
// a rate limit has nothing remaining, until it is reset, in the dialects of
//
//	RateLimit: "default";r=0;t=30             the IETF draft since its 7th version
//	RateLimit: limit=10, remaining=0, reset=30   before
//	RateLimit-Remaining: 0, RateLimit-Reset: 30  earlier still
//	X-RateLimit-Remaining: 0, X-RateLimit-Reset: 1735689600   GitHub and others
//
// Dates are by the server's clock, where its Date says what that shows. A
// refusal (429, 503) that does not say what remains leaves nothing. A date that
// is past asks for nothing more: 0, true. What cannot be read says nothing:
// false.
func RetryAfter(status int, h http.Header, now time.Time) (time.Duration, bool) {
	refused := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
	if d, ok := pause(first(h, "Retry-After"), h, now); ok {
		return d, true
	}
	if v := first(h, "Ratelimit"); v != "" { // seldom, and its loop allocates
		if d, ok := longest(v, refused, h, now); ok {
			return d, true
		}
	}
	for _, name := range [...]struct{ remaining, reset string }{
		{"Ratelimit-Remaining", "Ratelimit-Reset"},
		{"X-Ratelimit-Remaining", "X-Ratelimit-Reset"},
		{"X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"},
	} {
		if spent(first(h, name.remaining), refused) {
			if d, ok := pause(first(h, name.reset), h, now); ok {
				return d, true
			}
		}
	}
	return 0, false
}

// longest is the pause until the last of the spent policies is reset.
func longest(limits string, refused bool, h http.Header, now time.Time) (most time.Duration, found bool) {
	for policy := range policies(limits) {
		if remaining, reset := quota(policy); spent(remaining, refused) {
			if d, ok := pause(reset, h, now); ok {
				most, found = max(most, d), true
			}
		}
	}
	return most, found
}

// spent tells whether nothing remains.
func spent(remaining string, refused bool) bool {
	return isZero(remaining) || refused && remaining == ""
}

// first is the first value of a header by its canonical name.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// policies splits a RateLimit header. Before the draft's 7th version it was
// one policy with commas between its parts.
func policies(v string) iter.Seq[string] {
	if strings.Contains(strings.ToLower(v), "remaining=") {
		v = strings.ReplaceAll(v, ",", ";")
	}
	return strings.SplitSeq(v, ",")
}

// quota takes what remains and when it is reset from one policy.
func quota(policy string) (remaining, reset string) {
	for part := range strings.SplitSeq(policy, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(key) {
		case "r", "remaining":
			remaining = value
		case "t", "reset":
			reset = value
		}
	}
	return remaining, reset
}

func isZero(s string) bool {
	if s == "" {
		return false // as nearly always: spares ParseFloat its error
	}
	n, err := strconv.ParseFloat(s, 64)
	return err == nil && n <= 0
}

// The least numbers that are read as a moment, not as a wait: a wait of a
// billion seconds is 31 years.
const (
	unixSeconds = 1e9
	unixMillis  = 1e12
)

// pause reads seconds, a Unix time (in seconds or milliseconds) or a date, which
// are by the clock of the server.
func pause(v string, h http.Header, now time.Time) (time.Duration, bool) {
	if v == "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil {
		date, err := http.ParseTime(v)
		if err != nil {
			return 0, false
		}
		return bounded(date.Sub(clock(h, now))), true
	}
	switch {
	case math.IsNaN(n), math.IsInf(n, 0), n < 0:
		return 0, false
	case n >= unixMillis:
		return bounded(time.UnixMilli(int64(min(n, 1e15))).Sub(clock(h, now))), true
	case n >= unixSeconds:
		return bounded(time.Unix(int64(n), 0).Sub(clock(h, now))), true
	}
	return bounded(time.Duration(n * float64(time.Second))), true
}

// clock is the server's, if its Date tells what it shows (RFC 9110 §6.6.1).
func clock(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(first(h, "Date")); err == nil {
		return t
	}
	return now
}

func bounded(d time.Duration) time.Duration { return min(max(d, 0), maxRetryAfter) }
