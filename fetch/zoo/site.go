package zoo

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A server brings a case up: it gives the site its listeners and handlers.
type server func(*site) error

// A handler answers for the pages of a case.
type handler func(s *site, w http.ResponseWriter, r *http.Request)

// A site is one case being served.
type site struct {
	zoo    *Zoo
	name   string
	never  []string
	origin []string // "http://127.0.0.1:4711", the first of which has the seed
	seeds  []string // relative to the base

	pages handler // below the base
	root  handler // all else on the site's own origins; nil answers 404

	mu      sync.Mutex
	fetches int
	faults  []string
}

const maxFaults = 10

// hit counts a request for a path below the base.
func (s *site) hit(path string) {
	s.mu.Lock()
	s.fetches++
	s.mu.Unlock()
	for _, prefix := range s.never {
		if strings.HasPrefix(path, prefix) {
			s.fault("%.80q was asked for", path)
		}
	}
}

// fault notes what a correct crawler does not do.
func (s *site) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) < maxFaults {
		s.faults = append(s.faults, fmt.Sprintf(format, args...))
	}
}

// seen gives the count of requests and the faults so far.
func (s *site) seen() (fetches int, faults []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fetches, slices.Clone(s.faults)
}

// dir is the directory of the case's pages on its origins.
func (s *site) dir() string { return "/" + s.name + "/" }

// path is a request's path below the case's directory.
func (s *site) path(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, s.dir()) }

// on gives which of the site's origins a request came to.
func (s *site) on(r *http.Request) int {
	local := r.Context().Value(http.LocalAddrContextKey).(net.Addr).String()
	return slices.IndexFunc(s.origin, func(o string) bool { return strings.HasSuffix(o, "//"+local) })
}

// expand makes a reference of a case absolute: relative to its directory, and
// "{n}" as the n-th origin.
func (s *site) expand(ref string) string {
	for i, o := range s.origin {
		ref = strings.ReplaceAll(ref, fmt.Sprintf("{%d}", i), o)
	}
	if strings.Contains(ref, "://") {
		return ref
	}
	return s.origin[0] + s.dir() + ref
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, s.dir()):
		s.hit(s.path(r))
		s.pages(s, w, r)
	case s.root != nil:
		s.root(s, w, r)
	default:
		http.NotFound(w, r)
	}
}

// wait lets d pass; false if the client, or the zoo, left before.
func wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// shared serves pages on the address that all such cases share.
func shared(pages handler) server {
	return func(s *site) error {
		s.pages = pages
		s.origin = append(s.origin, s.zoo.origin)
		return nil
	}
}

// own serves pages on an origin of the case's own, and there root beside them.
func own(pages, root handler) server { return origins(1, pages, root) }

// origins is own with n origins; pages are told apart by site.on.
func origins(n int, pages, root handler) server {
	return func(s *site) error {
		s.pages, s.root = pages, root
		for range n {
			l, err := s.listen("http")
			if err != nil {
				return err
			}
			s.zoo.handle(s, l, l)
		}
		return nil
	}
}

// and brings up more than one server for a case.
func and(servers ...server) server {
	return func(s *site) error {
		for _, up := range servers {
			if err := up(s); err != nil {
				return err
			}
		}
		return nil
	}
}

// secure serves pages over TLS as config has it.
func secure(config func(*authority) *tls.Config, pages handler) server {
	return func(s *site) error {
		s.pages = pages
		l, err := s.listen("https")
		if err != nil {
			return err
		}
		s.zoo.handle(s, l, tls.NewListener(l, config(s.zoo.authority)))
		return nil
	}
}

// seeded makes a crawl of the case start at some pages.
func seeded(up server, seeds ...string) server {
	return func(s *site) error {
		s.seeds = seeds
		return up(s)
	}
}

// listen opens an origin of the site's own.
func (s *site) listen(scheme string) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(s.zoo.host, "0"))
	if err != nil {
		return nil, err
	}
	s.origin = append(s.origin, scheme+"://"+l.Addr().String())
	s.zoo.listeners = append(s.zoo.listeners, l)
	return l, nil
}
