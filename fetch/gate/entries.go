package gate

import "container/list"

// The bounds hold some 50,000 origins whose robots.txt has 500 bytes, which is
// what most have.
const (
	maxOrigins = 100_000
	maxBytes   = 256 << 20
)

// entries are the entries used last, as many as the bounds allow. It is a
// plain least-recently-used list because that never gives up the entry put
// last: a cache that may refuse a newcomer would let an origin spend turn
// after turn on its robots.txt. Age is no reason to forget an entry either,
// for an old copy serves while the server fails.
type entries struct {
	byOrigin map[string]*list.Element
	order    *list.List // of *item; the one used last is in front
	bytes    int

	maxOrigins, maxBytes int
}

type item struct {
	origin string
	entry  *entry
}

func newEntries() *entries {
	return &entries{byOrigin: map[string]*list.Element{}, order: list.New(), maxOrigins: maxOrigins, maxBytes: maxBytes}
}

// weight is about what an entry keeps in memory, in bytes: rules take four
// times the length of their lines when those are long, eight times when short.
func (i *item) weight() int {
	e := i.entry
	weight := 512 + len(i.origin) + 8*e.size + len(e.hop.String())
	if e.err != nil {
		weight += len(e.err.Message())
	}
	return weight
}

// get gives an origin's entry, or nil.
func (es *entries) get(origin string) *entry {
	element := es.byOrigin[origin]
	if element == nil {
		return nil
	}
	es.order.MoveToFront(element)
	return element.Value.(*item).entry
}

// put replaces an origin's entry and forgets those unused the longest while
// there are too many, the new one excepted.
func (es *entries) put(origin string, e *entry) {
	es.drop(es.byOrigin[origin])
	added := &item{origin, e}
	es.byOrigin[origin] = es.order.PushFront(added)
	es.bytes += added.weight()
	for es.order.Len() > 1 && (es.order.Len() > es.maxOrigins || es.bytes > es.maxBytes) {
		es.drop(es.order.Back())
	}
}

func (es *entries) drop(element *list.Element) {
	if element == nil {
		return
	}
	old := es.order.Remove(element).(*item)
	delete(es.byOrigin, old.origin)
	es.bytes -= old.weight()
}
