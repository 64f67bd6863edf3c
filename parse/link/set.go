package link

import (
	"bytes"
	"hash/maphash"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// minSlots is the size of the table a page starts with: a power of two.
const minSlots = 256

// span is a piece of the arena, or of a page. The zero span is nothing.
type span struct{ from, to int }

func (p span) of(text string) string { return text[p.from:p.to] }

// found is a link whose URL is still a piece of the arena.
type found struct {
	url, raw span
	hash     uint64
	from     Source
	nofollow bool
}

// set is the links of one page, each once, in order, and their arena.
type set struct {
	arena []byte
	found []found
	// slots is an open-addressing table of places in found, plus one; a map
	// would cost an allocation a page or a clearing of its buckets.
	slots []uint32
	// seed keeps a page from choosing URLs that all meet in one slot.
	seed maphash.Seed
	max  int
}

func (s *set) reset(max int) {
	s.arena, s.found, s.max = s.arena[:0], s.found[:0], max
	if s.slots == nil {
		s.slots = make([]uint32, minSlots)
		s.seed = maphash.MakeSeed()
	}
	s.slots = s.slots[:minSlots]
	clear(s.slots)
}

// The texts of a page's links take so many bytes at most, by how many links it may
// have: of one of 100 KiB whose own URL has 4, 10,000 short references would become
// 40 MB, and as many pages wait at a time as are asked for.
const (
	meanText  = 512 // a link
	leastText = 1 << 20
)

// insert adds the URL at the end of the arena, and its raw form behind it, or
// removes it from there if it is known. It returns its place, or -1 and false when the set is full.
func (s *set) insert(url span, raw []byte, from Source, nofollow bool) (int, bool) {
	text := s.arena[url.from:url.to]
	hash := maphash.Bytes(s.seed, text)
	slot, i := s.find(hash, text)
	if i >= 0 {
		s.arena = s.arena[:url.from]
		s.found[i].again(from, nofollow)
		return i, true
	}
	if s.max > 0 && (len(s.found) >= s.max || url.to > max(leastText, s.max*meanText)) {
		s.arena = s.arena[:url.from]
		return -1, false
	}
	if len(raw) > MaxRaw {
		raw = cutText(raw, MaxRaw)
	}
	s.arena = append(s.arena, raw...)
	s.found = append(s.found, found{url, span{url.to, len(s.arena)}, hash, from, nofollow})
	s.slots[slot] = uint32(len(s.found))
	if 2*len(s.found) > len(s.slots) {
		s.grow()
	}
	return len(s.found) - 1, true
}

// again notes one more place of a known link.
func (f *found) again(from Source, nofollow bool) {
	isPage, wasPage := from.Kind() == Page, f.from.Kind() == Page
	switch {
	case isPage && !wasPage:
		f.from, f.nofollow = from, nofollow
	case isPage == wasPage:
		f.nofollow = f.nofollow && nofollow
	}
}

// find returns the place of a URL in found, or -1 and the slot for it.
func (s *set) find(hash uint64, text []byte) (slot uint64, i int) {
	last := uint64(len(s.slots) - 1)
	for slot = hash & last; s.slots[slot] != 0; slot = (slot + 1) & last {
		i := int(s.slots[slot] - 1)
		f := &s.found[i]
		if f.hash == hash && bytes.Equal(s.arena[f.url.from:f.url.to], text) {
			return slot, i
		}
	}
	return slot, -1
}

func (s *set) grow() {
	n := 2 * len(s.slots)
	if n > cap(s.slots) {
		s.slots = make([]uint32, n)
	}
	s.slots = s.slots[:n]
	s.index()
}

// index fills the table anew.
func (s *set) index() {
	clear(s.slots)
	last := uint64(len(s.slots) - 1)
	for i, f := range s.found {
		slot := f.hash & last
		for s.slots[slot] != 0 {
			slot = (slot + 1) & last
		}
		s.slots[slot] = uint32(i + 1)
	}
}

// cut forgets what came after so many bytes and links.
func (s *set) cut(arena, links int) {
	s.arena, s.found = s.arena[:arena], s.found[:links]
	s.index()
}

// list returns the links; text is the arena.
func (s *set) list(text string) []Link {
	if len(s.found) == 0 {
		return nil
	}
	links := make([]Link, len(s.found))
	for i, f := range s.found {
		links[i] = Link{URL: weburl.FromCanonical(f.url.of(text)), Raw: f.raw.of(text), From: f.from, NoFollow: f.nofollow}
	}
	return links
}
