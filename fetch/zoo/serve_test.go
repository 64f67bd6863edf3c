package zoo

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// client asks as the net/http package does, and follows nothing.
func client(t *testing.T, z *Zoo) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func get(t *testing.T, c *http.Client, u string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", u, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestIndexLinksToEveryCase(t *testing.T) {
	z := start(t)
	_, body := get(t, client(t, z), z.URL())
	for _, c := range Cases() {
		if !strings.Contains(body, `<a href="`+z.Seeds(c.Name)[0]+`">`+c.Name+`</a>`) {
			t.Errorf("case %s is not linked", c.Name)
		}
	}
}

func TestUnknownCases(t *testing.T) {
	z := start(t)
	if seeds := z.Seeds("no such"); seeds != nil {
		t.Errorf("seeds %q", seeds)
	}
	if n := z.Fetches("no such"); n != 0 {
		t.Errorf("%d fetches", n)
	}
	if resp, _ := get(t, client(t, z), z.URL()+"no-such/"); resp.StatusCode != 404 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// A space has no end: 60 pages further on there is still something new, and
// each page is counted.
func TestSpacesHaveNoEnd(t *testing.T) {
	z := start(t)
	c := client(t, z)
	href := regexp.MustCompile(`<a href="([^"]*)"`)
	for _, one := range Cases() {
		if one.Group != Spaces || one.Name == "facets" { // of facets there are 8!, two each page less
			continue
		}
		seen := make(map[string]bool)
		queue := z.Seeds(one.Name)
		asked := 0
		for ; asked < 60 && len(queue) > 0; asked++ {
			at := queue[0]
			queue = queue[1:]
			resp, body := get(t, c, at)
			links := href.FindAllStringSubmatch(body, -1)
			if to := resp.Header.Get("Location"); to != "" {
				links = append(links, []string{"", to})
			}
			for _, l := range links {
				u := resolve(t, at, l[1])
				if !seen[u] {
					seen[u] = true
					queue = append(queue, u)
				}
			}
		}
		if asked < 60 {
			t.Errorf("%s: ends after %d pages", one.Name, asked)
		}
		if n := z.Fetches(one.Name); n != asked {
			t.Errorf("%s: %d fetches counted, want %d", one.Name, n, asked)
		}
	}
}

func resolve(t *testing.T, base, ref string) string {
	t.Helper()
	b, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u, err := b.Parse(strings.ReplaceAll(ref, "&amp;", "&"))
	if err != nil {
		t.Fatal(err)
	}
	return u.String()
}

// Who asks again too soon is found out, and who waits is not.
func TestPushbackIsTimed(t *testing.T) {
	z := start(t)
	c := client(t, z)
	hasty, patient := named(t, "429-999999"), named(t, "429-seconds")
	for _, one := range []Case{hasty, patient} {
		if resp, _ := get(t, c, z.Seeds(one.Name)[0]); resp.StatusCode != 429 {
			t.Fatalf("%s: status %d", one.Name, resp.StatusCode)
		}
	}
	<-time.After(2 * underWay)
	get(t, c, z.Seeds(hasty.Name)[1])
	<-time.After(time.Second - 2*underWay)
	if resp, _ := get(t, c, z.Seeds(patient.Name)[1]); resp.StatusCode != 200 {
		t.Errorf("after the time asked for: status %d", resp.StatusCode)
	}
	if _, faults := z.sites[hasty.Name].seen(); len(faults) != 1 {
		t.Errorf("hasty: faults %q, want one", faults)
	}
	if _, faults := z.sites[patient.Name].seen(); len(faults) != 0 {
		t.Errorf("patient: faults %q", faults)
	}
}

func TestWhatMayNeverBeAskedFor(t *testing.T) {
	z := start(t)
	c := client(t, z)
	for name, path := range map[string]string{
		"url-1mib":         "long/" + strings.Repeat("a", 1<<20),
		"sitemap-external": "leak-dtd",
		"robots-forever":   "private",
	} {
		get(t, c, z.Seeds(name)[0]+path)
		if _, faults := z.sites[name].seen(); len(faults) != 1 {
			t.Errorf("%s: faults %q, want one", name, faults)
		}
	}
	resp, _ := get(t, c, z.Seeds("redirect-port")[0]+"go")
	get(t, c, resp.Header.Get("Location"))
	if _, faults := z.sites["redirect-port"].seen(); len(faults) != 1 {
		t.Errorf("redirect-port: faults %q, want one", faults)
	}
}

func TestServersThatChangeTheirMind(t *testing.T) {
	z := start(t)
	c := client(t, z)
	bans := z.Seeds("bans")[0]
	var last int
	for range 25 {
		resp, _ := get(t, c, bans)
		last = resp.StatusCode
	}
	if last != 403 {
		t.Errorf("bans: status %d after 25 requests", last)
	}
	_, first := get(t, c, z.Seeds("etag-frozen")[0])
	resp, second := get(t, c, z.Seeds("etag-frozen")[0])
	if first == second || resp.Header.Get("Etag") != `"always"` {
		t.Errorf("etag-frozen: %q, then %q, with ETag %s", first, second, resp.Header.Get("Etag"))
	}
	for i, seed := range z.Seeds("503-storm") {
		if resp, _ := get(t, c, seed); (resp.StatusCode == 503) != (i%3 == 0) {
			t.Errorf("503-storm: host %d answers %d", i, resp.StatusCode)
		}
	}
}

// Closing ends what is in the middle of something, and can be done twice.
func TestCloseEndsAll(t *testing.T) {
	z, err := Start(t.Context(), Options{Pace: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	c := client(t, z)
	for _, name := range []string{"drip-body", "chunk-forever", "no-more-body", "robots-timeout"} {
		u := z.Seeds(name)[0]
		if name == "robots-timeout" {
			u = resolve(t, u, "/robots.txt")
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", u, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan error, 1)
		go func() {
			resp, err := c.Do(req)
			got <- err
			if err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		}()
		if name != "robots-timeout" {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
	}
	z.Close()
	z.Close()
	if _, err := c.Get(z.URL()); err == nil {
		t.Error("a closed zoo answers")
	}
}
