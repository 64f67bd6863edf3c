package zoo

import (
	"fmt"
	"net/http"
	"strings"
)

// maxHops is how many requests a chain of redirects may cost, tries included:
// ten hops are what trawl follows.
const maxHops = 12

// moved answers with a redirect. The Location is sent as it stands.
func moved(w http.ResponseWriter, status int, location string) {
	w.Header()["Location"] = []string{location}
	w.WriteHeader(status)
}

// sends redirects the seed, and is plain otherwise: a redirect that leads
// back into the case ends at a page. In the Location "{dir}" is the case's
// directory, and "{1}" an origin.
func sends(location string) handler {
	return func(s *site, w http.ResponseWriter, r *http.Request) {
		if s.path(r) != "" || r.URL.RawQuery != "" {
			plain(s, w, r)
			return
		}
		to := strings.ReplaceAll(location, "{dir}", s.dir())
		for i, o := range s.origin {
			to = strings.ReplaceAll(to, fmt.Sprintf("{%d}", i), o)
		}
		moved(w, http.StatusFound, to)
	}
}

// leaving is a site whose page "go" redirects to another origin. A seed may
// take the scope along when it redirects; a page that it links to may not.
func leaving(s *site, w http.ResponseWriter, r *http.Request) {
	if s.path(r) == "go" {
		moved(w, http.StatusFound, s.origin[1]+"/elsewhere")
		return
	}
	linking("go")(s, w, r)
}

// hop wants the seed to be a redirect to a target; "" is any, "-" none.
func hop(target string) Want {
	return Want{Outcome: []string{"fetched"}, Status: []int{301, 302, 303, 307, 308}, RedirectTo: target}
}

// loops are redirects that do not arrive.
func loops() []Case {
	chain := func(status int, n int) handler {
		return func(s *site, w http.ResponseWriter, r *http.Request) {
			var i int
			_, _ = fmt.Sscanf(s.path(r), "%d", &i) // the seed is 0
			if i == n {
				plain(s, w, r)
				return
			}
			moved(w, status, s.expand(fmt.Sprint(i+1)))
		}
	}
	return []Case{
		{Name: "redirect-loop-1", Does: "ends a redirect to itself",
			Want: []Want{hop("{0}/redirect-loop-1/")}, MaxFetches: maxHops, up: shared(sends("{dir}"))},
		{Name: "redirect-loop-2", Does: "ends a redirect to a page that redirects back",
			Want: []Want{hop("other")}, MaxFetches: maxHops, up: shared(func(s *site, w http.ResponseWriter, r *http.Request) {
				if s.path(r) == "" {
					moved(w, http.StatusMovedPermanently, "other")
					return
				}
				moved(w, http.StatusMovedPermanently, s.dir())
			})},
		{Name: "redirect-cookie-loop", Does: "ends a redirect to itself that sets another cookie each time",
			Want: []Want{hop("{0}/redirect-cookie-loop/")}, MaxFetches: maxHops, up: shared(func(s *site, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Set-Cookie", "turn="+session())
				moved(w, http.StatusFound, s.dir())
			})},
		{Name: "redirect-cookie-wall", Does: "comes through a redirect to another page that sets the cookie and back",
			Want: []Want{{URL: "enter", Outcome: []string{"fetched"}, Status: []int{http.StatusFound}}, fetched("", "redirect-cookie-wall")}, Back: true, MaxFetches: maxHops, up: shared(func(s *site, w http.ResponseWriter, r *http.Request) {
				_, err := r.Cookie("wall")
				switch {
				case s.path(r) == "enter":
					w.Header().Set("Set-Cookie", "wall=passed; Path="+s.dir())
					moved(w, http.StatusFound, s.dir())
				case err != nil:
					moved(w, http.StatusFound, "enter")
				default:
					plain(s, w, r)
				}
			})},
		{Name: "redirect-300-hops", Does: "follows ten hops of 300, and says that the next one is not followed",
			Want:       []Want{hop("1"), {URL: "*", Outcome: []string{"fetched"}, Status: []int{http.StatusFound}, Over: []string{"redirects"}}, skipped("*", "redirects")},
			MaxFetches: maxHops, up: shared(chain(http.StatusFound, 300))},
		{Name: "redirect-9-hops", Does: "follows nine hops to their end",
			Want: []Want{hop("1"), fetched("9", "9")}, MaxFetches: maxHops, up: shared(chain(http.StatusTemporaryRedirect, 9))},
		{Name: "redirect-308", Does: "follows a permanent redirect that keeps the method",
			Want: []Want{hop("1"), fetched("1", "1")}, MaxFetches: maxHops, up: shared(chain(http.StatusPermanentRedirect, 1))},
		{Name: "meta-refresh-loop", Does: "ends a page that refreshes to itself",
			Want: []Want{fetched("", "refresh")}, MaxFetches: maxHops, up: shared(func(_ *site, w http.ResponseWriter, _ *http.Request) {
				sendHTML(w, document("refresh")+`<meta http-equiv=refresh content="0">`)
			})},
	}
}

// targets are redirects to where a crawl may not go.
func targets() []Case {
	const outside = "records the redirect, and that its target is out of scope"
	nowhere := func(name, does, location string) Case {
		return Case{Name: name, Does: does, Want: []Want{hop("-")}, MaxFetches: 1, up: shared(sends(location))}
	}
	// With a wider scope it is the address that decides.
	never := func(target string) Want {
		return Want{URL: target, Outcome: []string{"skipped", "failed"}, SkipRule: []string{"scope"}, ErrorKind: []string{"forbidden_address"}}
	}
	left := []Want{{URL: "go", Outcome: []string{"fetched"}, Status: []int{302}, RedirectTo: "{1}/elsewhere"}, skipped("{1}/elsewhere", "scope")}
	private := func(name, location, canonical string) Case {
		location, canonical = location+name, canonical+name // a URL of its own, where all cases are crawled at once
		return Case{Name: name, Does: "does not follow a redirect to a private, link-local or metadata address, however it is written",
			Want: []Want{hop(canonical), never(canonical)}, MaxFetches: 1, up: shared(sends(location))}
	}
	return []Case{
		nowhere("redirect-file", "does not follow a redirect to a file", "file:///etc/hostname"),
		nowhere("redirect-data", "does not follow a redirect to a data: URL", "data:text/html,<title>data</title>"),
		nowhere("redirect-javascript", "does not follow a redirect to javascript:", "javascript:alert(1)"),
		nowhere("redirect-ftp", "does not follow a redirect to another scheme", "ftp://127.0.0.1/"),
		nowhere("redirect-garbage", "does not follow a redirect to what is no URL", "http://["),
		{Name: "redirect-port", Does: outside + " on another port", Want: left, MaxFetches: 2,
			up: and(shared(leaving), elsewhere)},
		{Name: "redirect-host", Does: outside + " on another host",
			Want:       []Want{hop("http://elsewhere.invalid/redirect-host"), {URL: "http://elsewhere.invalid/redirect-host", Outcome: []string{"skipped", "failed"}, SkipRule: []string{"scope"}, ErrorKind: []string{"dns"}}},
			MaxFetches: 1, up: shared(sends("http://elsewhere.invalid/redirect-host"))},
		private("redirect-private", "http://10.255.255.1/", "http://10.255.255.1/"),
		private("redirect-metadata", "http://169.254.169.254/latest/", "http://169.254.169.254/latest/"),
		private("redirect-decimal", "http://184549121/", "http://10.255.255.1/"),
		private("redirect-octal", "http://012.0377.0377.1/", "http://10.255.255.1/"),
		private("redirect-mapped", "http://[::ffff:10.255.255.1]/", "http://[::ffff:aff:ff01]/"),
		private("redirect-nat64", "http://[64:ff9b::10.255.255.1]/", "http://[64:ff9b::aff:ff01]/"),
		private("redirect-local-v6", "http://[fd00::1]/", "http://[fd00::1]/"),
		{Name: "redirect-https-to-http", Does: "records a redirect from https to http, whose target is out of scope: it is another port",
			Want: left, MaxFetches: 2, up: and(secure((*authority).good, leaving), elsewhere)},
		{Name: "redirect-userinfo", Does: "follows a redirect with a user and password in it, and records neither",
			Want: []Want{hop("target"), fetched("target", "target")}, MaxFetches: maxHops,
			up: shared(func(s *site, w http.ResponseWriter, r *http.Request) {
				if s.path(r) != "" {
					plain(s, w, r)
					return
				}
				moved(w, http.StatusFound, strings.Replace(s.expand("target"), "://", "://user:secret@", 1))
			})},
	}
}

// elsewhere is an origin that belongs to no crawl.
func elsewhere(s *site) error {
	l, err := s.listen("http")
	if err != nil {
		return err
	}
	outside := &site{zoo: s.zoo, name: "elsewhere", origin: []string{"http://" + l.Addr().String()}}
	outside.root = func(_ *site, w http.ResponseWriter, r *http.Request) {
		s.fault("%q was asked for, out of scope", r.URL.Path)
		sendHTML(w, document("elsewhere"))
	}
	s.zoo.handle(outside, l, l)
	return nil
}

// locations are redirects whose target is written in some odd way.
func locations() []Case {
	to := func(name, does, location, target, title string) Case {
		return Case{Name: name, Does: does, Want: []Want{hop(target), fetched(target, title)}, MaxFetches: 2, up: shared(sends(location))}
	}
	none := func(name, does string, header http.Header) Case {
		return Case{Name: name, Does: does, Want: []Want{{Outcome: []string{"fetched"}, Status: []int{302}, RedirectTo: "-"}}, MaxFetches: 1,
			up: shared(func(_ *site, w http.ResponseWriter, _ *http.Request) {
				for k, v := range header {
					w.Header()[k] = v
				}
				w.WriteHeader(http.StatusFound)
			})}
	}
	refresh := func(name, does, header, meta string) Case {
		return Case{Name: name, Does: does, Want: []Want{{Outcome: []string{"fetched"}, Status: []int{200}, RedirectTo: "target"}, fetched("target", "target")},
			MaxFetches: 2, up: shared(func(s *site, w http.ResponseWriter, r *http.Request) {
				if s.path(r) != "" {
					plain(s, w, r)
					return
				}
				if header != "" {
					w.Header().Set("Refresh", header)
				}
				sendHTML(w, meta+document("refresh"))
			})}
	}
	return []Case{
		none("redirect-no-location", "records a redirect without a target", nil),
		none("redirect-empty-location", "records a redirect with an empty target", http.Header{"Location": {""}}),
		to("redirect-relative", "resolves a target that is relative", "target", "target", "target"),
		to("redirect-dots", "resolves a target with dot segments", "a/../b/.././target", "target", "target"),
		to("redirect-rooted", "resolves a target that is a path", "{dir}target", "target", "target"),
		to("redirect-backslash", "reads backslashes as browsers do", `\redirect-backslash\target`, "target", "target"),
		to("redirect-query", "resolves a target that is a query", "?x=1", "?x=1", "redirect-query"),
		to("redirect-utf8", "percent-encodes raw UTF-8 in a target", "\xc3\xbcbung", "%C3%BCbung", "übung"),
		{Name: "redirect-latin1", Does: "asks for the very bytes of a target that is no UTF-8",
			Want: []Want{hop("caf%E9"), fetched("caf%E9", "")}, MaxFetches: 2, up: shared(sends("caf\xe9"))},
		to("redirect-fragment", "drops the fragment of a target", "target#part", "target", "target"),
		to("redirect-spaces", "trims a target and encodes spaces in it", " a target ", "a%20target", "a target"),
		refresh("refresh-header", "follows a Refresh header", "0; url=target", ""),
		refresh("refresh-meta", "follows a meta refresh", "", `<meta http-equiv="refresh" content="0;URL='target'">`),
		{Name: "refresh-javascript", Does: "does not follow a refresh to javascript:",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{200}, RedirectTo: "-"}}, MaxFetches: 1,
			up: shared(body(htmlType, `<meta http-equiv=refresh content="0;url=javascript:alert(1)"><title>refresh</title>`))},
		{Name: "redirect-300", Does: "takes a choice of several for a page, or follows the one that is preferred",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{300}}}, MaxFetches: 2,
			up: shared(func(s *site, w http.ResponseWriter, r *http.Request) {
				if s.path(r) == "" {
					moved(w, http.StatusMultipleChoices, "target")
					return
				}
				plain(s, w, r)
			})},
		{Name: "not-modified-unasked", Does: "records a 304 that nothing asked for",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{304}}}, MaxFetches: 1,
			up: shared(func(_ *site, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })},
		{Name: "redirect-bomb", Does: "does not read the body of a redirect beyond the limit",
			Want: []Want{{Outcome: []string{"fetched"}, Status: []int{302}, RedirectTo: "target", MaxBytes: bodyLimit}, fetched("target", "target")}, MaxFetches: 2,
			up: shared(func(s *site, w http.ResponseWriter, r *http.Request) {
				if s.path(r) != "" {
					plain(s, w, r)
					return
				}
				w.Header().Set("Content-Type", htmlType)
				moved(w, http.StatusFound, "target")
				flood(w, "<p>moved\n", -1)
			})},
	}
}
