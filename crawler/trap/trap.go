// Package trap ends URL spaces that have no end, and leaves real sites alone.
// It is a state machine: no I/O, no goroutines, no clock.
//
// Two kinds of rules see a trap. The static ones (static.go) look at a URL
// alone: paths and queries that repeat themselves. The learned ones look at
// what came of the fetches. Each URL belongs to a few groups of URLs of its
// host that are written alike (shape.go): its template, with numbers, hashes
// and parameter values folded; its path with any query; what lies below its
// directories. A group is parked when all of this holds for long enough
// (group.go):
//
//   - its pages have text that the host has already shown (a duplicate),
//   - they were found on pages that were duplicates too,
//   - they lead to nothing but more URLs of the group or of other groups that
//     give nothing new, and
//   - for each page fetched they lead to about one new URL or more, so that
//     the group grows as fast as it is fetched.
//
// The last is what tells an endless space from a large one. Ten thousand pages
// of an API reference may have the same few words of text; but an index lists
// them all, and they do not lead to more of their kind.
//
// Who calls what: Admit for each new URL that the other rules let pass, in the
// order they are found; Attends for each response, and Learn for those that it
// wants, before the page's links are given to Admit; Judge once more before a
// URL that has waited is fetched.
package trap

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Mode is a word of --traps.
type Mode string

// The modes.
const (
	On     Mode = "on"
	Off    Mode = "off"    // no URL is looked at, nothing is learned
	Report Mode = "report" // all is learned and said, and no URL is held back
)

// Modes lists them, for those who must name what is allowed.
func Modes() []Mode { return []Mode{On, Off, Report} }

// Options say how a Guard works.
type Options struct {
	Mode   Mode
	Parked []string // what Parked returned in an earlier run
}

// A Guard knows what a crawl has learned of its hosts. It is safe for
// concurrent use. It holds at most about 32 MiB: beyond maxEntries entries it
// forgets the hosts that it heard of least recently, except for what is parked.
type Guard struct {
	mode Mode

	mu     sync.Mutex
	hosts  hosts
	parked map[uint64]string // group's key → its pattern; at most maxParked
	wary   map[string]int    // parked by origin: how many patterns are of it
	order  []uint64          // the parked keys, oldest first
	text   shape             // scratch of the URL that is asked about
	via    shape             // scratch of the page it was found on
}

// New returns a Guard.
func New(o Options) *Guard {
	g := &Guard{mode: o.Mode, hosts: hosts{limit: maxEntries}, parked: make(map[uint64]string), wary: make(map[string]int)}
	for _, pattern := range o.Parked {
		g.park(keyOf(pattern), pattern)
	}
	return g
}

// A Verdict is what a Guard says of a URL. In mode Report the detail is there
// and the URL is not trapped.
type Verdict struct {
	Trapped bool
	Detail  string // the rule; "" when there is none
}

// An Observation is what a response turned out to be.
type Observation struct {
	Status int

	// Simhash is that of the page's main text; of a body that has no text
	// (an image, an archive), any 64-bit hash of its bytes; 0 is an empty one.
	Simhash uint64

	Title uint64 // any hash of the page's title; 0 is none
}

// Admit judges a URL that is new, found on via. It is to be called once for a
// URL, since new URLs are what the growth of a group is known by. A seed, with
// the zero via, is never trapped.
func (g *Guard) Admit(u, via weburl.URL) Verdict {
	if g.mode == Off || via.IsZero() {
		return Verdict{}
	}
	if detail := Static(u); detail != "" {
		return Verdict{Trapped: g.mode == On, Detail: detail}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.judge(u, via)
	if v.Detail != "" || u.Origin() != via.Origin() {
		return v
	}
	h := g.hosts.find(via)
	if h != nil {
		h.growth.url()
	}
	if gen := h.generation(via.Fingerprint()); gen > fresh {
		g.text.of(u)
		g.via.of(via)
		h.found(&g.text, &g.via, gen)
	}
	return v
}

// Judge judges a URL that has been admitted before: what it belongs to may
// have been parked since.
func (g *Guard) Judge(u, via weburl.URL) Verdict {
	if g.mode == Off || via.IsZero() {
		return Verdict{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.judge(u, via)
}

// judge does not read what nothing can come of, as for nearly all URLs.
func (g *Guard) judge(u, via weburl.URL) Verdict {
	if g.wary[u.Origin()] == 0 && strings.IndexByte(u.RequestURI(), '&') < 0 {
		return Verdict{}
	}
	g.text.of(u)
	h := g.hosts.find(u)
	for i := range g.text.groups {
		ref := &g.text.groups[i]
		pattern, parked := g.parked[ref.key]
		if !parked || !g.text.named(ref, pattern) {
			continue
		}
		if ref.family != template {
			g.via.of(via)
			from := g.hosts.find(via).generation(g.via.id)
			inside := ref.family != site && g.via.has(ref.key) // a sitemap is of the site, too
			if h.hopeful(&g.text, from, inside) {
				continue
			}
		}
		return Verdict{Trapped: g.mode == On, Detail: "parked " + pattern}
	}
	if h != nil && h.shuffled(&g.text) {
		return Verdict{Trapped: g.mode == On, Detail: "the same parameters in another order"}
	}
	return Verdict{}
}

// Attends takes in that a response for u came, and tells whether there is
// something to learn from it. There is not, and its text need not be read, when
// u's host has long given hardly any new URLs: what has no growth is not
// endless. To read a page costs more than to scan it for links, and for most of
// a crawl of a large site all of its URLs are known.
//
// What begins to grow then and copies pages that were not read is known by their
// titles. Where all pages have the same one, each such copy counts as new, once.
func (g *Guard) Attends(u weburl.URL, status int, title uint64) bool {
	if g.mode == Off || status == http.StatusNotModified { // nothing was sent to learn from
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.hosts.find(u)
	if h == nil {
		return true
	}
	h.growth.page()
	if !h.growth.over() || status/100 != 2 || g.wary[u.Origin()] > 0 {
		return true
	}
	g.hosts.update(u, func(h *host) { h.leave(u.Fingerprint(), title) })
	return false
}

// Learn takes in the response for u, which was found on via. If that has a
// group of u's parked, it returns the group's pattern and the evidence.
func (g *Guard) Learn(u, via weburl.URL, seen Observation) (pattern, why string) {
	if g.mode == Off {
		return "", ""
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text.of(u)
	from := g.hosts.find(via).generation(via.Fingerprint())
	g.hosts.update(u, func(h *host) {
		ripe := h.learn(&g.text, from, seen)
		if ripe < 0 {
			return
		}
		ref := &g.text.groups[ripe]
		if _, parked := g.parked[ref.key]; parked {
			return
		}
		grp := h.groups.get(ref.key)
		pattern = g.text.pattern(ref)
		why = fmt.Sprintf("%d pages of known text led to %d more of their kind and to nothing new", grp.scored, grp.spawned)
		g.park(ref.key, pattern)
		grp.acquit()
		h.groups.put(g.text.site().key).acquit() // what was seen is no evidence against all the rest
	})
	return pattern, why
}

// maxParked patterns are held, at about 150 bytes each: a host that has more
// endless spaces than this gets its oldest one tried again, and parked again.
const maxParked = 16384

func (g *Guard) park(key uint64, pattern string) {
	if _, known := g.parked[key]; known {
		return
	}
	if len(g.order) == maxParked {
		g.forget(g.order[0])
		g.order = g.order[1:]
	}
	g.parked[key] = pattern
	g.wary[originOf(pattern)]++
	g.order = append(g.order, key)
}

func (g *Guard) forget(key uint64) {
	origin := originOf(g.parked[key])
	delete(g.parked, key)
	if g.wary[origin]--; g.wary[origin] == 0 {
		delete(g.wary, origin)
	}
}

// Parked returns the patterns of what is parked, oldest first, for Options of
// the next run.
func (g *Guard) Parked() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	patterns := make([]string, 0, len(g.order))
	for _, key := range g.order {
		patterns = append(patterns, g.parked[key])
	}
	return patterns
}

// Unpark forgets that a pattern is parked, and tells whether it was.
func (g *Guard) Unpark(pattern string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := keyOf(pattern)
	if held, ok := g.parked[key]; !ok || held != pattern {
		return false
	}
	g.forget(key)
	g.order = slices.DeleteFunc(g.order, func(k uint64) bool { return k == key })
	return true
}
