package trap

import "math/bits"

// What a group must show before it is parked. The bar is that an endless space
// costs 500 fetches in all, those after which its pages become evidence included.
const (
	// patience is how many pages in a row give nothing before a group is
	// parked. The wider the group, the more it takes.
	patience     = 200
	treePatience = 250 // /dir/**
	hostPatience = 300 // /** and /***

	// noveltyCost is how many barren pages one page of new text makes up for,
	// and one link to where something new may be: a group in which one in
	// twenty gives anything is never parked.
	noveltyCost = 20

	// minGrowth is how many percent of the pages fetched must come back as new
	// URLs of the group. An endless list gives one for one.
	minGrowth = 90

	// The growth must be there in each stretch of so many pages, or one index
	// of a thousand pages without text would pay for all of them. A calendar
	// gives a month's days at once, so that a stretch may fall short.
	stretch          = 64
	minStretchGrowth = 40 // percent

	// A group is known once so many of its URLs were fetched, and is barren
	// when at most one of the last 64 had new text.
	knownAfter    = 32
	barrenNovelty = 1

	// triedAfter is from how many on that gave nothing a group's URLs are no
	// hope for a site that is barren: of the months of a calendar, each with all
	// its days, 32 are a thousand fetches.
	triedAfter = 4
)

// group is what a host's fetches told of the URLs that are written alike.
type group struct {
	seen   uint32 // fetched
	recent uint64 // the last 64 fetches, the newest in bit 0: 1 is new text

	// The evidence: what came since the score was 0.
	score   int32  // barren pages, less the cost of what was new
	scored  uint32 // barren pages
	spawned uint32 // new URLs of the group that these led to

	stretched, stretchSpawned uint32 // the same in this stretch

	same, other uint32 // path: parameters in another order gave the same text, or other text
}

// A generation counts the pages on the way from one with new text to this one,
// each a duplicate. In an endless space it rises without end.
type generation uint8

const (
	unknown   generation = iota // not fetched yet, or forgotten
	fresh                       // a page with new text
	copied                      // a duplicate found on a fresh page
	_                           // a duplicate found on that one
	ancestral                   // a duplicate of that or of a later one
)

// needs is the generation from which on a duplicate is evidence. A reference
// whose pages have hardly any text may have an index of as little, and an index
// of indexes, and two pages for each entry: it ends after them. Where URLs
// differ in a token alone, the page was seen under another token, and its
// copies say enough.
func (r *ref) needs() generation {
	if r.volatile {
		return copied
	}
	return ancestral
}

func (r *ref) patience() int32 {
	switch {
	case r.family == site:
		return hostPatience
	case r.family != tree || r.volatile || r.depth > 1:
		return patience
	case r.depth == 1:
		return treePatience
	}
	return hostPatience
}

func (g *group) known() bool { return g.seen >= knownAfter }

// barren tells whether the last fetches gave nothing new.
func (g *group) barren() bool { return bits.OnesCount64(g.recent) <= barrenNovelty }

// gives tells whether there is new text to be had: of a group that is not known
// yet, whether at least every other page had some.
func (g *group) gives() bool {
	if g.known() {
		return !g.barren()
	}
	return 2*bits.OnesCount64(g.recent) >= int(g.seen)
}

// novel takes in a page with new text.
func (g *group) novel() {
	g.seen++
	g.recent = g.recent<<1 | 1
	g.cool()
}

// stale takes in a page without.
func (g *group) stale() {
	g.seen++
	g.recent <<= 1
}

// blame counts a page without new text as evidence.
func (g *group) blame() {
	if g.stretched == stretch {
		if g.stretchSpawned*100 < stretch*minStretchGrowth {
			g.acquit()
		}
		g.stretched, g.stretchSpawned = 0, 0
	}
	g.score++
	g.scored++
	g.stretched++
}

func (g *group) spawn() {
	g.spawned++
	g.stretchSpawned++
}

// cool takes in something new.
func (g *group) cool() {
	if g.score -= noveltyCost; g.score <= 0 {
		g.acquit()
	}
}

func (g *group) acquit() {
	g.score, g.scored, g.spawned, g.stretched, g.stretchSpawned = 0, 0, 0, 0, 0
}

// ripe tells whether the evidence is enough to park the group.
func (g *group) ripe(patience int32) bool {
	return g.score >= patience && uint64(g.spawned)*100 >= uint64(g.scored)*minGrowth
}
