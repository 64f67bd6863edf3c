package zone

import (
	"testing"
	"time"
)

func TestZones(t *testing.T) {
	for text, want := range map[string]string{
		"Wed, 04 Mar 2026 05:06:07 GMT":         "2026-03-04T05:06:07Z",
		"Wed, 04 Mar 2026 05:06:07 UT":          "2026-03-04T05:06:07Z",
		"Wed, 04 Mar 2026 05:06:07 EST":         "2026-03-04T05:06:07-05:00",
		"Wed, 04 Mar 2026 23:06:07 PDT ":        "2026-03-04T23:06:07-07:00",
		"Wed, 04 Mar 2026 05:06:07 CEST":        "2026-03-04T05:06:07+02:00",
		"Wed, 04 Mar 2026 05:06:07 XYZ":         "2026-03-04T05:06:07Z",
		"Wed, 04 Mar 2026 05:06:07 +0800":       "2026-03-04T05:06:07+08:00",
		"Wed, 04 Mar 2026 05:06:07 +0800 (CST)": "2026-03-04T05:06:07+08:00",
		"Wed, 2 Sept 2026 05:06:07 EST":         "2026-09-02T05:06:07-05:00",
		"CST":                                   "",
		"":                                      "",
	} {
		got, err := Mail(text)
		if s := got.Format(time.RFC3339); (err != nil) != (want == "") || err == nil && s != want {
			t.Errorf("Mail(%q) = %s, %v, want %s", text, s, err, want)
		}
	}
	for text, want := range map[string]string{
		"4 Mar 2026 05:06 PST":   "2026-03-04T05:06:00-08:00",
		"4 Mar 2026 05:06 UTC":   "2026-03-04T05:06:00Z",
		"4 Mar 2026 05:06 GMT+2": "2026-03-04T05:06:00+02:00",
		"4 Mar 2026 05:06 CST":   "2026-03-04T05:06:00-06:00",
		"4 Sept 2026 05:06 UTC":  "2026-09-04T05:06:00Z",
	} {
		got, err := Parse("2 Jan 2006 15:04 MST", text)
		if s := got.Format(time.RFC3339); err != nil || s != want {
			t.Errorf("Parse(%q) = %s, %v, want %s", text, s, err, want)
		}
	}
	const both = "2006-01-02 15:04:05 -0700 MST"
	got, err := Parse(both, "2026-03-04 05:06:07 +0800 CST")
	if s := got.Format(time.RFC3339); err != nil || s != "2026-03-04T05:06:07+08:00" {
		t.Errorf("%s, %v: want what the offset says", s, err)
	}
}
