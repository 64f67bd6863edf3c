package robots

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Each trap that github.com/temoto/robotstxt has beside its rules has a case here under its name.
func TestWhatTemotoAnswers(t *testing.T) {
	for _, c := range []struct {
		name, file, agent string
		want              string // whose rules
		delay             time.Duration
	}{
		{"agent of one letter beside star", "User-agent: *\nCrawl-delay: 1\nDisallow: /\nUser-agent: b\nCrawl-delay: 2\nDisallow: /", "B", "b", 2 * time.Second},
		{"agent of one letter that nobody has", "User-agent: *\nCrawl-delay: 1\nDisallow: /\nUser-agent: b\nCrawl-delay: 2\nDisallow: /", "bo", "*", time.Second},
		{"prefix of the agent", "User-agent: tra\nCrawl-delay: 2\nDisallow: /\nUser-agent: *\nCrawl-delay: 1", "trawl", "*", time.Second},
		{"prefix of the agent, without star", "User-agent: tra\nCrawl-delay: 2", "trawl", "", 0},
		{"agent at the end of the file", "User-agent: *\nCrawl-delay: 1\nDisallow: /\nUser-agent: Trawl", "trawl", "Trawl", 0},
		{"no agent", "User-agent: trawl\nCrawl-delay: 2", "", "", 0},
		{"delay beyond a Duration", "User-agent: *\nCrawl-delay: 1e18", "trawl", "*", maxDelay},
		{"delay as Go spells numbers", "User-agent: *\nCrawl-delay: 0x1p-1", "trawl", "*", time.Second / 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := Parse([]byte(c.file)).Rules(c.agent)
			if delay, _ := rules.CrawlDelay(); rules.agent != c.want || delay != c.delay {
				t.Errorf("got the rules of %q and %v, want those of %q and %v", rules.agent, delay, c.want, c.delay)
			}
		})
	}
}

func TestSitemapsComeBackAsWritten(t *testing.T) {
	want := []string{"https://x/a b.xml", "https://x/%20+&=", "/ツ", "/\xFF\xFE", ":", "sitemap: x", "/\v\fa", "*"}
	if got := Parse([]byte("Sitemap: " + strings.Join(want, "\nSitemap: "))).Sitemaps(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRefusedTextAllowsNothing(t *testing.T) {
	p := parser{agents: map[string]*Rules{}}
	p.asks.group("trawl", math.NaN())
	if v := p.file().Rules("trawl").Test("/a"); v.Allowed || !strings.Contains(v.Rule, "NaN") {
		t.Errorf("got %+v, want a refusal that says why", v)
	}
}

// FuzzCanonical feeds any file: its canonical text is never refused, and agents, delays and sitemaps come back as a slow and plain
// reading of the lines finds them.
func FuzzCanonical(f *testing.F) {
	f.Add([]byte("User-agent: *\nCrawl-delay: 1\nUser-agent: a\nCrawl-delay: 0.1\nAllow:\nUser-agent: A\nCrawl-delay: 3"), "a/1.0")
	f.Add([]byte("user-agent tra\nUser-agent: \nUser-agent: trawl x\nCrawl-delay: NaN\nCrawl-delay: 1e300"), "trawl")
	f.Add([]byte("Sitemap: a b\nSitemap:#\nSitemap: \xFF\nsite-map: a b\nSitemap: +%20:"), "*")
	f.Add([]byte("User-agent: a\nCrawl-delay: 0.S\nUser-agent: b\nCrawl-delay: 2 Seconds\nUser-agent: c\nCrawl-delay: 3ms"), "a")
	f.Fuzz(func(t *testing.T, body []byte, agent string) {
		file, want := Parse(body), readSlowly(body)
		if got := file.Sitemaps(); !slices.Equal(got, want.sitemaps) {
			t.Errorf("sitemaps %q, want %q", got, want.sitemaps)
		}
		for _, name := range append(want.agents, agent, "nobody", "") {
			name = strings.ToLower(headerToken(name))
			asked := name
			if !slices.Contains(want.agents, name) {
				asked = "*"
			}
			rules := file.Rules(name)
			if known := slices.Contains(want.agents, asked); known != (rules.agent != "") || known && !strings.EqualFold(rules.agent, asked) {
				t.Errorf("%q falls to %q, want %q of %q", name, rules.agent, asked, want.agents)
			}
			got, ok := rules.CrawlDelay()
			if delay, wantOK := want.delays[asked]; got != delay || ok != wantOK {
				t.Errorf("delay of %q: got %v, %v, want %v, %v", name, got, ok, delay, wantOK)
			}
		}
	})
}

// slowFile is what a file asks beside its rules.
type slowFile struct {
	agents   []string // in lower case
	delays   map[string]time.Duration
	sitemaps []string
}

// inSeconds is a number with its unit behind it.
var inSeconds = regexp.MustCompile(`(?s)^(.*\PL)(?:s|secs?|seconds?)$`)

func readSlowly(body []byte) slowFile {
	file := slowFile{delays: map[string]time.Duration{}}
	var above []string // agents for whom the next delay is
	inRun := true      // the next user-agent line adds to those above
	for _, text := range lines(clean(body)) {
		text, _, _ = strings.Cut(text, "#")
		field, value := split(strings.TrimSpace(text))
		switch field = strings.ToLower(field); {
		case slices.Contains([]string{"user-agent", "useragent", "user agent", "user_agent"}, field):
			if !inRun {
				above = nil
			}
			inRun = true
			if name := strings.ToLower(agentName(value)); name != "" {
				above, file.agents = append(above, name), append(file.agents, name)
			}
		case slices.Contains([]string{"crawl-delay", "crawldelay", "crawl delay", "crawl_delay"}, field):
			if m := inSeconds.FindStringSubmatch(strings.ToLower(value)); m != nil {
				value = strings.TrimSpace(m[1])
			}
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil || math.IsNaN(seconds) || math.IsInf(seconds, 0) || seconds < 0 {
				continue
			}
			for _, name := range above {
				if _, ok := file.delays[name]; !ok {
					file.delays[name] = time.Duration(min(seconds, 86400) * 1e9)
				}
			}
			above = nil
		case slices.Contains([]string{"sitemap", "site-map", "site map", "site_map"}, field):
			if value != "" && !slices.Contains(file.sitemaps, value) {
				file.sitemaps = append(file.sitemaps, value)
			}
		case field == "allow" || slices.Contains([]string{"disallow", "disalow", "dissallow", "dissalow", "diasllow", "disallaw", "dis-allow"}, field):
			inRun = false
		}
	}
	return file
}
