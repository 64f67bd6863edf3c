package trap

import (
	"strings"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// What is remembered of a host, and of all of them together; entries are about
// 80 bytes on average, measured.
const (
	maxGroups  = 256
	maxTexts   = 8192 // simhashes: a site of more pages may get its copies for new
	maxTitles  = 8192 // of pages that were left unread: the same
	maxPages   = 2048 // generations
	maxSets    = 1024 // sets of parameters
	maxEntries = 400_000
)

// shuffles is how many times parameters in another order must have given the
// same text, and never another one, before their order is taken to mean nothing.
const shuffles = 16

// host is what a Guard knows of one origin.
type host struct {
	origin string
	groups lru[uint64, group]
	gens   lru[uint64, generation] // of pages fetched, by fingerprint
	sets   lru[uint64, page]       // by shape.set: the first page fetched that has it
	texts  texts                   // of pages
	unread lru[uint64, uint8]      // titles of pages that were left unread → how many have it
	growth growth
}

// page is a URL's fingerprint and its text's.
type page struct{ id, simhash uint64 }

func newHost(origin string) *host {
	return &host{
		origin: origin,
		groups: lru[uint64, group]{max: maxGroups},
		gens:   lru[uint64, generation]{max: maxPages},
		sets:   lru[uint64, page]{max: maxSets},
		texts:  texts{most: maxTexts},
		unread: lru[uint64, uint8]{max: maxTitles},
	}
}

// entries is what the host weighs.
func (h *host) entries() int {
	return 1 + h.groups.len() + h.gens.len() + h.sets.len() + h.texts.len() + h.unread.len()
}

// generation of a page that was fetched.
func (h *host) generation(id uint64) generation {
	if h == nil {
		return unknown
	}
	if gen := h.gens.get(id); gen != nil {
		return *gen
	}
	return unknown
}

// learn takes in a response whose page was found on one of generation from.
// It returns the index of the finest of u's groups that is to be parked, or -1.
func (h *host) learn(u *shape, from generation, seen Observation) (ripe int) {
	if seen.Status/100 == 3 {
		h.redirected(u, from)
		return -1
	}
	ok := seen.Status/100 == 2
	if ok {
		h.compareOrders(u, seen.Simhash)
	}
	if ok && seen.Simhash != 0 && h.texts.add(seen.Simhash) && !h.left(seen.Title) {
		*h.gens.put(u.id) = fresh
		for i := range u.groups {
			h.groups.put(u.groups[i].key).novel()
		}
		return -1
	}
	gen := max(from, fresh)
	if gen < ancestral {
		gen++
	}
	*h.gens.put(u.id) = gen
	ripe = -1
	for i := range u.groups {
		ref := &u.groups[i]
		g := h.groups.put(ref.key)
		g.stale()
		if gen < ref.needs() {
			continue
		}
		g.blame()
		if ripe < 0 && g.ripe(ref.patience()) {
			ripe = i
		}
	}
	return ripe
}

// redirected passes the generation on: a redirect is neither text nor the lack
// of it. From a duplicate on it is evidence, as a page may be that leads to
// the next one by a redirect. It is never ripe: how many redirects may follow
// one another is another rule's.
func (h *host) redirected(u *shape, from generation) {
	if from != unknown {
		*h.gens.put(u.id) = from
	}
	for i := range u.groups {
		ref := &u.groups[i]
		g := h.groups.put(ref.key)
		g.stale()
		if from >= ref.needs() {
			g.blame()
		}
	}
}

// found takes in a new URL that a duplicate of generation gen led to. It is a
// lead, or else it is growth of the groups that both belong to.
func (h *host) found(u, via *shape, gen generation) {
	lead := h.leads(u)
	for i := range via.groups {
		ref := &via.groups[i]
		g := h.groups.get(ref.key)
		switch {
		case g == nil:
		case lead:
			g.cool()
		case gen >= ref.needs() && u.has(ref.key):
			g.spawn()
		}
	}
}

// leads tells whether there may be something new behind a URL. The finest
// group that is known decides: the whole site, on which something new may be of a
// kind that was not seen yet, only once a group has been tried, for nothing.
func (h *host) leads(u *shape) bool {
	tried := false
	for i := range u.groups {
		g := h.groups.get(u.groups[i].key)
		switch {
		case g == nil:
		case g.known() && (u.groups[i].family != site || tried):
			return !g.barren()
		case g.seen >= triedAfter && g.recent == 0:
			tried = true
		}
	}
	return true
}

// hopeful tells whether a URL is to be fetched although a group it belongs to
// is parked: its template still gives new text, or is unheard of and was found
// on a page with new text, or from outside of what is parked.
func (h *host) hopeful(u *shape, from generation, inside bool) bool {
	if h != nil && len(u.groups) > 0 && u.groups[0].family == template {
		if g := h.groups.get(u.groups[0].key); g != nil {
			return g.gives()
		}
	}
	return from == fresh || from == unknown && !inside
}

// compareOrders notes whether the order of the parameters made a difference.
func (h *host) compareOrders(u *shape, simhash uint64) {
	if u.set == 0 || simhash == 0 {
		return
	}
	first := h.sets.put(u.set)
	if first.id == 0 {
		*first = page{u.id, simhash}
		return
	}
	if first.id == u.id {
		return
	}
	for i := range u.groups {
		if u.groups[i].family != path {
			continue
		}
		if g := h.groups.put(u.groups[i].key); near(first.simhash, simhash) {
			g.same++
		} else {
			g.other++
		}
	}
}

// shuffled tells whether a URL is one that was fetched, with its parameters in
// another order, on a path where the order means nothing.
func (h *host) shuffled(u *shape) bool {
	if u.set == 0 {
		return false
	}
	first := h.sets.get(u.set)
	if first == nil || first.id == u.id {
		return false
	}
	for i := range u.groups {
		if u.groups[i].family == path {
			g := h.groups.get(u.groups[i].key)
			return g != nil && g.same >= shuffles && g.other == 0
		}
	}
	return false
}

// hosts are those heard of most recently.
type hosts struct {
	lru[string, *host]
	entries int // of all of them
	limit   int
}

// find returns the host of a URL, or nil.
func (hs *hosts) find(u weburl.URL) *host {
	if h := hs.get(u.Origin()); h != nil {
		return *h
	}
	return nil
}

// update has f change the host of a URL.
func (hs *hosts) update(u weburl.URL, f func(*host)) {
	h := hs.find(u)
	if h == nil {
		origin := strings.Clone(u.Origin()) // not the whole URL that it is of
		h = newHost(origin)
		*hs.put(origin) = h
	} else {
		hs.entries -= h.entries()
	}
	f(h)
	hs.entries += h.entries()
	for hs.entries > hs.limit && hs.len() > 1 {
		hs.entries -= hs.drop().entries()
	}
}
