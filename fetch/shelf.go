package fetch

import "sync"

// A shelf keeps values that are dear to make until somebody needs one again.
// Unlike a sync.Pool it belongs to one client, holds a known number and
// forgets nothing.
type shelf[T any] struct {
	mu    sync.Mutex
	items []T
	max   int
}

// take gives a value off the shelf, or the zero value and false.
func (s *shelf[T]) take() (item T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.items) - 1
	if last < 0 {
		return item, false
	}
	item = s.items[last]
	var zero T
	s.items[last] = zero
	s.items = s.items[:last]
	return item, true
}

// put gives a value back; a full shelf does not take it.
func (s *shelf[T]) put(item T) (taken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.items) >= s.max {
		return false
	}
	s.items = append(s.items, item)
	return true
}
