package fetch

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// body takes n bytes, step at a time and a second for each, and gives them back
// after another.
func (b *budget) body(ctx context.Context, n, step int64) error {
	var h hold
	defer b.give(&h)
	for h.bytes < n {
		if err := b.take(ctx, &h, step, func(bool) {}); err != nil {
			return err
		}
		<-time.After(time.Second)
	}
	<-time.After(time.Second)
	return nil
}

func (b *budget) held() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// Twenty bodies that all want half of the budget, and have a part of it before
// any has the whole, come to their end, and never hold more than the budget
// and one of them.
func TestBudgetDoesNotLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, most := newBudget(100), int64(0)
		var bodies sync.WaitGroup
		for range 20 {
			bodies.Go(func() {
				if err := b.body(t.Context(), 50, 5); err != nil {
					t.Error(err)
				}
			})
		}
		watch, done := context.WithCancel(t.Context())
		var watched sync.WaitGroup
		watched.Go(func() {
			for watch.Err() == nil {
				most = max(most, b.held())
				<-time.After(time.Second / 2)
			}
		})
		bodies.Wait()
		done()
		watched.Wait()
		if most < 100 || most > 150 {
			t.Errorf("%d bytes were held at most, want 100 to 150", most)
		}
		if b.held() != 0 {
			t.Errorf("%d bytes are held in the end", b.held())
		}
	})
}

// A body larger than the budget waits until nothing else is held, and those
// that come after it for it.
func TestBudgetOversizeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, begun := newBudget(100), time.Now()
		var mu sync.Mutex
		ended := map[string]time.Duration{}
		var bodies sync.WaitGroup
		for _, body := range []struct {
			name    string
			n, step int64
		}{{"small", 10, 10}, {"oversize", 1000, 1000}, {"after", 10, 10}} {
			bodies.Go(func() {
				if err := b.body(t.Context(), body.n, body.step); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				ended[body.name] = time.Since(begun)
			})
			synctest.Wait()
		}
		bodies.Wait()
		if ended["small"] != 2*time.Second || ended["oversize"] != 4*time.Second || ended["after"] != 6*time.Second {
			t.Errorf("ended after %v", ended)
		}
	})
}

// One that gives up, first in line, lets the next one pass; what it held is
// given back, and what it waited for it never had.
func TestBudgetCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(100)
		var first hold
		if err := b.take(t.Context(), &first, 60, nil); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("the crawl is ending")
		var waiting sync.WaitGroup
		waited := 0
		waiting.Go(func() {
			var h hold
			if err := b.take(ctx, &h, 50, func(w bool) { waited++ }); err != why || h.bytes != 0 {
				t.Errorf("%v with %d bytes, want that the crawl is ending", err, h.bytes)
			}
		})
		synctest.Wait()
		waiting.Go(func() {
			var h hold
			if err := b.take(t.Context(), &h, 40, func(bool) {}); err != nil {
				t.Error(err)
			}
			b.give(&h)
		})
		synctest.Wait()
		cancel(why)
		waiting.Wait()
		if waited != 2 || b.held() != 60 {
			t.Errorf("told of the wait %d times, %d bytes held; want 2, 60", waited, b.held())
		}
		b.give(&first)
		if b.held() != 0 {
			t.Errorf("%d bytes are held in the end", b.held())
		}
	})
}

// A buffer comes back to whoever needs one of its size next, and no more are
// kept than maxSpare.
func TestBuffers(t *testing.T) {
	var b buffers
	for _, tt := range []struct{ n, room int }{{0, 1 << 10}, {1 << 10, 1 << 10}, {1<<10 + 1, 2 << 10}, {3 << 20, 4 << 20}, {4<<20 + 1, 4<<20 + 1}} {
		buf := b.take(tt.n)
		if len(buf) != 0 || cap(buf) != tt.room {
			t.Errorf("for %d bytes: a buffer of %d, %d used", tt.n, cap(buf), len(buf))
		}
		b.put(append(buf, 'x'))
		again := b.take(tt.n)
		if len(again) != 0 || (&buf[:1][0] == &again[:1][0]) != (tt.room <= 4<<20) {
			t.Errorf("for %d bytes again: another buffer, or one in use", tt.n)
		}
	}
	for range 10 {
		b.put(make([]byte, 0, 4<<20))
	}
	if b.bytes != maxSpare {
		t.Errorf("%d bytes are kept", b.bytes)
	}
}

// A budget that gets smaller keeps what is held, gives nothing to those that
// wait until there is room, and lets one body at a time pass all the same; one
// that grows again lets the others in.
func TestBudgetChangesItsSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(100)
		var first, second hold
		for _, h := range []*hold{&first, &second} {
			if err := b.take(t.Context(), h, 50, func(bool) {}); err != nil {
				t.Fatal(err)
			}
		}
		b.resize(1)
		got := make(chan string, 3)
		var bodies sync.WaitGroup
		take := func(name string, h *hold, n int64) {
			bodies.Go(func() {
				if err := b.take(t.Context(), h, n, func(bool) {}); err != nil {
					t.Error(err)
				}
				got <- name
			})
			synctest.Wait()
		}
		var asks hold
		take("more of the first", &first, 10) // it may pass
		take("more of the second", &second, 10)
		take("another request", &asks, 0)
		if len(got) != 1 || <-got != "more of the first" {
			t.Fatal("a budget that is overdrawn gave what there is no room for")
		}
		b.give(&first)
		synctest.Wait()
		if len(got) != 1 || <-got != "more of the second" {
			t.Fatal("the next one may not pass")
		}
		b.resize(100)
		bodies.Wait()
		if name := <-got; name != "another request" || b.held() != 60 {
			t.Errorf("%s passed last, %d bytes are held", name, b.held())
		}
	})
}
