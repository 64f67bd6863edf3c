package fetch_test

import (
	"path/filepath"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
)

// What a server sets comes back to it byte for byte, as from a browser, and so
// does what was kept in a file.
func TestCookiesComeBackAsTheyWere(t *testing.T) {
	for _, tt := range []struct{ set, want string }{
		{`quoted="a b"`, `quoted="a b"`},
		{`python="a\073b"`, `python="a\073b"`},
		{`json={"a":[1,2]}`, `json={"a":[1,2]}`},
		{`utf8=käse`, `utf8=käse`},
		{`php[x]=1`, `php[x]=1`},
		{"  spaced \t=\t a, b ; Path=/", "spaced=a, b"},
		{`equals=a=b==`, `equals=a=b==`},
		{"empty=", "empty="},
		{"tab=a\tb", ""}, // a file of cookies has tabs between its fields
		{"=nameless", ""},
		{"word", ""},
		{"forever=1; Max-Age=9999999999", "forever=1"},
		{"ages=1; Max-Age=9223372036854775807", "ages=1"},
		{"aeons=1; Max-Age=99999999999999999999", "aeons=1"},
		{"gone=1; Max-Age=-9999999999", ""},
		{"gone=1; max-age=-99999999999999999999; Path=/", ""},
		{"gone=1; Expires=Thu, 01-Jan-70 00:00:01 GMT", ""},
		{"gone=1; Expires=Thursday, 01-Jan-1970 00:00:01 GMT", ""},
		{"gone=1; Expires=Sun Nov  6 08:49:37 1994", ""},
		{"gone=1; Expires=Sun, 06 Nov 1994 08:49:37", ""},
		{"2069=1; Expires=Sat, 16-Nov-69 23:12:40 GMT", "2069=1"},
		{`gone=1; Expires="Thu, 01-Jan-1970 00:00:10 GMT"; Path=/`, ""},
		{`session=1; Expires="tomorrow"`, "session=1"},
		{"session=1; Expires=tomorrow", "session=1"},
		{"session=1; Expires=Thu, 32 Jan 1970 00:00:01 GMT", "session=1"},
	} {
		path := filepath.Join(t.TempDir(), "cookies.txt")
		jar := fetch.NewJar()
		c := site(t, fetch.Options{Jar: jar}, "example.test")
		set(t, c, "http://example.test/", tt.set)
		if got := string(get(t, c, "http://example.test/").Body); got != tt.want {
			t.Errorf("Set-Cookie: %s: sent %q, want %q", tt.set, got, tt.want)
		}
		if err := jar.Save(path); err != nil {
			t.Fatal(err)
		}
		loaded, err := fetch.LoadJar(path)
		if err != nil {
			t.Fatal(err)
		}
		c = site(t, fetch.Options{Jar: loaded}, "example.test")
		if got := string(get(t, c, "http://example.test/").Body); got != tt.want {
			t.Errorf("Set-Cookie: %s: sent %q from a file, want %q", tt.set, got, tt.want)
		}
	}
}
