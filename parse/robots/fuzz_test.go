package robots

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/temoto/robotstxt"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
)

// FuzzParse feeds any bytes: nothing panics, the same file gives the same verdict, a verdict quotes the line that it names, and
// what is named by no rule is allowed.
func FuzzParse(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nAllow: /%7e\r\nCrawl-delay: 1\rSitemap: x"), "trawl/1.0", "/a?b")
	f.Add([]byte("\xEF\xBB\xBFuser agent : trawl\x00\nDisallow /"), "Mozilla/5.0 (compatible; trawl)", "")
	f.Add([]byte("User-agent: *\nCrawl-delay: 10 Sec\nDisallow: /"), "trawl", "/a")
	f.Add([]byte("<html>\n\xFFallow: ****$$#"), "*", "/%%%zz")
	for _, body := range hostile.Bodies(f) {
		f.Add(body, "trawl", "/a")
	}
	f.Fuzz(func(t *testing.T, body []byte, agent, uri string) {
		file := Parse(body)
		v := file.Rules(agent).Test(uri)
		if again := Parse(body).Rules(agent).Test(uri); again != v {
			t.Fatalf("got %+v, then %+v", v, again)
		}
		if (v.Rule == "") != (v.Line == 0) || v.Line == 0 && !v.Allowed {
			t.Fatalf("a verdict without its reason: %+v", v)
		}
		if v.Line > 0 && !strings.Contains(nthLine(clean(body), v.Line), v.Rule) {
			t.Fatalf("%+v is not line %d", v, v.Line)
		}
		if d, ok := file.Rules(agent).CrawlDelay(); d < 0 || d > maxDelay || d > 0 && !ok {
			t.Fatalf("delay %v, %v", d, ok)
		}
		if maps := file.Sitemaps(); slices.Contains(maps, "") {
			t.Fatalf("an empty sitemap in %q", maps)
		}
	})
}

func nthLine(text string, n int) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")[n-1]
}

// FuzzLongestMatch compares with a matcher that is slow and obvious: every rule is asked, by trying every length of every wildcard.
// Rules are given as lines that begin with "+" for Allow and anything else for Disallow.
func FuzzLongestMatch(f *testing.F) {
	f.Add("+/a\n-/a*b$\n-/*\n+*?q=%3a", "/axxb")
	f.Add("-/%7Ejoe\n+/~j*e", "/%7ejoe")
	f.Add("-/a%2Ab\n-/a$b\n+/a**", "/a*b")
	f.Add("-/*aba*bab$", "/ababab")
	f.Add("-/?u=http://x\n+/?u=*%2F", "/?u=http%3A%2F%2Fx?")
	f.Fuzz(func(t *testing.T, rules, uri string) {
		if len(rules) > 300 || len(uri) > 60 || strings.Contains(uri, "\x00") {
			t.Skip("more than the slow matcher can take")
		}
		file, want, length := "User-agent: *\n", true, 0
		for line := range strings.SplitSeq(rules, "\n") {
			if line == "" {
				continue
			}
			allow, path := line[0] == '+', strings.TrimSpace(plainPath(line[1:]))
			if path == "" {
				continue
			}
			file += map[bool]string{true: "Allow: ", false: "Disallow: "}[allow] + path + "\n"
			if n := slowMatch(path, uri); n > length || n == length && n > 0 && allow {
				want, length = allow, n
			}
		}
		if slices.Equal(octets(slashed(uri), false), octets("/robots.txt", false)) {
			want = true
		}
		if v := Parse([]byte(file)).Rules("trawl").Test(uri); v.Allowed != want {
			t.Errorf("%q with\n%s\ngot %+v, want %v (length %d)", uri, file, v, want, length)
		}
	})
}

// plainPath drops what the file's syntax would take for something else.
func plainPath(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("#\r\n\x00", r) {
			return -1
		}
		return r
	}, s)
}

func slashed(uri string) string {
	uri, _, _ = strings.Cut(uri, "#")
	if !strings.HasPrefix(uri, "/") {
		uri = "/" + uri
	}
	return uri
}

// slowMatch returns the length of a rule's path if it matches, else 0.
func slowMatch(path, uri string) int {
	if !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "*") {
		path = "/" + path
	}
	named := strings.Contains(path, "?")
	anchored := strings.HasSuffix(path, "$")
	if anchored {
		path = path[:len(path)-1]
	}
	// A wildcard goes through as a raw NUL, which neither path nor URL holds.
	var pattern []string
	for _, o := range octets(strings.ReplaceAll(path, "*", "\x00"), named) {
		if o == "any" {
			pattern = append(pattern, o)
		} else {
			pattern = append(pattern, strings.Split(o, "")...)
		}
	}
	if anchored {
		pattern = append(pattern, "end")
	}
	// It is the encoded text that is compared: "*0" matches "%20".
	if !slowWalk(pattern, strings.Split(strings.Join(octets(slashed(uri), named), ""), "")) {
		return 0
	}
	return len(pattern)
}

func slowWalk(pattern, url []string) bool {
	seen := map[[2]int]bool{}
	var walk func(i, j int) bool
	walk = func(i, j int) bool {
		if seen[[2]int{i, j}] {
			return false
		}
		seen[[2]int{i, j}] = true
		switch {
		case i == len(pattern):
			return true
		case pattern[i] == "end":
			return j == len(url)
		case pattern[i] == "any":
			return walk(i+1, j) || j < len(url) && walk(i, j+1)
		default:
			return j < len(url) && pattern[i] == url[j] && walk(i+1, j+1)
		}
	}
	return walk(0, 0)
}

// octets spells each octet of a URL in one way, by RFC 9309 §2.2.2 and RFC 3986 §2, as slowly and plainly as can be. After its "?"
// some more characters are the same encoded and raw, if the rule names the query.
func octets(s string, named bool) []string {
	const data = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!'()*$"
	const delimiters = ":/?#[]@&+,;="
	escape := regexp.MustCompile(`^%[0-9A-Fa-f]{2}`)
	var out []string
	inQuery := false
	for s != "" {
		raw := escape.FindString(s)
		c := s[:1]
		if raw != "" {
			var b byte
			fmt.Sscanf(raw, "%%%02x", &b)
			c = string([]byte{b})
		} else {
			raw = c
		}
		s = s[len(raw):]
		same := strings.Contains(data, c) || inQuery && strings.Contains(":/?@", c)
		if raw == "\x00" {
			out = append(out, "any")
		} else if same || len(raw) == 1 && strings.Contains(delimiters, c) {
			out = append(out, c)
		} else {
			out = append(out, fmt.Sprintf("%%%02X", c[0]))
		}
		inQuery = inQuery || named && raw == "?"
	}
	return out
}

// FuzzTemoto writes files of the plain kind that github.com/temoto/robotstxt reads well, with every choice taken from the input.
func FuzzTemoto(f *testing.F) {
	f.Add([]byte("0123456789abcdefgh"), "/ab/a")
	f.Add([]byte{0, 1, 2, 3, 250, 251, 252, 9, 8, 7}, "/b/aa?")
	f.Fuzz(func(t *testing.T, choices []byte, uri string) {
		uri = "/" + strings.Map(func(r rune) rune {
			if strings.ContainsRune("abc/.", r) {
				return r
			}
			return -1
		}, uri)
		file := plainFile(choices)
		oracle, err := robotstxt.FromBytes([]byte(file))
		if err != nil {
			t.Fatalf("temoto refuses\n%s\n%v", file, err)
		}
		for _, agent := range []string{"one", "two", "other"} {
			rules := Parse([]byte(file)).Rules(agent)
			if got, want := rules.Test(uri), oracle.TestAgent(uri, agent); got.Allowed != want {
				t.Errorf("%s for %s with\n%s\ngot %+v, temoto says %v", uri, agent, file, got, want)
			}
			if got, _ := rules.CrawlDelay(); got != oracle.FindGroup(agent).CrawlDelay {
				t.Errorf("delay of %s with\n%s\ngot %v, temoto says %v", agent, file, got, oracle.FindGroup(agent).CrawlDelay)
			}
		}
	})
}

// plainFile has three groups of rules without wildcards, no path in both an Allow and a Disallow line of a group.
func plainFile(choices []byte) string {
	var b strings.Builder
	for g, agent := range []string{"one", "*", "Two"} {
		used := map[string]bool{}
		fmt.Fprintf(&b, "User-agent: %s\nDisallow: /only-%d\nCrawl-delay: %d\n", agent, g, g+1)
		for i := g; i+1 < len(choices); i += 3 {
			path := "/" + strings.NewReplacer("0", "a", "1", "b", "2", "c", "3", "/").Replace(fmt.Sprintf("%d%d%d", choices[i]%4, choices[i]/4%4, choices[i]/16%4))
			path = path[:1+int(choices[i+1])%4]
			if !used[path] {
				used[path] = true
				fmt.Fprintf(&b, "%s: %s\n", []string{"Allow", "Disallow"}[choices[i+1]>>7], path)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Normalizing is done when it is done once, or the length of a pattern would depend on who wrote it.
func FuzzNormalize(f *testing.F) {
	f.Add("/%7e%2f%zz%25%", false)
	f.Add("?ツ=%3a'%27", true)
	f.Fuzz(func(t *testing.T, s string, query bool) {
		once := normalize(s, query)
		if twice := normalize(once, query); twice != once {
			t.Errorf("%q: %q, then %q", s, once, twice)
		}
	})
}
