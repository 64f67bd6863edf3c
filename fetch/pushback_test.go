package fetch_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) // Unix 1735689600
	const no = -1
	for _, tt := range []struct {
		header string // lines between |
		want   time.Duration
	}{
		{"", no},
		{"Retry-After: 120", 2 * time.Minute},
		{"Retry-After: 0", 0},
		{"Retry-After: 1.5", 1500 * time.Millisecond},
		{"Retry-After: -5", no},
		{"Retry-After: soon", no},
		{"Retry-After: NaN", no},
		{"Retry-After: Inf", no},
		{"Retry-After: 99999999", 24 * time.Hour},
		{"Retry-After: 1e300", 24 * time.Hour},
		{"Retry-After: Wed, 01 Jan 2025 00:01:00 GMT", time.Minute},
		{"Retry-After: Wednesday, 01-Jan-25 00:01:00 GMT", time.Minute},
		{"Retry-After: Tue, 31 Dec 2024 00:00:00 GMT", 0},
		{"Retry-After: Fri, 01 Jan 2125 00:00:00 GMT", 24 * time.Hour},
		{"Retry-After: Wed, 01 Jan 2025 05:01:00 GMT|Date: Wed, 01 Jan 2025 05:00:00 GMT", time.Minute}, // its clock is five hours ahead
		{"Retry-After: Tue, 31 Dec 2024 23:01:00 GMT|Date: Tue, 31 Dec 2024 23:00:00 GMT", time.Minute},
		{"Retry-After: Wed, 01 Jan 2025 00:01:00 GMT|Date: now", time.Minute},
		{"Retry-After: 120|Date: Tue, 31 Dec 2024 23:00:00 GMT", 2 * time.Minute},
		{"X-RateLimit-Remaining: 0|X-RateLimit-Reset: 1735686060|Date: Tue, 31 Dec 2024 23:00:00 GMT", time.Minute},
		{"Retry-After: soon|X-RateLimit-Remaining: 0|X-RateLimit-Reset: 7", 7 * time.Second},
		{"Retry-After: 3|RateLimit-Remaining: 0|RateLimit-Reset: 60", 3 * time.Second},

		{`RateLimit: "default";r=0;t=30`, 30 * time.Second},
		{`RateLimit: "default";r=5;t=30`, no},
		{`RateLimit: "burst";r=5;t=1, "daily";r=0;t=60`, time.Minute},
		{`RateLimit: "burst";r=0;t=1, "daily";r=0;t=60, "hourly";r=0;t=30`, time.Minute},
		{`RateLimit: "burst";r=0`, no},
		{"RateLimit: limit=10, remaining=0, reset=30", 30 * time.Second},
		{"RateLimit: limit=10, remaining=1, reset=30", no},
		{"RateLimit-Limit: 10|RateLimit-Remaining: 0|RateLimit-Reset: 5", 5 * time.Second},
		{"RateLimit-Remaining: 3|RateLimit-Reset: 5", no},
		{"RateLimit-Reset: 5", no},
		{"X-RateLimit-Remaining: 0|X-RateLimit-Reset: 1735689610", 10 * time.Second},
		{"X-RateLimit-Remaining: 0|X-RateLimit-Reset: 1735689610000", 10 * time.Second},
		{"X-RateLimit-Remaining: 0|X-RateLimit-Reset: 1735689500", 0},
		{"X-RateLimit-Remaining: 0|X-RateLimit-Reset: Wed, 01 Jan 2025 00:00:20 GMT", 20 * time.Second},
		{"X-Rate-Limit-Remaining: 0|X-Rate-Limit-Reset: 4", 4 * time.Second},
		{"X-RateLimit-Remaining: none|X-RateLimit-Reset: 4", no},
	} {
		h := make(http.Header)
		for line := range strings.SplitSeq(tt.header, "|") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				h.Add(name, value)
			}
		}
		got, ok := fetch.RetryAfter(200, h, now)
		if !ok {
			got = no
		}
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.header, got, tt.want)
		}
	}
}

// Who is refused without a word on what remains has nothing left.
func TestRetryAfterOfARefusal(t *testing.T) {
	h := func(name, value string) http.Header { return http.Header{http.CanonicalHeaderKey(name): {value}} }
	for _, tt := range []struct {
		status int
		header http.Header
		want   time.Duration
	}{
		{429, h("RateLimit-Reset", "5"), 5 * time.Second},
		{503, h("X-RateLimit-Reset", "1735689610"), 10 * time.Second},
		{429, h("RateLimit", "limit=10, reset=30"), 30 * time.Second},
		{429, h("RateLimit", `"default";t=30`), 30 * time.Second},
		{429, h("RateLimit", `"default";r=2;t=30`), 0},
		{500, h("RateLimit-Reset", "5"), 0},
	} {
		if got, _ := fetch.RetryAfter(tt.status, tt.header, time.Unix(1735689600, 0)); got != tt.want {
			t.Errorf("%d %v: %v, want %v", tt.status, tt.header, got, tt.want)
		}
	}
}

// Whatever a server says, the answer is a pause between nothing and a day.
func FuzzRetryAfter(f *testing.F) {
	f.Add("120", `"default";r=0;t=30`, "0", "1735689610")
	f.Add("Wed, 01 Jan 2025 00:01:00 GMT", "limit=10, remaining=0, reset=30", "-1", "1e999")
	f.Fuzz(func(t *testing.T, after, limit, remaining, reset string) {
		d, ok := fetch.RetryAfter(429, http.Header{
			"Retry-After": {after}, "Ratelimit": {limit}, "X-Ratelimit-Remaining": {remaining}, "X-Ratelimit-Reset": {reset},
		}, time.Unix(1735689600, 0))
		if d < 0 || d > 24*time.Hour || !ok && d != 0 {
			t.Errorf("%v, %v", d, ok)
		}
	})
}
