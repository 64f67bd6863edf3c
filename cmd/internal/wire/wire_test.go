package wire

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func TestToken(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"trawl/1.0 (+https://example.org)": "trawl",
		"trawl":                            "trawl",
		"my bot":                           "my",
		"Mozilla/5.0 (compatible; mybot/1.0; +https://example.org/bot)":  "mybot",
		"Mozilla/5.0 (compatible; mybot)":                                "mybot",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Fx/14": "Mozilla",
	} {
		if got := Token(agent); got != want {
			t.Errorf("Token(%q) = %q, want %q", agent, got, want)
		}
	}
}

func TestRobotsTxtHasTheTimeOfAPage(t *testing.T) {
	t.Parallel()
	s := &config.Settings{Network: config.Network{Timeout: time.Minute}}
	if got := robots(s).Timeout; got != time.Minute {
		t.Errorf("robots.txt has %v under --timeout 1m", got)
	}
}

// What the user tells the seeds' hosts is told to each of them once; what was
// given for https is not sent in the clear; a seed's own login goes before
// that of --user, and over https alone if the seed does, though another seed of
// its host does not, as with a header whose host is given with https.
func TestCredentials(t *testing.T) {
	t.Parallel()
	urls := make([]weburl.URL, 0, 5)
	for _, raw := range []string{"https://a.test/1", "https://a.test/2", "http://b.test/", "https://b.test/", "http://d.test/"} {
		u, err := weburl.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		urls = append(urls, u)
	}
	s := &config.Settings{Identity: config.Identity{
		Headers: []config.Header{
			{Name: "x-key", Value: "1"}, {Name: "X-Key", Value: "2"},
			{Name: "x-own", Value: "3", To: weburl.FromCanonical("https://a.test/")},
			{Name: "x-own", Value: "4", To: weburl.FromCanonical("https://b.test/")},
			{Name: "x-own", Value: "6", To: weburl.FromCanonical("https://b.test/"), Secure: true},
			{Name: "x-own", Value: "5", To: weburl.FromCanonical("http://c.test:8080/")},
		},
		Cookies: []string{"a=1", "b=2"},
		Login:   config.Login{User: "me", Password: "pw"},
	}}
	got := credentials(s, config.Seeds{URLs: urls, Logins: map[weburl.URL]config.Login{
		urls[1]: {User: "you", Password: "wp"}, urls[3]: {User: "him", Password: "hp"}, urls[4]: {User: "her", Password: "rp"},
	}})
	header := map[string][]string{"X-Key": {"1", "2"}}
	want := []fetch.Credential{
		{Host: "a.test", Secure: true, Username: "me", Password: "pw"},
		{Host: "b.test", Secure: false, Username: "me", Password: "pw"},
		{Host: "d.test", Secure: false, Username: "me", Password: "pw"},
		{Host: "a.test", Secure: true, Username: "you", Password: "wp"},
		{Host: "b.test", Secure: true, Username: "him", Password: "hp"},
		{Host: "d.test", Secure: false, Username: "her", Password: "rp"},
		{Host: "a.test", Secure: true, Header: header, Cookies: "a=1; b=2"},
		{Host: "b.test", Secure: false, Header: header, Cookies: "a=1; b=2"},
		{Host: "d.test", Secure: false, Header: header, Cookies: "a=1; b=2"},
		{Host: "a.test", Secure: true, Header: map[string][]string{"X-Own": {"3"}}},
		{Host: "b.test", Secure: false, Header: map[string][]string{"X-Own": {"4"}}},
		{Host: "b.test", Secure: true, Header: map[string][]string{"X-Own": {"6"}}},
		{Host: "c.test:8080", Secure: false, Header: map[string][]string{"X-Own": {"5"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
