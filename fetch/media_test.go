package fetch_test

import (
	"net/http"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
)

// Of several Content-Types the one that is recorded, and whose charset counts,
// is the one that the media type is taken from.
func TestSeveralContentTypes(t *testing.T) {
	for _, tt := range []struct {
		values          []string
		mediaType, want string
	}{
		{nil, "", ""},
		{[]string{"html"}, "", "html"},
		{[]string{"text/html"}, "text/html", "text/html"},
		{[]string{"text/plain", "text/html; charset=koi8-r"}, "text/html", "text/html; charset=koi8-r"},
		{[]string{"text/html; charset=koi8-r", "text/html"}, "text/html", "text/html; charset=koi8-r"},
		{[]string{"text/html; charset=koi8-r", "TEXT/HTML; Charset=utf-8"}, "text/html", "TEXT/HTML; Charset=utf-8"},
		{[]string{"text/plain; charset=koi8-r", "text/html"}, "text/html", "text/html"},
		{[]string{"text/html; charset=koi8-r", "html", "*/*"}, "text/html", "text/html; charset=koi8-r"},
		{[]string{"html", "*/*"}, "", "*/*"},
		{[]string{"text/html; charset=koi8-r, text/html"}, "text/html", "text/html; charset=koi8-r"},
		{[]string{"text/plain, text/html;charset=koi8-r"}, "text/html", "text/html;charset=koi8-r"},
		{[]string{"text/html, text/html; charset=koi8-r,"}, "text/html", "text/html; charset=koi8-r"},
		{[]string{`text/html; title="a, text/plain"; charset=koi8-r`}, "text/html", `text/html; title="a, text/plain"; charset=koi8-r`},
		{[]string{","}, "", ""},
	} {
		h := http.Header{"Content-Type": tt.values}
		if got := fetch.ContentType(h); got != tt.want || fetch.MediaType(h, nil) != tt.mediaType {
			t.Errorf("%q: %q of the media type %q, want %q of %q", tt.values, got, fetch.MediaType(h, nil), tt.want, tt.mediaType)
		}
	}
}
