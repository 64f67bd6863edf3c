package trap

// lru is a map of at most max entries, or of any number with max 0, that
// forgets the one used least recently. The zero value with its max set is
// ready for use. Entries move in memory: a pointer to one is good until the
// next put.
type lru[K comparable, V any] struct {
	max   int
	index map[K]int32
	nodes []node[K, V] // nodes[0] is the ring's anchor: next is the newest, prev the oldest
	free  int32        // a chain through next; 0 is its end
}

type node[K comparable, V any] struct {
	prev, next int32
	key        K
	value      V
}

func (l *lru[K, V]) len() int { return len(l.index) }

// get returns the value of a key, as just used, or nil.
func (l *lru[K, V]) get(key K) *V {
	i, ok := l.index[key]
	if !ok {
		return nil
	}
	if l.nodes[0].next != i {
		l.unlink(i)
		l.front(i)
	}
	return &l.nodes[i].value
}

// put returns the value of a key, the zero value if it is new.
func (l *lru[K, V]) put(key K) *V {
	if v := l.get(key); v != nil {
		return v
	}
	if l.index == nil {
		l.index, l.nodes = make(map[K]int32), make([]node[K, V], 1)
	}
	if l.max > 0 && len(l.index) == l.max {
		l.drop()
	}
	i := l.free
	if i != 0 {
		l.free = l.nodes[i].next
	} else {
		i = int32(len(l.nodes))
		l.nodes = append(l.nodes, node[K, V]{})
	}
	l.nodes[i].key = key
	l.index[key] = i
	l.front(i)
	return &l.nodes[i].value
}

// drop forgets the entry used least recently, and returns what it was.
func (l *lru[K, V]) drop() V {
	i := l.nodes[0].prev
	l.unlink(i)
	delete(l.index, l.nodes[i].key)
	v := l.nodes[i].value
	l.nodes[i] = node[K, V]{next: l.free}
	l.free = i
	return v
}

func (l *lru[K, V]) unlink(i int32) {
	n := &l.nodes[i]
	l.nodes[n.prev].next, l.nodes[n.next].prev = n.next, n.prev
}

func (l *lru[K, V]) front(i int32) {
	first := l.nodes[0].next
	l.nodes[i].prev, l.nodes[i].next = 0, first
	l.nodes[first].prev = i
	l.nodes[0].next = i
}
