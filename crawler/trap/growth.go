package trap

// growth counts, of a host's last pages, how many new URLs they led to.
type growth struct{ now, before yield }

// yield is how many new URLs a row of pages led to.
type yield struct{ pages, urls int }

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
		g.now, g.before = yield{}, g.now
	}
	g.now.pages++
}

func (g *growth) url() { g.now.urls++ }

// over tells whether the host has shown about all that it has.
func (g *growth) over() bool {
	pages, urls := g.before.pages+g.now.pages, g.before.urls+g.now.urls
	return g.before.pages > 0 && urls*100 < pages*leastGrowth
}
