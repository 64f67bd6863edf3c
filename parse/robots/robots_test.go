package robots

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// verdictCase asks one file about several URLs: "+/path" is allowed, "-/path" is not.
type verdictCase struct {
	name  string
	file  string
	agent string // trawl when empty
	want  string
}

func runVerdicts(t *testing.T, cases []verdictCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			agent := c.agent
			if agent == "" {
				agent = "trawl"
			}
			rules := Parse([]byte(c.file)).Rules(agent)
			for _, want := range strings.Fields(c.want) {
				if v := rules.Test(want[1:]); v.Allowed != (want[0] == '+') {
					t.Errorf("%s: got %+v", want, v)
				}
			}
		})
	}
}

// Each way in which github.com/temoto/robotstxt falls short has a case here under its name.
func TestWhereTemotoFallsShort(t *testing.T) {
	runVerdicts(t, []verdictCase{
		{name: "rule before the first user-agent", file: "Disallow: /lost\nUser-agent: *\nDisallow: /kept", want: "+/lost -/kept"},
		{name: "crawl-delay that is no number", file: "User-agent: *\nCrawl-delay: fast\nDisallow: /kept", want: "-/kept +/"},
		{name: "space before the colon", file: "User-agent : *\nDisallow : /kept", want: "-/kept +/"},
		{name: "tie broken by kind, disallow first", file: "User-agent: *\nDisallow: /a\nAllow: /a", want: "+/a"},
		{name: "tie broken by kind, allow first", file: "User-agent: *\nAllow: /a\nDisallow: /a", want: "+/a"},
		{name: "length in octets of the pattern", file: "User-agent: *\nDisallow: /a.b.c*d\nAllow: /a.b.c.d.e", want: "+/a.b.c.d.e -/a.b.c.d"},
		{name: "patterns are anchored at the start", file: "User-agent: *\nDisallow: /b*c", want: "+/a/b/c -/b/c"},
		{name: "disallow star", file: "User-agent: *\nDisallow: *", want: "-/ -/a"},
		{name: "dollar inside a pattern", file: "User-agent: *\nDisallow: /a$b", want: "-/a$b -/a%24b -/a$bc +/a"},
		{name: "percent-encoding", file: "User-agent: *\nDisallow: /%7ejoe/%e3%83%84", want: "-/~joe/%E3%83%84 -/%7Ejoe/%e3%83%84"},
		{name: "raw UTF-8", file: "User-agent: *\nDisallow: /ツ", want: "-/%E3%83%84 -/%e3%83%84 -/ツ"},
		{name: "raw UTF-8 whose code point ends like an ASCII letter", file: "User-agent: *\nDisallow: /š", want: "-/%C5%A1 +/a"},
		{name: "agents are compared whole", file: "User-agent: tra\nDisallow: /\n\nUser-agent: trawler\nDisallow: /", want: "+/a"},
		{name: "comment glued to a value", file: "User-agent: *#all\nDisallow: /a#b", want: "-/a -/ac +/"},
		{name: "crawl-delay does not close a group", file: "User-agent: trawl\nCrawl-delay: 1\nUser-agent: other\nDisallow: /a", want: "-/a"},
		{name: "robots.txt itself", file: "User-agent: *\nDisallow: /\nDisallow: /robots.txt", want: "+/robots.txt +/robots%2Etxt -/robots.txt.bak -/a/robots.txt"},
		{name: "same agent in two groups", file: "User-agent: trawl\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: TRAWL\nDisallow: /b", want: "-/a -/b +/c"},
	})
}

func TestGroups(t *testing.T) {
	const three = "User-agent: *\nDisallow: /star\n\nUser-agent: Trawl\nUser-agent: other\nDisallow: /trawl\n\nUser-agent: third\nDisallow: /third"
	runVerdicts(t, []verdictCase{
		{name: "own group instead of star", file: three, want: "-/trawl +/star +/third"},
		{name: "second agent of a group", file: three, agent: "Other", want: "-/trawl +/star"},
		{name: "star for the rest", file: three, agent: "unknown", want: "-/star +/trawl"},
		{name: "nobody", file: three, agent: "", want: "-/trawl"},
		{name: "header", file: three, agent: "trawl/1.0 (+https://example.org)", want: "-/trawl +/star"},
		{name: "header with a browser before it", file: three, agent: "Mozilla/5.0 (compatible; Third/2.1; +http://x/)", want: "-/third +/star"},
		{name: "browser", file: three, agent: "Mozilla/5.0 (X11; Linux x86_64)", want: "-/star +/third"},
		{name: "no group for the agent", file: "User-agent: other\nDisallow: /", want: "+/a"},
		{name: "own group without rules", file: "User-agent: *\nDisallow: /\n\nUser-agent: trawl\nDisallow:", want: "+/a"},
		{name: "own group at the end of the file", file: "User-agent: *\nDisallow: /\n\nUser-agent: trawl", want: "+/a"},
		{name: "blank lines do not end a group", file: "User-agent: trawl\n\n\nDisallow: /a\n\nDisallow: /b", want: "-/a -/b"},
		{name: "sitemap and unknown lines do not end a run of agents", file: "User-agent: trawl\nSitemap: https://x/s\nHost: x\nUser-agent: b\nDisallow: /a", want: "-/a"},
		{name: "empty disallow ends it", file: "User-agent: trawl\nDisallow:\nUser-agent: b\nDisallow: /a", want: "+/a"},
		{name: "nameless agent takes its rules with it", file: "User-agent: trawl\nDisallow: /a\nUser-agent:\nDisallow: /b", want: "-/a +/b"},
		{name: "version after the token", file: "User-agent: trawl/2.1\nDisallow: /a", want: "-/a"},
		{name: "word after the token", file: "User-agent: Trawl the crawler\nDisallow: /a", want: "-/a"},
		{name: "word after star", file: "User-agent: * please\nDisallow: /a", want: "-/a"},
		{name: "star within a name is no star", file: "User-agent: *bot\nDisallow: /a", want: "+/a"},
		{name: "digits in a name", file: "User-agent: MJ\nDisallow: /a\n\nUser-agent: MJ12bot\nDisallow: /b", agent: "MJ12bot/1.4", want: "+/a -/b"},
		{name: "dots in a name", file: "User-agent: archive\nDisallow: /a\n\nUser-agent: archive.org_bot\nDisallow: /b", agent: "archive.org_bot", want: "+/a -/b"},
		{name: "longest rule in either of two groups", file: "User-agent: trawl\nDisallow: /a\nAllow: /b/c\nUser-agent: x\nDisallow: /\nUser-agent: trawl\nAllow: /a/b\nDisallow: /b", want: "-/a +/a/b -/b +/b/c"},
		{name: "agent named twice in one group", file: "User-agent: trawl\nUser-agent: trawl\nDisallow: /a", want: "-/a +/b"},
	})
}

func TestPatterns(t *testing.T) {
	star := func(lines ...string) string { return "User-agent: *\n" + strings.Join(lines, "\n") }
	runVerdicts(t, []verdictCase{
		{name: "empty file", file: "", want: "+/"},
		{name: "empty disallow", file: star("Disallow:"), want: "+/"},
		{name: "all", file: star("Disallow: /"), want: "-/ -/a -/?q"},
		{name: "prefix", file: star("Disallow: /fish"), want: "-/fish -/fish.html -/fish/salmon -/fishheads -/fish?id=1 +/Fish +/catfish +/?id=fish"},
		{name: "prefix with star", file: star("Disallow: /fish*"), want: "-/fish -/fish.html +/Fish +/catfish"},
		{name: "folder", file: star("Disallow: /fish/"), want: "-/fish/ -/fish/?id=1 -/fish/salmon +/fish +/fish.html"},
		{name: "extension", file: star("Disallow: /*.php"), want: "-/a.php -/a/b.php?c -/a.php/ -/.php5 +/ +/a.PHP"},
		{name: "extension at the end", file: star("Disallow: /*.php$"), want: "-/a.php -/a.php.php +/a.php?c +/a.php/ +/a.php5"},
		{name: "star in the middle", file: star("Disallow: /fish*.php"), want: "-/fish.php -/fishheads/cat.php?p +/Fish.php"},
		{name: "star before end", file: star("Disallow: /a*$"), want: "-/a -/ab +/b"},
		{name: "several stars", file: star("Disallow: /a**b***c$"), want: "-/abc -/axbxc +/acb +/abcd"},
		{name: "parts may not overlap", file: star("Disallow: /*aba*bab$"), want: "+/abab -/ababab -/abaxbab"},
		{name: "root alone", file: star("Disallow: /$"), want: "-/ +/a +/?q"},
		{name: "two dollars", file: star("Disallow: /a$$"), want: "-/a$ +/a +/a$$"},
		{name: "longest wins", file: star("Allow: /p", "Disallow: /"), want: "+/page -/q"},
		{name: "folder against folder", file: star("Allow: /folder", "Disallow: /folder"), want: "+/folder/page"},
		{name: "star counts", file: star("Allow: /page", "Disallow: /*.htm"), want: "-/page.htm"},
		{name: "wildcards against prefix of one length", file: star("Allow: /page", "Disallow: /*.ph"), want: "+/page.php5"},
		{name: "root against all", file: star("Allow: /$", "Disallow: /"), want: "+/ -/page.htm"},
		{name: "end mark counts", file: star("Allow: /a", "Disallow: /a$"), want: "-/a +/ab"},
		{name: "order does not matter", file: star("Disallow: /a/b", "Allow: /a/b/c", "Disallow: /a/b/c/d", "Allow: /a"), want: "+/a -/a/b +/a/b/c -/a/b/c/d"},
		{name: "missing slash", file: star("Disallow: private"), want: "-/private/a +/a/private"},
		{name: "query", file: star("Disallow: /*?s="), want: "-/a?s=1 +/a?t=1&s=1 +/s="},
		{name: "literal star and dollar", file: star("Disallow: /a%2Ab", "Disallow: /c%24"), want: "-/a*b -/a%2ab +/axb -/c$ -/c$d +/c"},
		{name: "escaped unreserved", file: star("Disallow: /%62%61%7A"), want: "-/baz -/%62az"},
		{name: "reserved stays encoded", file: star("Disallow: /a%2fb", "Disallow: /c/d"), want: "-/a%2Fb +/a/b -/c/d +/c%2Fd"},
		{name: "reserved in a query", file: star("Disallow: /foo/bar?baz=https://foo.bar"), want: "-/foo/bar?baz=https://foo.bar -/foo/bar?baz=https%3A%2F%2Ffoo.bar"},
		{name: "reserved in a query of the file", file: star("Disallow: /foo?a=1*https%3a%2F%2Fx"), want: "-/foo?a=1&b=https://x"},
		{name: "reserved in an unnamed query", file: star("Disallow: /*=http:"), want: "-/?u=http://x -/http=http: +/a"},
		{name: "stray percent signs", file: star("Disallow: /100%", "Disallow: /%zz"), want: "-/100% -/100%25 -/%zz -/%25zz +/zz"},
		{name: "encoded text is what is compared", file: star("Disallow: /a*0$"), want: "-/a%20 +/a%21"},
		{name: "quotes and braces", file: star(`Disallow: /{a}|"b"`), want: `-/%7Ba%7D%7C%22b%22 -/{a}|"b"`},
		{name: "apostrophe in a query", file: star("Disallow: /?q='a'"), want: "-/?q=%27a%27 -/?q='a'"},
		{name: "url without a slash", file: star("Disallow: /", "Allow: /?q"), want: "+?q -a"},
		{name: "fragment", file: star("Disallow: /a$"), want: "-/a#b"},
	})
	spaced := Parse([]byte(star("Disallow: /a b"))).Rules("x")
	if v := spaced.Test("/a%20b"); v.Allowed {
		t.Errorf("a rule with a space: got %+v", v)
	}
}

func TestText(t *testing.T) {
	runVerdicts(t, []verdictCase{
		{name: "LF", file: "User-agent: *\nDisallow: /a\n", want: "-/a"},
		{name: "CRLF", file: "User-agent: *\r\nDisallow: /a$\r\n", want: "-/a"},
		{name: "CR", file: "User-agent: *\rDisallow: /a$\rDisallow: /b", want: "-/a -/b"},
		{name: "byte order mark", file: "\xEF\xBB\xBFUser-agent: *\nDisallow: /a", want: "-/a"},
		{name: "half a byte order mark", file: "\xEF\xBBUser-agent: *\nDisallow: /a", want: "-/a"},
		{name: "broken byte order mark", file: "\xEF\x11\xBFUser-agent: *\nDisallow: /a", want: "+/a"},
		{name: "byte order mark in the middle", file: "User-agent: *\n\xEF\xBB\xBFDisallow: /a\nDisallow: /b", want: "+/a -/b"},
		{name: "UTF-16 little endian", file: utf16("\xFF\xFE", "User-agent: *\nDisallow: /a", 0), want: "-/a +/b"},
		{name: "UTF-16 big endian", file: utf16("\xFE\xFF", "User-agent: *\nDisallow: /a", 1), want: "-/a +/b"},
		{name: "NULs", file: "User-agent: *\x00\nDis\x00allow: /a\x00", want: "-/a"},
		{name: "HTML", file: "<!DOCTYPE html>\n<html><head>\n<title>404: Not found</title>\n<p>Disallow: /\n<a href='https://x/'>allow: all</a>", want: "+/a"},
		{name: "typos", file: "useragent: *\ndisalow: /a\ndissallow: /b\ndissalow: /c\ndiasllow: /d\ndisallaw: /e\nALLOW: /a/b", want: "-/a -/b -/c -/d -/e +/a/b"},
		{name: "user agent in two words", file: "User Agent: *\nDisallow: /a", want: "-/a"},
		{name: "forgotten colons", file: "User-agent trawl\nDisallow /a\nAllow \t /a/b\nDisallow /c d", want: "-/a +/a/b +/c"},
		{name: "no space after the colon", file: "user-agent:*\ndisallow:/a", want: "-/a"},
		{name: "indented", file: "  \tUser-agent:\t*  \n\t Disallow:\t/a \t", want: "-/a -/ab"},
		{name: "second colon", file: "User-agent: *\nDisallow: /a:b", want: "-/a:b +/a"},
		{name: "other fields", file: "User-agent: *\nNoindex: /a\nClean-param: s /b\nDisallowed: /c\n: /d\n:", want: "+/a +/b +/c +/d"},
		{name: "comments", file: "# User-agent: *\nUser-agent: * # all\nDisallow: /a # b\n#Disallow: /c", want: "-/a +/c"},
	})
}

func utf16(mark, ascii string, high int) string {
	b := []byte(mark)
	for _, c := range []byte(ascii) {
		pair := []byte{0, 0}
		pair[high] = c
		b = append(b, pair...)
	}
	return string(b)
}

func TestVerdictNamesRuleLineAndAgent(t *testing.T) {
	f := Parse([]byte("# hello\r\nUser-Agent: Trawl/1\r\n\r\nDisallow :  /private/  # secret\r\nAllow: /private/a\r\nUser-agent: *\r\nDisallow: /\r\n"))
	for _, c := range []struct {
		agent, uri string
		want       Verdict
	}{
		{"trawl", "/private/x", Verdict{false, "Disallow :  /private/", 4, "Trawl"}},
		{"TRAWL/3", "/private/ab", Verdict{true, "Allow: /private/a", 5, "Trawl"}},
		{"trawl", "/public", Verdict{true, "", 0, "Trawl"}},
		{"trawl", "/robots.txt", Verdict{true, "", 0, "Trawl"}},
		{"other", "/public", Verdict{false, "Disallow: /", 7, "*"}},
	} {
		if got := f.Rules(c.agent).Test(c.uri); got != c.want {
			t.Errorf("%s for %s: got %+v, want %+v", c.uri, c.agent, got, c.want)
		}
	}
	again := Parse([]byte("User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /x\nUser-agent: a\nDisallow: /x\nDisallow: /x"))
	if got := again.Rules("a").Test("/x").Line; got != 2 {
		t.Errorf("of equal rules the first counts: got line %d, want 2", got)
	}
	for _, ending := range []string{"\n", "\r", "\r\n"} {
		f := Parse([]byte(strings.Join([]string{"", "", "User-agent: *", "", "Disallow: /"}, ending)))
		if got := f.Rules("a").Test("/").Line; got != 5 {
			t.Errorf("lines ending in %q: got line %d, want 5", ending, got)
		}
	}
}

func TestStatusFiles(t *testing.T) {
	if v := AllowAll().Rules("trawl").Test("/a"); v != (Verdict{Allowed: true}) {
		t.Errorf("AllowAll: got %+v", v)
	}
	f := DisallowAll("robots.txt answered 503")
	if v, want := f.Rules("trawl").Test("/a?b"), (Verdict{Rule: "robots.txt answered 503"}); v != want {
		t.Errorf("DisallowAll: got %+v, want %+v", v, want)
	}
	if v := f.Rules("trawl").Test("/robots.txt"); !v.Allowed {
		t.Errorf("DisallowAll, robots.txt: got %+v", v)
	}
	if got := f.Sitemaps(); len(got) != 0 {
		t.Errorf("DisallowAll: sitemaps %q", got)
	}
}

func TestCrawlDelay(t *testing.T) {
	const none = time.Duration(-1)
	for _, c := range []struct {
		name, file string
		want       time.Duration
	}{
		{"seconds", "User-agent: *\nCrawl-delay: 5", 5 * time.Second},
		{"fraction", "User-agent: *\nCrawl-delay: 0.5", 500 * time.Millisecond},
		{"zero", "User-agent: *\nCrawl-delay: 0", 0},
		{"spelled otherwise", "User-agent: *\ncrawldelay : 2 # s", 2 * time.Second},
		{"with a unit", "User-agent: *\nCrawl-delay: 10s", 10 * time.Second},
		{"with a word for it", "User-agent: *\nCrawl-delay: 1.5 Seconds", 1500 * time.Millisecond},
		{"with another unit", "User-agent: *\nCrawl-delay: 500ms", none},
		{"a unit alone", "User-agent: *\nCrawl-delay: s", none},
		{"absent", "User-agent: *\nDisallow: /", none},
		{"before the first user-agent", "Crawl-delay: 5\nUser-agent: *\nDisallow: /", none},
		{"a word", "User-agent: *\nCrawl-delay: fast", none},
		{"negative", "User-agent: *\nCrawl-delay: -1", none},
		{"no number", "User-agent: *\nCrawl-delay: NaN", none},
		{"infinite", "User-agent: *\nCrawl-delay: Inf", none},
		{"empty", "User-agent: *\nCrawl-delay:", none},
		{"endless", "User-agent: *\nCrawl-delay: 1e300", 24 * time.Hour},
		{"the first counts", "User-agent: *\nCrawl-delay: 3\nCrawl-delay: 9", 3 * time.Second},
		{"after a bad one", "User-agent: *\nCrawl-delay: x\nCrawl-delay: 9", 9 * time.Second},
		{"below the rules", "User-agent: *\nDisallow: /\nCrawl-delay: 9", 9 * time.Second},
		{"for both agents", "User-agent: a\nUser-agent: trawl\nCrawl-delay: 9", 9 * time.Second},
		{"for an agent above", "User-agent: a\nCrawl-delay: 9\nUser-agent: trawl\nDisallow: /a", none},
		{"each its own", "User-agent: a\nCrawl-delay: 9\nUser-agent: trawl\nCrawl-delay: 1\nDisallow: /a", time.Second},
		{"in the second of two groups", "User-agent: trawl\nDisallow: /a\nUser-agent: a\nDisallow: /\nUser-agent: trawl\nCrawl-delay: 4", 4 * time.Second},
		{"the first of two groups", "User-agent: trawl\nCrawl-delay: 2\nDisallow: /a\nUser-agent: trawl\nCrawl-delay: 4", 2 * time.Second},
		{"of star, not of the own group", "User-agent: *\nCrawl-delay: 4\nDisallow: /b\nUser-agent: trawl\nDisallow: /a", none},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := Parse([]byte(c.file)).Rules("trawl").CrawlDelay()
			if !ok {
				got = none
			}
			if got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestSitemaps(t *testing.T) {
	f := Parse([]byte("Sitemap: https://x/1\nUser-agent: a\nSITEMAP:https://x/2?a=b:c\nDisallow: /\nsite-map: /3 4.xml\nSitemap: https://x/1\nSitemap:\n"))
	want := []string{"https://x/1", "https://x/2?a=b:c", "/3 4.xml"}
	got := f.Sitemaps()
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	got[0] = "changed"
	if again := f.Sitemaps(); !slices.Equal(again, want) {
		t.Errorf("a caller changed the file: %q", again)
	}
}

func TestMaxSize(t *testing.T) {
	const head, tail = "User-agent: *\n", "Disallow: /a\nDisallow: /b\n"
	file := func(size int) []byte { // the tail begins so that the file has this size
		filler := "#" + strings.Repeat("x", size-len(head)-len(tail)-2) + "\n"
		return []byte(head + filler + tail)
	}
	for _, c := range []struct {
		name string
		body []byte
		want string
	}{
		{"whole", file(MaxSize), "-/a -/b"},
		{"without the last line end", file(MaxSize + 1), "-/a -/b"},
		{"last line cut", file(MaxSize + 2), "-/a +/b"},
		{"far too long", append(file(MaxSize), "Disallow: /c"...), "-/a -/b +/c"},
		{"one endless line", []byte(strings.Repeat("Disallow: /", MaxSize)), "+/a"},
	} {
		runVerdicts(t, []verdictCase{{name: c.name, file: string(c.body), want: c.want}})
		if cut := Parse(c.body).Cut(); cut != (len(c.body) > MaxSize) {
			t.Errorf("%s: Cut() = %t of %d bytes", c.name, cut, len(c.body))
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	f := Parse([]byte("User-agent: *\nDisallow: /a*b\nSitemap: x"))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				if v := f.Rules("trawl").Test("/aab"); v.Allowed || len(f.Sitemaps()) != 1 {
					t.Errorf("got %+v", v)
				}
			}
		})
	}
	group.Wait()
}
