package trap

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
