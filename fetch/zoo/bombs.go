package zoo

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// made answers the seed with a page that make writes, and is plain otherwise.
func made(write func(w io.Writer)) server {
	return own(func(s *site, w http.ResponseWriter, r *http.Request) {
		if s.path(r) != "" {
			plain(s, w, r)
			return
		}
		w.Header().Set("Content-Type", htmlType)
		write(w)
	}, nil)
}

const million = 1_000_000

// markupBombs are documents that are hard to read.
func markupBombs() []Case {
	cut := Want{Outcome: []string{"fetched"}, Status: []int{200}, Truncated: true, Over: []string{"body"}, MaxBytes: bodyLimit}
	whole := func(title string) Want { return fetched("", title) }
	// The page has a title, a link before what is hard and one after. What is
	// hard is a unit many times over, within something.
	within := func(title, open, unit string, n int, end string) func(io.Writer) {
		return func(w io.Writer) {
			_, _ = io.WriteString(w, document(title, "before")+open)
			flood(w, unit, n)
			_, _ = io.WriteString(w, end+"\n<p><a href=after>after</a>")
		}
	}
	hard := func(title, unit string, n int) func(io.Writer) { return within(title, "", unit, n, "") }
	around := func(title string) []Want { return append(pages("before", "after"), whole(title)) }
	return []Case{
		{Name: "line-100mib", Does: "stops at the limit for bodies in a line of 100 MiB, and follows the links found so far",
			Want: append(pages("before"), cut), up: made(hard("line", "words and ", 100<<20/10))},
		{Name: "nested-1m", Does: "finds the links of a page whose elements are nested a million deep",
			Want: around("nested"), up: made(hard("nested", "<div>", million))},
		{Name: "formatting-1m", Does: "does not multiply a million unclosed formatting elements",
			Want: around("formatting"), up: made(hard("formatting", "<b><p>", million))},
		{Name: "links-1m", Does: "bounds the links of a page: a million of them, and their page asks not to follow",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{200}, MinLinks: 1000, Over: []string{"links"}, MaxBytes: bodyLimit}}, MaxFetches: 3, up: made(millionLinks)},
		{Name: "attributes-1m", Does: "finds the links of a page with a tag of a million attributes",
			Want: around("attributes"), up: made(func(w io.Writer) {
				_, _ = io.WriteString(w, document("attributes", "before")+"<p ")
				each(w, million, func(i int) string { return "a" + strconv.FormatInt(int64(i), 36) + " " })
				_, _ = io.WriteString(w, "><a href=after>after</a>")
			})},
		{Name: "url-1mib", Does: "asks for no URL of 1 MiB, says that it is skipped, and follows the other links",
			Want: append(pages("before", "after"), whole("url"), Want{URL: "*", Outcome: []string{"skipped", "failed"}}), Never: []string{"long/"},
			up: made(within("url", "<a href=long/", "a", 1<<20, ">long</a>"))},
		{Name: "entities-text", Does: "reads a million entities in time that grows with their number",
			Want: around("entities"), up: made(hard("entities", "&amp;&lt;", million/2))},
		{Name: "entities-href", Does: "reads a million entities in one attribute, and asks for no URL of that length",
			Want: append(pages("before", "after"), whole("entities")), Never: []string{"long/"},
			up: made(within("entities", "<a href=long/", "&amp;", million, ">long</a>"))},
		{Name: "entity-long", Does: "reads an entity without end in time that grows with its length",
			Want: around("entity"), up: made(within("entity", "&", "z", 5<<20, ""))},
		{Name: "comments-unclosed", Does: "reads a million comments that never close in time that grows with their number",
			Want: append(pages("before"), whole("comments")), up: made(hard("comments", "<!--", million))},
		{Name: "tags-unclosed", Does: "reads a million tags that never close in time that grows with their number",
			Want: append(pages("before"), whole("tags")), up: made(hard("tags", "<a href='", million))},
		{Name: "scripts-unclosed", Does: "reads a million scripts within each other in time that grows with their number",
			Want: append(pages("before"), whole("scripts")), up: made(hard("scripts", "<script><!--<script>", million/4))},
		{Name: "title-50mib", Does: "bounds a title: 50 MiB are none that a record should have",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{200}, Truncated: true, Over: []string{"text"}, MaxBytes: bodyLimit, MaxTitle: 64 << 10}},
			up: made(func(w io.Writer) {
				_, _ = io.WriteString(w, "<!doctype html><title>")
				flood(w, "title ", 50<<20/6)
				_, _ = io.WriteString(w, "</title>")
			})},
		{Name: "jsonld-deep", Does: "survives JSON-LD that is nested 100,000 deep",
			Want: around("jsonld"), up: made(func(w io.Writer) {
				_, _ = io.WriteString(w, document("jsonld", "before")+`<script type="application/ld+json">`)
				flood(w, `{"a":[`, 100_000/2)
				flood(w, "]}", 100_000/2)
				_, _ = io.WriteString(w, "</script><a href=after>after</a>")
			})},
		{Name: "srcdoc-deep", Does: "follows documents within documents only so far",
			Want: around("srcdoc"), up: made(hard("srcdoc", srcdoc(12), 1))},
	}
}

func millionLinks(w io.Writer) {
	_, _ = io.WriteString(w, "<!doctype html><title>links</title><meta name=robots content=nofollow>\n")
	each(w, million, func(i int) string { return "<a href=" + strconv.FormatInt(int64(i), 36) + ">" })
}

// srcdoc is an iframe with a document in an attribute, whose iframe has one.
func srcdoc(deep int) string {
	doc := "<a href=within>within</a>"
	for range deep {
		doc = `<iframe srcdoc="` + strings.NewReplacer("&", "&amp;", `"`, "&quot;").Replace(doc) + `"></iframe>`
	}
	return doc
}

// robotsBombs are files robots.txt that are too much.
func robotsBombs() []Case {
	const rules = "User-agent: *\nDisallow: /*/private\n"
	serving := func(robots func(w http.ResponseWriter)) server {
		return own(linking("next", "private"), func(_ *site, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/plain")
			robots(w)
		})
	}
	want := append(pages("", "next"), skipped("private", "robots"))
	never := []string{"private"}
	return []Case{
		{Name: "robots-forever", Does: "reads the first 500 KiB of a robots.txt that never ends, and obeys them (RFC 9309 §2.5)",
			Want: want, Never: never, up: serving(func(w http.ResponseWriter) {
				_, _ = io.WriteString(w, rules)
				flood(w, "Disallow: /no\n", -1)
			})},
		{Name: "robots-1gib", Does: "reads the first 500 KiB of a robots.txt of 1 GiB, and obeys them",
			Want: want, Never: never, up: serving(func(w http.ResponseWriter) {
				const line = "# nothing but words, and one more of these remarks again and again\n"
				n := (1 << 30) / len(line)
				w.Header().Set("Content-Length", strconv.Itoa(len(rules)+n*len(line)))
				_, _ = io.WriteString(w, rules)
				flood(w, line, n)
			})},
		{Name: "robots-one-line", Does: "survives a robots.txt of one line without end",
			Want: want, Never: never, up: serving(func(w http.ResponseWriter) {
				_, _ = io.WriteString(w, rules)
				flood(w, "Disallow: /no", -1)
			})},
		{Name: "robots-wildcards", Does: "judges URLs by 100,000 rules with wildcards in time that does not stop the crawl",
			Want: want, Never: never, up: serving(func(w http.ResponseWriter) {
				_, _ = io.WriteString(w, rules)
				each(w, 100_000, func(i int) string { return fmt.Sprintf("Disallow: /*a*%d*b*c$\n", i) })
			})},
	}
}

// maxCookies is more than any server takes of a Cookie header.
const maxCookies = 256 << 10

// crumbs notes a request with too many cookies.
func crumbs(s *site, r *http.Request) {
	if n := len(r.Header.Get("Cookie")); n > maxCookies {
		s.fault("a request with %d bytes of cookies", n)
	}
}

// stateBombs fill what a crawler remembers of a host.
func stateBombs() []Case {
	cookies := func(n, size int) server {
		return seeded(own(func(s *site, w http.ResponseWriter, r *http.Request) {
			crumbs(s, r)
			if path := s.path(r); path != "" {
				sendHTML(w, document(path))
				return
			}
			for i := range n {
				w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=%s", i, strings.Repeat("x", size)))
			}
			sendHTML(w, document("cookies"))
		}, nil), "", "next")
	}
	bounded := []Want{{Outcome: []string{"fetched", "failed"}, ErrorKind: []string{"too_large"}, Title: "cookies", Over: []string{"cookies"}}, fetched("next", "next")}
	last := fetched("page-20", "")
	last.Over = []string{"cookies"}
	return []Case{
		{Name: "cookies-10000", Does: "keeps as many cookies of a host as it has room for, and goes on",
			Want: bounded, up: cookies(10_000, 1)},
		{Name: "cookie-1mib", Does: "keeps no cookie of 1 MiB, and goes on",
			Want: bounded, up: cookies(1, 1<<20)},
		{Name: "cookies-growing", Does: "keeps as many cookies of a host as it has room for, however many pages set them",
			Want: append(pages(numbered("page-", 20)...), fetched("", "grows"), last), up: own(growing, nil)},
	}
}

// growing sets 50 cookies of 1 KB with each page.
func growing(s *site, w http.ResponseWriter, r *http.Request) {
	crumbs(s, r)
	path := s.path(r)
	for i := range 50 {
		w.Header().Add("Set-Cookie", fmt.Sprintf("c%s-%d=%s; Path=/", path, i, strings.Repeat("x", 1000)))
	}
	if path != "" {
		sendHTML(w, document(path))
		return
	}
	sendHTML(w, document("grows", numbered("page-", 20)...))
}
