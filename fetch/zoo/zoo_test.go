package zoo

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"
)

var update = flag.Bool("update", false, "write the golden file anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves a zoo that hurries, until the test ends.
func start(t *testing.T) *Zoo {
	t.Helper()
	z, err := Start(t.Context(), Options{Pace: 5 * time.Millisecond, Lifetime: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(z.Close)
	return z
}

// named gives one case.
func named(t *testing.T, name string) Case {
	t.Helper()
	all := Cases()
	i := slices.IndexFunc(all, func(c Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no case %q", name)
	}
	return all[i]
}

func TestCasesAreDescribed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9]+([-.][a-z0-9]+)*$`)
	seen := make(map[string]bool)
	for _, c := range Cases() {
		if !name.MatchString(c.Name) || seen[c.Name] {
			t.Errorf("case %q: want a name of its own, of letters, digits, dots and hyphens", c.Name)
		}
		seen[c.Name] = true
		if c.Does == "" || strings.HasSuffix(c.Does, ".") {
			t.Errorf("case %s: Does is %q, want a sentence without its full stop", c.Name, c.Does)
		}
		if len(c.Want) == 0 || c.Group == "" || c.up == nil {
			t.Errorf("case %s: wants %d, is of group %q", c.Name, len(c.Want), c.Group)
		}
		for _, w := range c.Want {
			if len(w.Outcome) == 0 {
				t.Errorf("case %s: %s: want an outcome", c.Name, w)
			}
		}
	}
}

func TestWantReadsWell(t *testing.T) {
	for want, w := range map[string]Want{
		"./: failed, error timeout":                                               failed("timeout")[0],
		`next: fetched, status 200, title "x"`:                                    fetched("next", "x"),
		"private: skipped, rule robots":                                           skipped("private", "robots"),
		"./: fetched, status 301 or 302 or 303 or 307 or 308, no redirect target": hop("-"),
		"./: fetched, over body or ratio":                                         {Outcome: []string{"fetched"}, Over: []string{"body", "ratio"}},
		"*: fetched, truncated, at most 10 bytes, or no record":                   {URL: "*", Outcome: []string{"fetched"}, Truncated: true, MaxBytes: 10, Optional: true},
	} {
		if got := w.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestStartRefusesWhatIsNotLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "10.0.0.1:0", "localhost", "[::]:0", "example.com:80"} {
		if z, err := Start(t.Context(), Options{Addr: addr}); err == nil {
			z.Close()
			t.Errorf("Start at %q: no error", addr)
		}
	}
}

// What each case sends for its seed, and beside it, as a client sees it that
// reads bytes and thinks nothing.
func TestWhatIsSent(t *testing.T) {
	z := start(t)
	var asked []string
	for _, c := range Cases() {
		u := z.Seeds(c.Name)[0]
		asked = append(asked, u)
		if strings.HasPrefix(c.Name, "robots-") || strings.HasPrefix(c.Name, "sitemap-") {
			asked = append(asked, strings.Replace(u, c.Name+"/", "robots.txt", 1))
		}
		if strings.HasPrefix(c.Name, "sitemap-") {
			asked = append(asked, u+"maps/0")
		}
	}
	golden := filepath.Join("testdata", "sent.golden")
	want := readSent(t, golden)
	sent := make([]string, len(asked))
	var probes errgroup.Group
	probes.SetLimit(16)
	for i, u := range asked {
		probes.Go(func() error {
			name, path := z.place(u)
			sent[i] = path + " " + z.probe(t, name, u, func(got string) bool { return got == want[path] })
			return nil
		})
	}
	_ = probes.Wait()
	if *update {
		if err := os.WriteFile(golden, []byte(strings.Join(sent, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, line := range sent {
		path, got, _ := strings.Cut(line, " ")
		if got != want[path] {
			t.Errorf("%s\ngot  %s\nwant %s", path, got, want[path])
		}
	}
	if len(sent) != len(want) {
		t.Errorf("%d answers, the golden file has %d; -update writes it anew", len(sent), len(want))
	}
}

// readSent gives the golden file's answers by path.
func readSent(t *testing.T, file string) map[string]string {
	text, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		path, answer, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		want[path] = answer
	}
	return want
}

// place gives the case that a URL belongs to, and its path, by which the
// golden file knows it: that of a robots.txt after the case's name.
func (z *Zoo) place(raw string) (name, path string) {
	for _, s := range z.sites {
		for _, o := range s.origin {
			if path, ok := strings.CutPrefix(raw, o); ok && (o != z.origin || strings.HasPrefix(path, s.dir())) {
				if path == "/robots.txt" {
					path = s.dir() + "../robots.txt"
				}
				return s.name, path
			}
		}
	}
	return "", raw
}

// enoughSeen is how much of an answer is told.
const enoughSeen = 140

// Some answers end by saying nothing more. After quiet such an answer is
// taken for one if it is the one expected; any other has until patience.
const (
	quiet    = 200 * time.Millisecond
	patience = 15 * time.Second
)

func (z *Zoo) probe(t *testing.T, name, raw string, expected func(string) bool) string {
	u, err := url.Parse(raw)
	if err != nil {
		return err.Error()
	}
	late := time.Now().Add(patience)
	if *update {
		late = time.Now().Add(40 * quiet)
	}
	if u.Scheme == "http" {
		return z.probeTCP(name, u, late, expected)
	}
	if expected("open") {
		late = time.Now().Add(3 * quiet)
	}
	return z.normal(name, z.probeTLS(t.Context(), u, late))
}

// probeTCP asks over plain TCP and tells the first bytes of the answer and how it
// ended.
func (z *Zoo) probeTCP(name string, u *url.URL, late time.Time, expected func(string) bool) string {
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		return z.tell(name, "", err.Error())
	}
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", u.RequestURI(), u.Host)
	var got []byte
	buf := make([]byte, 32<<10)
	for len(got) < 64<<10 {
		_ = c.SetReadDeadline(time.Now().Add(quiet)) // it fails on a closed connection alone
		n, err := c.Read(buf)
		got = append(got, buf[:n]...)
		end := "and so on"
		if e, ok := err.(net.Error); ok && e.Timeout() {
			end = "open"
		} else if err != nil {
			return z.tell(name, string(got), ending(err))
		}
		if text := z.tell(name, string(got), end); expected(text) || time.Now().After(late) {
			return text
		}
	}
	return z.tell(name, string(got), "and so on")
}

// tell gives what is not the same in every answer.
func (z *Zoo) tell(name, got, end string) string {
	if strings.HasSuffix(name, "-accept") {
		return "gone" // before the request or under it, as it happens
	}
	got = z.normal(name, got[:min(len(got), 4*enoughSeen)])
	for _, line := range []string{"Date: [^\r]*\r\n", "Connection: close\r\n", "Content-Type: text/html; charset=utf-8\r\n"} {
		got = regexp.MustCompile(line).ReplaceAllLiteralString(got, "")
	}
	if len(got) > enoughSeen {
		return fmt.Sprintf("%q… %s", got[:enoughSeen], end)
	}
	return fmt.Sprintf("%q %s", got, end)
}

func ending(err error) string {
	if err == io.EOF {
		return "closed"
	}
	if strings.Contains(err.Error(), "reset") {
		return "reset"
	}
	return err.Error()
}

// probeTLS asks as net/http does.
func (z *Zoo) probeTLS(ctx context.Context, u *url.URL, late time.Time) string {
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: z.Roots()}, MaxResponseHeaderBytes: 256 << 10}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithDeadline(ctx, late)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", u.String(), nil)
	if err != nil {
		return err.Error()
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 200))
	text := fmt.Sprintf("%s %d %q", resp.Proto, resp.StatusCode, body)
	if to := resp.Header.Get("Location"); to != "" {
		text += " to " + to
	}
	if err != nil {
		text += " " + err.Error()
	}
	return text
}

var varying = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`Retry-After: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20[2-8]\d [^\\]*`), "Retry-After: DATE"},
	{regexp.MustCompile(`X-Ratelimit-Reset: \d+`), "X-Ratelimit-Reset: SECONDS"},
	{regexp.MustCompile(`[0-9a-f]{32}`), "SESSION"},
	{regexp.MustCompile(`Content-Length: 10\d{6}`), "Content-Length: 10 MB"},
	{regexp.MustCompile(`soft-404-deeper/(try-)?[0-9a-f]{4}`), "soft-404-deeper/${1}WORD"},
	{regexp.MustCompile(`(read tcp|dial tcp|write tcp) [^ ]* ?`), ""},
	{regexp.MustCompile(`127\.0\.0\.1:\d+(->127\.0\.0\.1:\d+)?`), "ADDR"},
	{regexp.MustCompile(`http2: (client conn|failed reading).*`), "http2: broken"},
	{regexp.MustCompile(`current time \S+ is`), "current time is"},
	{regexp.MustCompile(`(before|after) 20\S+`), "$1 THEN"},
}

// normal takes out of a text what differs from run to run.
func (z *Zoo) normal(name, text string) string {
	if before, _, ok := strings.Cut(text, "\x1f\x8b"); ok {
		text = before + "GZIP"
	}
	if strings.HasSuffix(text, "context deadline exceeded") {
		return "open"
	}
	for i, o := range z.sites[name].origin {
		text = strings.ReplaceAll(text, o, fmt.Sprintf("{%d}", i))
	}
	for _, v := range varying {
		text = v.what.ReplaceAllString(text, v.as)
	}
	return text
}
