package robots

import (
	"strings"
	"testing"
)

func TestParseDirectives(t *testing.T) {
	for content, want := range map[string]string{
		"":                                     "",
		"all":                                  "",
		"index, follow":                        "",
		"noindex":                              "noindex",
		"NOINDEX,NoFollow":                     "noindex, nofollow",
		"none":                                 "noindex, nofollow",
		"all, none":                            "noindex, nofollow",
		"follow, nofollow":                     "nofollow",
		"noindex nofollow":                     "noindex, nofollow",
		"noindex; noarchive":                   "noindex, noarchive",
		" nofollow ,\n noindex, ":              "noindex, nofollow",
		"nosnippet, noimageindex, notranslate": "nosnippet, noimageindex, notranslate",
		"nocache":                              "noarchive",
		"max-snippet:-1, max-image-preview:none, noindex": "noindex",
		"max-image-preview: none, nosnippet":              "nosnippet",
		"max-snippet: 20, nofollow":                       "nofollow",
		"nofollowing, xnoindex":                           "",
		"unavailable_after: 25 Jun 2010 15:00:00 PST":     "",
	} {
		if got := ParseDirectives(content).String(); got != want {
			t.Errorf("%q: got %q, want %q", content, got, want)
		}
	}
}

func TestParseTag(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []string
		want   string
	}{
		{"none", nil, ""},
		{"for everyone", []string{"noindex, nofollow"}, "noindex, nofollow"},
		{"for us", []string{"Trawl: nofollow"}, "nofollow"},
		{"for another", []string{"googlebot: nofollow"}, ""},
		{"for star", []string{"*: nofollow"}, "nofollow"},
		{"for two in one value", []string{"googlebot: nofollow, trawl: noindex, nosnippet"}, "noindex, nosnippet"},
		{"for us, then for another", []string{"trawl: noindex, otherbot: nofollow, noarchive"}, "noindex"},
		{"for everyone, then for another", []string{"noindex, otherbot: nofollow"}, "noindex"},
		{"a prefix ends with its value", []string{"otherbot: noindex", "nofollow"}, "nofollow"},
		{"several values", []string{"noindex", "trawl: noarchive", "otherbot: none"}, "noindex, noarchive"},
		{"agents are compared whole", []string{"tra: noindex", "trawler: noindex"}, ""},
		{"spaces", []string{"  trawl :  none  "}, "noindex, nofollow"},
		{"prefix alone", []string{"otherbot:, noindex"}, ""},
		{"digits in a name", []string{"360Spider: noindex, nofollow"}, ""},
		{"date with a comma", []string{"unavailable_after: Friday, 25-Jun-10 15:00:00 UTC, noindex"}, "noindex"},
		{"date of RFC 850 for another", []string{"otherbot: unavailable_after: Friday, 25-Jun-10 15:00:00 UTC, noindex"}, ""},
		{"date of ISO 8601", []string{"unavailable_after: 2010-06-25T15:00:00+00:00, nofollow"}, "nofollow"},
		{"bare time after a comma", []string{"unavailable_after: 25 Jun 2010, 15:00:00 PST, noindex"}, "noindex"},
		{"a remark with a colon", []string{"see https://x/y, noindex"}, "noindex"},
		{"date for us", []string{"trawl: unavailable_after: 25 Jun 2010 15:00:00 PST, noindex"}, "noindex"},
		{"values with colons", []string{"max-snippet: none, max-image-preview:large, max-video-preview: 1, noarchive"}, "noarchive"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ParseTag(c.values, "trawl/1.0 (+https://example.org)").String(); got != c.want {
				t.Errorf("%q: got %q, want %q", c.values, got, c.want)
			}
		})
	}
}

func TestDirectivesOr(t *testing.T) {
	d, e := ParseDirectives("noindex, nosnippet"), ParseDirectives("nofollow, nosnippet")
	if got, want := d.Or(e), (Directives{NoIndex: true, NoFollow: true, NoSnippet: true}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if d != (Directives{NoIndex: true, NoSnippet: true}) {
		t.Errorf("Or changed its receiver: %v", d)
	}
}

func FuzzParseTag(f *testing.F) {
	f.Add("noindex, trawl: nofollow")
	f.Add("unavailable_after: Friday, 25-Jun-10 15:00:00 UTC")
	f.Fuzz(func(t *testing.T, value string) {
		d := ParseDirectives(value)
		if again := ParseDirectives(d.String()); again != d {
			t.Errorf("%q: %q reads back as %q", value, d, again)
		}
		if tag := ParseTag([]string{value}, "trawl"); tag != d && !strings.Contains(value, ":") {
			t.Errorf("%q: a header asks %q, a meta element %q", value, tag, d)
		}
	})
}
