package trap

// growth counts, of a host's last pages, how many new URLs they led to.
type growth struct{ now, before stretchOf }

// stretchOf is a row of pages, one fetched after the other.
type stretchOf struct{ pages, urls int }

const (
	// growthStretch pages are counted together: growth is over after one or two
	// of these without, so that no site of fewer pages is left unread.
	growthStretch = 512

	// leastGrowth is how many percent of the pages lead to a new URL while a
	// host grows. An endless space has 100; what share of a host's pages it must
	// have to be seen is this.
	leastGrowth = 1
)

func (g *growth) page() {
	if g.now.pages == growthStretch {
		g.now, g.before = stretchOf{}, g.now
	}
	g.now.pages++
}

func (g *growth) url() { g.now.urls++ }

// over tells whether the host has shown about all that it has.
func (g *growth) over() bool {
	pages, urls := g.before.pages+g.now.pages, g.before.urls+g.now.urls
	return g.before.pages > 0 && urls*100 < pages*leastGrowth
}

// leave takes in a page whose text is not read. It is taken for new, which it
// is where nothing grows; its title may tell a copy of it later.
func (h *host) leave(id, title uint64) {
	*h.gens.put(id) = fresh
	if title == 0 {
		return
	}
	if n := h.unread.put(title); *n < maxTitled {
		*n++
	}
}

// maxTitled pages of a title are as good as any number.
const maxTitled = 255

// left tells whether a page with a text that was never read has the title of one
// page that was left, and of none since: it is that page at another address. The
// titles of pages that are read are counted for this, too, since where many have
// one it says nothing.
func (h *host) left(title uint64) bool {
	n := h.unread.get(title)
	if n == nil {
		return false
	}
	first := *n == 1
	if *n < maxTitled {
		*n++
	}
	return first
}
