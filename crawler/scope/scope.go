// Package scope says which URLs belong to a crawl. It is pure: the same rules
// give the same answer for the same canonical URL, whoever asks and whenever,
// so a crawl asks again after each redirect.
package scope

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Mode is how far from its seeds a crawl may go.
type Mode string

// The modes, from the narrowest to the widest.
const (
	Page   Mode = "page"   // the seeds alone
	Path   Mode = "path"   // below the directory of a seed, on its host
	Host   Mode = "host"   // the hosts of the seeds, with their ports
	Domain Mode = "domain" // the registrable domains of the seeds
	Any    Mode = "any"    // everywhere
)

// Modes lists them, for those who must name what is allowed.
func Modes() []Mode { return []Mode{Page, Path, Host, Domain, Any} }

// A Scope is a set of rules. It is safe for concurrent use.
type Scope struct {
	mode    Mode
	include []*regexp.Regexp
	exclude []*regexp.Regexp

	mu       sync.RWMutex
	hosts    map[string]bool     // of the seeds
	domains  map[string]bool     // … registrable, within which a seed may move
	keys     map[string]bool     // the seeds as the mode sees them
	prefixes map[string][]string // … in path mode: directories, by host
	named    map[weburl.URL]bool // … themselves, where there are includes
}

// New returns the scope around some seeds. A URL is in it when the mode says
// so, at least one include matches (if there are any, and it is no seed: what
// is asked for by name need not look like what is sought) and no exclude does:
// exclude wins. Patterns are matched against the canonical URL.
func New(mode Mode, include, exclude []*regexp.Regexp, seeds ...weburl.URL) *Scope {
	s := &Scope{mode: mode, include: include, exclude: exclude, hosts: make(map[string]bool), domains: make(map[string]bool), keys: make(map[string]bool), prefixes: make(map[string][]string), named: make(map[weburl.URL]bool)}
	for _, u := range seeds {
		s.Widen(u)
	}
	return s
}

// A Verdict is what a scope says of a URL, and the rule that decided.
type Verdict struct {
	In     bool
	Rule   string // scope, include or exclude; "" when the URL is in scope
	Detail string
	Near   bool // out of scope now, and on a host that a seed may yet move to
}

// Decide judges one canonical URL.
func (s *Scope) Decide(u weburl.URL) Verdict {
	if !s.within(u) {
		return Verdict{Rule: "scope", Detail: string(s.mode), Near: s.near(u)}
	}
	return s.Matches(u)
}

// Matches judges a URL by the patterns alone: an asset may lie outside of the
// mode, and must still not be one that the user excluded.
func (s *Scope) Matches(u weburl.URL) Verdict {
	for _, re := range s.exclude {
		if re.MatchString(u.String()) {
			return Verdict{Rule: "exclude", Detail: re.String()}
		}
	}
	if len(s.include) == 0 || s.isNamed(u) {
		return Verdict{In: true}
	}
	for _, re := range s.include {
		if re.MatchString(u.String()) {
			return Verdict{In: true}
		}
	}
	if len(s.include) == 1 {
		return Verdict{Rule: "include", Detail: s.include[0].String() + " does not match"}
	}
	return Verdict{Rule: "include", Detail: fmt.Sprintf("none of %d patterns matches", len(s.include))}
}

// Widen adds a seed and tells whether that changed anything.
func (s *Scope) Widen(seed weburl.URL) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[seed.Host()], s.domains[domain(seed)] = true, true
	known := true
	if len(s.include) > 0 {
		known = s.named[seed]
		s.named[seed] = true
	}
	switch s.mode {
	case Any:
		return !known
	case Path:
		dir := directory(seed)
		if !slices.Contains(s.prefixes[seed.Host()], dir) {
			s.prefixes[seed.Host()] = append(s.prefixes[seed.Host()], dir)
			known = false
		}
		return !known
	}
	key := s.key(seed)
	known = known && s.keys[key]
	s.keys[key] = true
	return !known
}

// near is asked of every link that leads out of the scope to such a host, each
// time: it does without the public suffix list.
func (s *Scope) near(u weburl.URL) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.hosts[u.Host()] {
		return false
	}
	for name, more := u.Hostname(), true; more; _, name, more = strings.Cut(name, ".") {
		if s.domains[name] {
			return true
		}
	}
	return false
}

func (s *Scope) isNamed(u weburl.URL) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.named[u]
}

// key is what a URL has in common with a seed that takes it into the scope.
func (s *Scope) key(u weburl.URL) string {
	switch s.mode {
	case Host:
		return u.Host()
	case Domain:
		return domain(u)
	}
	return u.String()
}

// directory is a URL's path up to its last slash.
func directory(u weburl.URL) string {
	path := u.Path()
	return path[:strings.LastIndexByte(path, '/')+1]
}

// Akin tells whether a seed that redirects to a URL takes the scope along with
// it: to the same registrable domain (example.org to www.example.org), and to
// a default port or the seed's own. What listens on other ports of the same
// name or address may be another's, or was never meant to be seen.
func Akin(seed, to weburl.URL) bool {
	isDefault := !strings.HasSuffix(to.Host(), ":"+to.Port()) // a canonical URL leaves its default port out
	return domain(seed) == domain(to) && (isDefault || to.Port() == seed.Port())
}

func (s *Scope) within(u weburl.URL) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch s.mode {
	case Any:
		return true
	case Path:
		return slices.ContainsFunc(s.prefixes[u.Host()], func(dir string) bool { return strings.HasPrefix(u.Path(), dir) })
	}
	return s.keys[s.key(u)]
}

// domain is the registrable domain of a URL's host by the public suffix list,
// or the host itself when it has none: an address, localhost, a bare suffix.
func domain(u weburl.URL) string {
	name := strings.TrimSuffix(u.Hostname(), ".")
	if strings.Contains(name, ":") || isIPv4(name) {
		return name
	}
	d, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return name
	}
	return d
}

// isIPv4 knows canonical hosts only, where a last label of digits is enough.
func isIPv4(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return last != "" && strings.Trim(last, "0123456789") == ""
}
