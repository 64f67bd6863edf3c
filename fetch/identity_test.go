package fetch_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/dial"
)

// echo answers with the request's header fields of these names, as they came.
func echo(names ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Host", r.Host)
		for _, name := range names {
			if v := r.Header.Values(name); len(v) > 0 {
				fmt.Fprintf(w, "%s: %s\n", name, strings.Join(v, " | "))
			}
		}
	}
}

func TestWhatEveryServerIsTold(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { r.Header.Write(w) })
	got := string(get(t, newClient(t, fetch.Options{UserAgent: "trawl/1"}), s.URL).Body)
	want := "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nUser-Agent: trawl/1\r\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// What the user gives for one host stays there: another port is another host.
func TestCredentials(t *testing.T) {
	h := echo("Authorization", "Cookie", "X-Key", "User-Agent", "Accept-Encoding", "Host")
	mine, other := newServer(t, h), newServer(t, h)
	host := strings.TrimPrefix(mine.URL, "http://")
	c := newClient(t, fetch.Options{UserAgent: "trawl", Credentials: []fetch.Credential{
		{Host: host, Username: "me", Password: "pass:word", Cookies: "a=1; b=2"},
		{Host: host, Header: http.Header{"x-key": {"k1", "k2"}, "cookie": {`c="3"`}, "Host": {"www.example.test"}, "user-agent": {"mine"}, "accept-encoding": {"identity"}}},
	}})
	const told = `Authorization: Basic bWU6cGFzczp3b3Jk
Cookie: a=1; b=2; c="3"
X-Key: k1 | k2
User-Agent: mine
Accept-Encoding: identity
Host: www.example.test
`
	if got := string(get(t, c, mine.URL).Body); got != told {
		t.Errorf("its host was told\n%swant\n%s", got, told)
	}
	anonymous := "User-Agent: trawl\nAccept-Encoding: gzip, deflate, br, zstd\nHost: " + strings.TrimPrefix(other.URL, "http://") + "\n"
	if got := string(get(t, c, other.URL).Body); got != anonymous {
		t.Errorf("another host was told\n%swant\n%s", got, anonymous)
	}
}

// What was given for https does not go to the same host in the clear.
func TestSecureCredentials(t *testing.T) {
	s := newServer(t, echo("Authorization"))
	host := strings.TrimPrefix(s.URL, "http://")
	for _, secure := range []bool{false, true} {
		c := newClient(t, fetch.Options{Credentials: []fetch.Credential{{Host: host, Secure: secure, Username: "me"}}})
		if told := len(get(t, c, s.URL).Body) > 0; told == secure {
			t.Errorf("secure %v: the password went over http: %v", secure, told)
		}
	}
}

func TestBadOptions(t *testing.T) {
	for _, tt := range []struct {
		opts  fetch.Options
		words string
	}{
		{fetch.Options{UserAgent: "a\nb"}, `user agent "a\nb"`},
		{fetch.Options{Credentials: []fetch.Credential{{Username: "me"}}}, "credentials for no host"},
		{fetch.Options{Credentials: []fetch.Credential{{Host: "h", Header: http.Header{"a b": {"c"}}}}}, `header "a b" for h: not a header name`},
		{fetch.Options{Credentials: []fetch.Credential{{Host: "h", Header: http.Header{"A": {"c\r\nd"}}}}}, `value "c\r\nd"`},
		{fetch.Options{Credentials: []fetch.Credential{{Host: "h", Cookies: "a=\n"}}}, "cookies for h"},
		{fetch.Options{Proxy: "ftp://proxy:3128"}, "proxy \"ftp://proxy:3128\": want http://"},
		{fetch.Options{Proxy: "http://"}, "no host"},
		{fetch.Options{Dial: dial.Options{Resolve: map[string]string{"a.test": "127.0.0.1"}}}, `resolve "a.test" to "127.0.0.1": want host:port`},
		{fetch.Options{Proxy: "proxy:3128"}, "want http://"},
		{fetch.Options{Proxy: "http://u:secret@pro xy"}, "proxy"},
	} {
		c, err := fetch.New(tt.opts)
		if err == nil {
			c.Close()
			t.Errorf("taken; want an error about %s", tt.words)
			continue
		}
		if !strings.Contains(err.Error(), tt.words) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v; want … %s, and no password", err, tt.words)
		}
	}
}
