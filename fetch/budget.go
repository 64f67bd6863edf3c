package fetch

import (
	"container/list"
	"context"
	"sync"
)

// A budget bounds the bytes of the bodies that are held at a time. A body
// takes its bytes as it grows, in a hold of its own, and gives all of them
// back at once.
//
// Bodies that each hold a part and wait for more would wait for each other.
// So when there is no room one of them may pass the limit: it is read to its
// end, its page is used and released, and then the next one may. What is held
// is therefore never more than the limit and one body. Whoever holds nothing
// yet waits behind those that do, in the order of arrival; one that alone is
// larger than the limit goes when nothing is held.
//
// A nil budget has no limit.
type budget struct {
	max int64

	mu      sync.Mutex
	used    int64
	over    *hold     // may pass the limit
	growing list.List // of *claim: those that hold something
	fresh   list.List // of *claim
}

// A hold is what one body has of a budget. Its zero value holds nothing.
type hold struct {
	bytes int64 // under the budget's mu
}

// claim is a hold that waits for n more bytes; granted is closed when it has them.
type claim struct {
	hold    *hold
	n       int64
	granted chan struct{}
}

// newBudget returns a budget of max bytes; nil when that is 0.
func newBudget(max int64) *budget {
	if max == 0 {
		return nil
	}
	return &budget{max: max}
}

// resize changes the limit. What is held beyond a smaller one stays, and nothing
// is added to it until enough was given back.
func (b *budget) resize(max int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.max = max
	b.grant()
}

// take adds n bytes to h. It waits for room, during which it calls waits with
// true and then false, and fails only with the error of ctx, with h as it was.
func (b *budget) take(ctx context.Context, h *hold, n int64, waits func(bool)) error {
	if b == nil || b.takeNow(h, n) {
		return nil
	}
	c := &claim{hold: h, n: n, granted: make(chan struct{})}
	queue, place := b.enter(c)
	waits(true)
	defer waits(false)
	select {
	case <-c.granted:
		return nil
	case <-ctx.Done():
		return b.leave(c, queue, place, context.Cause(ctx))
	}
}

// takeNow adds n bytes to h if it may pass the limit, or if there is room and
// nobody waits for it.
func (b *budget) takeNow(h *hold, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over != h && (b.growing.Len()+b.fresh.Len() > 0 || b.used+n > b.max) {
		return false
	}
	b.used += n
	h.bytes += n
	return true
}

// enter queues a claim and grants what can be.
func (b *budget) enter(c *claim) (*list.List, *list.Element) {
	b.mu.Lock()
	defer b.mu.Unlock()
	queue := &b.fresh
	if c.hold.bytes > 0 {
		queue = &b.growing
	}
	place := queue.PushBack(c)
	b.grant()
	return queue, place
}

// leave ends a claim that is no longer wanted. One that was granted meanwhile
// has its bytes: its hold gives them back with the rest.
func (b *budget) leave(c *claim, queue *list.List, place *list.Element, err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-c.granted:
		return nil
	default:
	}
	queue.Remove(place)
	b.grant() // it may have stood in the way of smaller ones
	return err
}

// give gives back all that h has.
func (b *budget) give(h *hold) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= h.bytes
	h.bytes = 0
	if b.over == h {
		b.over = nil
	}
	b.grant()
}

// grant gives the first in line what they wait for, as far as there is room.
func (b *budget) grant() {
	for b.grantFirst(&b.growing, b.over == nil) {
	}
	for b.growing.Len() == 0 && b.grantFirst(&b.fresh, b.used == 0) {
	}
}

// grantFirst grants the first claim in queue if there is room for it, or if
// it may pass the limit.
func (b *budget) grantFirst(queue *list.List, mayPass bool) bool {
	first := queue.Front()
	if first == nil {
		return false
	}
	c := first.Value.(*claim)
	if b.used+c.n > b.max {
		if !mayPass {
			return false
		}
		b.over = c.hold
	}
	queue.Remove(first)
	b.used += c.n
	c.hold.bytes += c.n
	close(c.granted)
	return true
}
