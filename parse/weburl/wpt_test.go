package weburl_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// The cases are those of web-platform-tests (testdata/LICENSE-wpt.md).

// wptCase is a line of urltestdata.json: input parsed against base, which may be absent, gives href or fails.
type wptCase struct {
	Input    string  `json:"input"`
	Base     *string `json:"base"`
	Href     string  `json:"href"`
	Protocol string  `json:"protocol"`
	Host     string  `json:"host"`
	Hostname string  `json:"hostname"`
	Port     string  `json:"port"`
	Pathname string  `json:"pathname"`
	Search   string  `json:"search"`
	Username string  `json:"username"`
	Password string  `json:"password"`
	Hash     string  `json:"hash"`
	Failure  bool    `json:"failure"`
}

// readWPT reads a file of test cases, in which lines that are strings are comments.
func readWPT[T any](t *testing.T, file string) (cases []T) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []json.RawMessage
	if err := json.Unmarshal(data, &lines); err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		var c T
		if line[0] == '"' {
			continue
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

func TestURLTestData(t *testing.T) {
	n := 0
	for _, c := range readWPT[wptCase](t, "urltestdata.json") {
		base, ok := wptBase(t, c)
		if !ok {
			continue
		}
		n++
		u, err := base.Resolve(c.Input)
		switch {
		case c.Failure:
			if err == nil {
				t.Errorf("%q in %v gave %v, want an error", c.Input, base, u)
			}
		case c.Protocol != "http:" && c.Protocol != "https:":
			if !errors.Is(err, weburl.ErrScheme) {
				t.Errorf("%q in %v gave %v, %v, want ErrScheme", c.Input, base, u, err)
			}
		case err != nil:
			t.Errorf("%q in %v failed: %v", c.Input, base, err)
		default:
			checkWPT(t, c, u)
		}
	}
	if n < 600 {
		t.Errorf("%d cases ran, want most of the file", n)
	}
}

// wptBase returns the case's base, or the zero URL if it has none. It is not ok for a base of another scheme.
func wptBase(t *testing.T, c wptCase) (base weburl.URL, ok bool) {
	t.Helper()
	if c.Base == nil {
		return weburl.URL{}, true
	}
	base, err := weburl.Parse(*c.Base)
	if errors.Is(err, weburl.ErrInvalid) && !c.Failure {
		t.Errorf("base %q: %v", *c.Base, err)
	}
	return base, err == nil
}

func checkWPT(t *testing.T, c wptCase, u weburl.URL) {
	t.Helper()
	want := strings.TrimSuffix(c.Href, c.Hash)
	if c.Username != "" || c.Password != "" {
		_, after, _ := strings.Cut(want, "@")
		want = c.Protocol + "//" + after
	}
	if want = strings.TrimSuffix(want, "#"); u.String() != want {
		t.Errorf("%q in %v = %v, want %v", c.Input, c.Base, u, want)
	}
	port := c.Port
	if port == "" {
		port = map[string]string{"http:": "80", "https:": "443"}[c.Protocol]
	}
	for _, part := range []struct{ name, got, want string }{
		{"scheme", u.Scheme() + ":", c.Protocol},
		{"host", u.Host(), c.Host},
		{"hostname", u.Hostname(), strings.Trim(c.Hostname, "[]")},
		{"port", u.Port(), port},
		{"path", u.Path(), c.Pathname},
		{"query", u.Query(), strings.TrimPrefix(c.Search, "?")},
	} {
		if part.got != part.want {
			t.Errorf("%s of %q = %q, want %q", part.name, c.Input, part.got, part.want)
		}
	}
}

// idnaCase is a line of toascii.json and IdnaTestV2.json: a host and its ASCII form, or null if it has none.
type idnaCase struct {
	Comment string  `json:"comment"`
	Input   string  `json:"input"`
	Output  *string `json:"output"`
}

func TestToASCII(t *testing.T) {
	for _, file := range []string{"toascii.json", "IdnaTestV2.json"} {
		for _, c := range readWPT[idnaCase](t, file) {
			if c.Input == "" {
				continue // a host to ToASCII, but not to a URL
			}
			u, err := weburl.Parse("https://" + url.PathEscape(c.Input) + "/x")
			switch {
			case c.Output == nil && err == nil:
				t.Errorf("%s: %q (%s) gave host %q, want an error", file, c.Input, c.Comment, u.Host())
			case c.Output != nil && err != nil:
				t.Errorf("%s: %q (%s): %v, want host %q", file, c.Input, c.Comment, err, *c.Output)
			case c.Output != nil && u.Host() != *c.Output:
				t.Errorf("%s: %q (%s) gave host %q, want %q", file, c.Input, c.Comment, u.Host(), *c.Output)
			}
		}
	}
}
