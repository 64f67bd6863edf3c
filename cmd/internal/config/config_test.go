package config

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	check := func(name, in string, want any, parse func() (any, error)) {
		t.Helper()
		got, err := parse()
		switch {
		case want == nil && err == nil:
			t.Errorf("%s %q = %v, want an error", name, in, got)
		case want != nil && (err != nil || !reflect.DeepEqual(got, want)):
			t.Errorf("%s %q = %v, %v; want %v", name, in, got, err, want)
		}
	}
	for in, want := range map[string]any{
		"5": rate.Limit(5), "5/s": rate.Limit(5), "30/m": rate.Limit(0.5), "36/h": rate.Limit(0.01), "0": rate.Limit(0), "0.5": rate.Limit(0.5), "6/min": rate.Limit(0.1),
		"": nil, "/s": nil, "5/": nil, "5/d": nil, "-1": nil, "inf": nil, "NaN": nil, "5/s/s": nil, "5 /s": nil,
	} {
		check("rate", in, want, func() (any, error) { return parseRate(in) })
	}
	for in, want := range map[string]any{
		"30s": 30 * time.Second, "5": 5 * time.Second, "0.25": 250 * time.Millisecond, "1h30m": 90 * time.Minute, "0": time.Duration(0), "7d": 168 * time.Hour, "1d12h": 36 * time.Hour,
		"d": nil, "1.5d": nil, "-1d": nil, "99999d": nil,
		"": nil, "-1s": nil, "-1": nil, "soon": nil, "1e300": nil, "NaN": nil, "5 s": nil,
	} {
		check("duration", in, want, func() (any, error) { return parseDuration(in) })
	}
	for in, want := range map[string]any{
		"10": int64(10), "10B": int64(10), "10k": int64(10 << 10), "10K": int64(10 << 10), "10KiB": int64(10 << 10), "10kB": int64(10_000),
		"10MiB": int64(10 << 20), "10MB": int64(10_000_000), "1.5G": int64(3 << 29), "1 TiB": int64(1 << 40), "0": int64(0),
		"": nil, "k": nil, "10X": nil, "-1": nil, "10kk": nil, "10ib": nil, "9e30": nil, "10bk": nil,
	} {
		check("size", in, want, func() (any, error) { return parseSize(in) })
	}
	for in, want := range map[string]any{"0": 0, "3": 3, "inf": -1, "-1": nil, "": nil, "3.5": nil, "infinity": nil} {
		check("depth", in, want, func() (any, error) { return parseDepth(in) })
	}
	for in, want := range map[string]any{"none": 0, "0": 0, "7": 7, "-1": nil, "": nil} {
		check("limit", in, want, func() (any, error) { return orNone(whole(0, math.MaxInt))(in) })
	}
	for in, want := range map[string]any{
		"none": FailOn{Kind: "none"}, "fill:price<90%": FailOn{Kind: "seeds", Fill: []FillLimit{{"fill:price<90%", "price", 0.9}}},
		"any,fill:a.b<5": FailOn{Kind: "any", Fill: []FillLimit{{"fill:a.b<5", "a.b", 0.05}}}, "any,none": nil, "fill:<5%": nil, "fill:a": nil, "fill:a<101%": nil,
		"any": FailOn{Kind: "any"}, "rate:5%": FailOn{Kind: "rate", Share: 0.05}, "rate:5": FailOn{Kind: "rate", Share: 0.05},
		"rate:0%": FailOn{Kind: "rate"}, "rate": nil, "rate:": nil, "rate:101%": nil, "rate:-1": nil, "rate:NaN": nil, "some": nil,
	} {
		check("fail-on", in, want, func() (any, error) { return parseFailOn(in) })
	}
	for in, want := range map[string]any{
		"a.test:80:127.0.0.1": Override{"a.test:80", "127.0.0.1:80"}, "A.test:443:[::1]": Override{"a.test:443", "[::1]:443"},
		"a.test:443:::1": Override{"a.test:443", "[::1]:443"}, "[::1]:080:127.0.0.1": Override{"[::1]:80", "127.0.0.1:80"},
		"BÜCHER.test:80:127.0.0.1": Override{"xn--bcher-kva.test:80", "127.0.0.1:80"}, "0x7f.1:80:127.0.0.2": Override{"127.0.0.1:80", "127.0.0.2:80"},
		"*:443:127.0.0.1": nil, "http://a.test:80:127.0.0.1": nil, "a.test/x:80:127.0.0.1": nil, "[::1:80:127.0.0.1": nil,
		"a.test:80": nil, ":80:127.0.0.1": nil, "a.test:0:127.0.0.1": nil, "a.test:80:b.test": nil, "a.test:99999:127.0.0.1": nil,
	} {
		check("resolve", in, want, func() (any, error) { return parseOverride(in) })
	}
}

// load is what a command line and an environment give.
func load(t *testing.T, environ []string, args ...string) (*Set, error) {
	t.Helper()
	s := New("trawl/test")
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	s.Bind(flags)
	if err := flags.Parse(args); err != nil {
		return s, s.FlagError(err, flags)
	}
	_, err := s.Load(environ)
	return s, err
}

func TestContradictionsAcrossLayers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environ, args []string
		want          rate.Limit
	}{
		{nil, nil, 5},
		{nil, []string{"--delay", "2s"}, 0.5},
		{nil, []string{"--delay", "0"}, 0},
		{[]string{"TRAWL_RATE=3"}, []string{"--delay", "2s"}, 0.5},
		{[]string{"TRAWL_DELAY=2s"}, []string{"--rate", "3"}, 3},
		{[]string{"TRAWL_DELAY=2s"}, nil, 0.5},
	} {
		s, err := load(t, c.environ, c.args...)
		if err != nil || s.Politeness.Rate != c.want {
			t.Errorf("%q %q: rate %v, %v; want %v", c.environ, c.args, s.Politeness.Rate, err, c.want)
		}
	}
	if _, err := load(t, []string{"TRAWL_DELAY=1", "TRAWL_RATE=1"}); err == nil {
		t.Error("two variables that contradict each other were taken")
	}
	s, err := load(t, []string{"TRAWL_QUIET=true", "TRAWL_APPEND=true"}, "--verbose", "--overwrite")
	if err != nil || s.Report.Quiet || s.Output.Append {
		t.Errorf("flags do not go before variables: %+v %+v %v", s.Report, s.Output, err)
	}
	for _, off := range []string{"false", "no", "0"} {
		if _, err := load(t, nil, "--no-robots="+off, "--robots", "obey"); err != nil {
			t.Errorf("a flag that is turned off contradicts another: %v", err)
		}
	}
	if s, err := load(t, []string{"TRAWL_QUIET=1", "TRAWL_ASSETS=yes"}); err != nil || !s.Report.Quiet || !s.Reach.Assets {
		t.Errorf("1 and yes do not turn on: %v", err)
	}
}

// A list in the environment has one value a line.
func TestListInTheEnvironment(t *testing.T) {
	t.Parallel()
	s, err := load(t, []string{"TRAWL_HEADER=A: 1\nB: 2"})
	if want := []Header{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}; err != nil || !slices.Equal(s.Identity.Headers, want) {
		t.Errorf("headers %+v, %v; want %+v", s.Identity.Headers, err, want)
	}
}

// Every alias stands for a flag there is, and is none itself.
func TestAliases(t *testing.T) {
	t.Parallel()
	names := New("trawl/test").Names()
	for alias, flag := range aliasTable() {
		if !slices.Contains(names, flag) || slices.Contains(names, alias) {
			t.Errorf("alias %s of %s", alias, flag)
		}
	}
}

// What an error says of a secret must not be the secret.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ flag, value, says string }{
		{"user", "secret", `"(hidden)": want NAME:PASSWORD`},
		{"header", "secret", `"(hidden)": want 'Name: value'`},
		{"header", "X Y: secret", `"X Y: (hidden)": want 'Name: value'`},
		{"cookie", "secret", `"(hidden)": want 'name=value; `},
		{"proxy", "ftp://me:secret@h", `"ftp://(hidden)@h": want a URL`},
		{"proxy", "ftp://me:p%zzsecret@h", `"(hidden)": want a URL`},
		{"proxy", "ftp://h", `"ftp://h": want a URL`},
		{"sitemap", "htp://me:secret@h/", `"htp://(hidden)@h": want auto`},
		{"sitemap", "http://h/a.xml,http://me:secret@h/", `"(hidden)": want it without the login`},
		{"sitemap", "http://me:secret@h/", `"http://(hidden)@h": want it without the login: say --user, or --header`},
	} {
		if _, err := load(t, nil, "--"+c.flag, c.value); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("--%s %s: %v", c.flag, c.value, err)
		}
		if _, err := load(t, []string{variable(c.flag) + "=" + c.value}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", variable(c.flag), err)
		}
	}
}

func TestSeeds(t *testing.T) {
	t.Parallel()
	s := Seeds{Logins: make(map[weburl.URL]Login), known: make(map[weburl.URL]bool)}
	text := "\ufeff# seeds\n\nhttp://me:p%40ss@a.test/x\r\n\ufeff  http://b.test \nhttp://b.test/\n" // two files in one
	if err := s.addLines(strings.NewReader(text), "f"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range s.URLs {
		got = append(got, u.String())
	}
	if want := []string{"http://a.test/x", "http://b.test/"}; !slices.Equal(got, want) {
		t.Errorf("seeds %q, want %q", got, want)
	}
	if want := (Login{"me", "p@ss"}); s.Logins[s.URLs[0]] != want {
		t.Errorf("login %q, want %q", s.Logins[s.URLs[0]], want)
	}
	for _, bad := range []string{
		"http://me:secret@", "http://me:secret@a b/", "htp://me:secret@a/", "http://me:secret@a:x/", "http://me:sec/secret@a/",
		"http://me:secret@a/	200", "http://me:secret@a/" + strings.Repeat("x", 1<<20),
	} {
		err := s.addLines(strings.NewReader("\n"+bad), "f")
		if err == nil || strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), "f:2: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	words := []string{"page", "path", "host", "domain", "any"}
	for in, want := range map[string]string{
		"hots": " (did you mean host?)", "domains": " (did you mean domain?)", "an": " (did you mean any?)", "HOST": " (did you mean host?)", "everything": "", "": "",
	} {
		if got := DidYouMean(in, words); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A header is for the seeds' hosts, or for one that is named before it.
func TestHeaderOfOneHost(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"X-Key: v":                       " X-Key v",
		"X-Key: a=b: c":                  " X-Key a=b: c",
		"X-Key:a=b":                      " X-Key a=b",
		"Cookie:a=1; b=2":                " Cookie a=1; b=2",
		"a.test=X-Key: v":                "https://a.test/ X-Key v",
		"A.Test:8443=X-Key: a=b":         "https://a.test:8443/ X-Key a=b",
		"localhost=X-Key: v":             "https://localhost/ X-Key v",
		"localhost:8080=X-Key: v":        "https://localhost:8080/ X-Key v",
		"http://a.test=X-Key: v":         "http://a.test/ X-Key v",
		"https://a.test=X-Key: v":        "https://a.test/ X-Key v, over https alone",
		"http://127.0.0.1:8080=X-Key: v": "http://127.0.0.1:8080/ X-Key v",
		"[::1]:8080=X-Key: v":            "https://[::1]:8080/ X-Key v",
		"b\u00fccher.test=X-Key: v":      "https://xn--bcher-kva.test/ X-Key v",
		"https://a.test/path=X-Key: v":   "",
		"a.test=X-Key":                   "",
		"a.test=":                        "", "=X-Key: v": "", "X Key: v": "", "": "", "a test=X-Key: v": "",
	} {
		h, err := parseHeader(text)
		got := h.To.String() + " " + h.Name + " " + h.Value
		if h.Secure {
			got += ", over https alone"
		}
		if err != nil {
			got = ""
		}
		if got != want {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
}
