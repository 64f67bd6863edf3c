package zoo

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// underWay is how long after a server's word a request may still come that
// left before it.
const underWay = 300 * time.Millisecond

// A pusher asks to be left alone by its first answer, and says so until then.
// A client that is cautious may come sooner than asked when it was asked for
// an age, but not within two seconds.
type pusher struct {
	status int
	header func(now time.Time) http.Header
	asks   time.Duration // how long that is

	mu    sync.Mutex
	since time.Time
}

func (p *pusher) answer(s *site, w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.since.IsZero() {
		p.since = now
	}
	passed := now.Sub(p.since)
	if passed > underWay && passed < min(p.asks, 2*time.Second)-underWay {
		s.fault("%q was asked for %v after the server had asked for %v", s.path(r), passed.Round(time.Millisecond), p.asks)
	}
	if passed >= p.asks && passed > 0 {
		plain(s, w, r)
		return
	}
	for k, v := range p.header(p.since) {
		w.Header()[k] = v
	}
	w.WriteHeader(p.status)
}

// pauses are servers that say for how long they want to be left alone. Three
// seeds ask the same host.
func pauses() []Case {
	names := []string{"", "second", "third"}
	var want []Want
	for _, n := range names {
		want = append(want, Want{URL: n, Outcome: []string{"fetched", "failed"}, Status: []int{200, 429, 503}, ErrorKind: []string{"host_given_up"}})
	}
	push := func(name, does string, status int, asks time.Duration, header func(now time.Time) http.Header) Case {
		return Case{Name: name, Does: does, Want: want, MaxFetches: 12, up: func(s *site) error {
			p := &pusher{status: status, asks: asks, header: header}
			return seeded(own(p.answer, nil), names...)(s)
		}}
	}
	says := func(name, value string) func(time.Time) http.Header {
		return func(time.Time) http.Header { return http.Header{name: {value}} }
	}
	date := func(d time.Duration) func(time.Time) http.Header {
		return func(now time.Time) http.Header {
			return http.Header{"Retry-After": {now.Add(d).UTC().Format(http.TimeFormat)}}
		}
	}
	const (
		waits = "leaves a host alone for as long as it asks"
		long  = "leaves a host alone that asks for an age, but only so long"
		none  = "pauses by its own judgement when a host's word says nothing"
		age   = 24 * time.Hour
	)
	return []Case{
		push("429-seconds", waits, 429, time.Second, says("Retry-After", "1")),
		push("503-seconds", waits, 503, time.Second, says("Retry-After", "1")),
		push("429-date", waits+", by a date", 429, time.Second, date(2*time.Second)), // a date has no fractions: at least one second
		push("429-past", none, 429, 0, date(-time.Hour)),
		push("429-zero", none, 429, 0, says("Retry-After", "0")),
		push("429-negative", none, 429, 0, says("Retry-After", "-5")),
		push("429-garbage", none, 429, 0, says("Retry-After", "soon")),
		push("429-silent", none, 429, 0, func(time.Time) http.Header { return nil }),
		push("429-overflow", none+", or is nonsense", 429, 0, says("Retry-After", "99999999999999999999999")),
		push("429-999999", long, 429, age, says("Retry-After", "999999")),
		push("429-2099", long, 429, age, says("Retry-After", "Thu, 31 Dec 2099 23:59:59 GMT")),
		push("ratelimit-draft", waits+", in the newest words", 429, time.Second, says("Ratelimit", `"default";r=0;t=1`)),
		push("ratelimit-one-field", waits+", in the words before those", 429, time.Second, says("Ratelimit", "limit=10, remaining=0, reset=1")),
		push("ratelimit-fields", waits+", in older words", 429, time.Second, func(time.Time) http.Header {
			return http.Header{"Ratelimit-Limit": {"10"}, "Ratelimit-Remaining": {"0"}, "Ratelimit-Reset": {"1"}}
		}),
		push("ratelimit-x", waits+", in the words of many", 429, time.Second, func(now time.Time) http.Header {
			return http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {strconv.FormatInt(now.Unix()+2, 10)}}
		}),
	}
}

// refusals are hosts that have had enough.
func refusals() []Case {
	const hosts, patience = 9, 20
	links := numbered("page-", 3)
	var seeds []string
	var storm []Want
	for i := range hosts {
		dir := fmt.Sprintf("{%d}/503-storm/", i)
		seeds = append(seeds, dir)
		if i%3 == 0 {
			storm = append(storm, Want{URL: dir, Outcome: []string{"fetched", "failed"}, Status: []int{503}, ErrorKind: []string{"host_given_up"}})
			continue
		}
		storm = append(storm, fetched(dir, "storm"))
		for _, l := range links {
			storm = append(storm, fetched(dir+l, l))
		}
	}
	more := numbered("page-", 40)
	return []Case{
		{Name: "503-storm", Does: "crawls six hosts as if nothing were wrong while three others answer 503 to all", Want: storm,
			up: seeded(origins(hosts, func(s *site, w http.ResponseWriter, r *http.Request) {
				switch {
				case s.on(r)%3 == 0:
					w.WriteHeader(http.StatusServiceUnavailable)
				case s.path(r) == "":
					sendHTML(w, document("storm", links...))
				default:
					plain(s, w, r)
				}
			}, nil), seeds...)},
		{Name: "bans", Does: "records what a host that bans after 20 requests says then",
			Want: banned(more), MaxFetches: len(more) + 1, up: own(func(s *site, w http.ResponseWriter, r *http.Request) {
				if n, _ := s.seen(); n > patience {
					http.Error(w, "enough", http.StatusForbidden)
					return
				}
				linking(more...)(s, w, r)
			}, nil)},
	}
}

func banned(links []string) []Want {
	want := []Want{fetched("", "bans")}
	for _, l := range links {
		want = append(want, Want{URL: l, Outcome: []string{"fetched"}, Status: []int{200, 403}})
	}
	return want
}

// robotsAnswers are answers for robots.txt, by RFC 9309 §2.3.1.
func robotsAnswers() []Case {
	const rules = "User-agent: *\nDisallow: /*/private\n"
	serving := func(robots handler) server { return own(linking("next", "private"), robots) }
	answer := func(status int, contentType, text string) server {
		return serving(func(_ *site, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, text)
		})
	}
	all := pages("", "next", "private")
	obeyed := append(pages("", "next"), skipped("private", "robots"))
	allows := func(name, does string, up server) Case { return Case{Name: name, Does: does, Want: all, up: up} }
	obeys := func(name, does string, up server) Case {
		return Case{Name: name, Does: does, Want: obeyed, Never: []string{"private"}, up: up}
	}
	denies := func(name, does string, up server) Case {
		return Case{Name: name, Does: does, Want: failed("robots_unavailable", "timeout", "reset"), Never: []string{""}, up: up}
	}
	const (
		free   = "takes a robots.txt that may not be had for one without rules"
		closed = "takes everything for disallowed while robots.txt cannot be had"
		html   = "text/html"
	)
	return []Case{
		allows("robots-401", free, answer(401, html, rules)),
		allows("robots-403", free, answer(403, html, rules)),
		allows("robots-404", free, answer(404, html, rules)),
		denies("robots-429", closed, answer(429, html, "")),
		denies("robots-500", closed, answer(500, html, "")),
		denies("robots-503", closed, answer(503, html, "")),
		denies("robots-timeout", closed, serving(func(_ *site, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })),
		denies("robots-drip", closed, serving(robotsDrip)),
		denies("robots-reset", closed, serving(func(*site, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })),
		allows("robots-empty", "takes an empty robots.txt for one without rules", answer(200, "text/plain", "")),
		allows("robots-html", "takes a page instead of robots.txt for one without rules", answer(200, html, document("Welcome", "Disallow: /"))),
		allows("robots-binary", "takes bytes instead of robots.txt for one without rules", answer(200, "image/png", png)),
		obeys("robots-bom", "obeys a robots.txt after a byte order mark", answer(200, "text/plain", "\ufeff"+rules)),
		obeys("robots-type", "obeys a robots.txt that is called something else", answer(200, "application/octet-stream", rules)),
		obeys("robots-redirect", "follows the redirect of robots.txt to another host, and obeys what is there", robotsElsewhere(rules)),
		allows("robots-loop", "takes a robots.txt that redirects to itself for one that may not be had", serving(func(_ *site, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			moved(w, http.StatusFound, "/robots.txt")
		})),
	}
}

// robotsDrip sends a robots.txt a byte at a time, for ever.
func robotsDrip(s *site, w http.ResponseWriter, r *http.Request) {
	for wait(r, s.zoo.options.Pace) {
		_, err := w.Write([]byte("#"))
		if err != nil || http.NewResponseController(w).Flush() != nil {
			return
		}
	}
}

// robotsElsewhere has its robots.txt on a second origin.
func robotsElsewhere(rules string) server {
	return origins(2, linking("next", "private"), func(s *site, w http.ResponseWriter, r *http.Request) {
		switch {
		case s.on(r) == 1 && r.URL.Path == "/rules.txt":
			send(w, "text/plain", rules)
		case r.URL.Path == "/robots.txt":
			moved(w, http.StatusMovedPermanently, s.origin[1]+"/rules.txt")
		default:
			http.NotFound(w, r)
		}
	})
}
