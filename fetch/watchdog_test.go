package fetch

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Each phase has its limit. Bytes that keep coming hold the idle one off,
// never the total one, and no limit counts while the server is not asked; a
// watchdog serves many exchanges.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, limits := new(watchdog), timeouts{total: 30 * time.Second, connect: 10 * time.Second, header: 5 * time.Second, idle: 4 * time.Second}
		for _, tt := range []struct {
			name    string
			connect time.Duration   // 0 is never
			bytes   []time.Duration // of the header and the body
			pause   time.Duration   // from when on the server is not asked; 0 is never
			resume  time.Duration
			ends    time.Duration
			limit   string
		}{
			{"no connection", 0, nil, 0, 0, 10 * time.Second, "connect"},
			{"late connection", 9 * time.Second, nil, 0, 0, 14 * time.Second, "header"},
			{"no header", time.Second, nil, 0, 0, 6 * time.Second, "header"},
			{"no body", time.Second, drip(4*time.Second, 1), 0, 0, 8 * time.Second, "idle"},
			{"some bytes", time.Second, []time.Duration{5 * time.Second, 7 * time.Second}, 0, 0, 11 * time.Second, "idle"},
			{"slow drip", time.Second, drip(3*time.Second, 20), 0, 0, 30 * time.Second, "total"},
			{"no byte after a pause", time.Second, drip(3*time.Second, 1), 4 * time.Second, time.Hour, time.Hour + 4*time.Second, "idle"},
			{"slow drip with a pause", time.Second, drip(3*time.Second, 60), 4 * time.Second, 100 * time.Second, 126 * time.Second, "total"},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			begun := time.Now()
			w.start(begun, limits, cancel)
			var timers []*time.Timer
			if tt.connect > 0 {
				timers = append(timers, time.AfterFunc(tt.connect, func() { w.connected(time.Now()) }))
			}
			if tt.pause > 0 {
				timers = append(timers, time.AfterFunc(tt.pause, func() { w.pause(time.Now()) }), time.AfterFunc(tt.resume, func() { w.resume(time.Now()) }))
			}
			for _, at := range tt.bytes {
				timers = append(timers, time.AfterFunc(at, func() { w.alive(time.Now()) }))
			}
			<-ctx.Done()
			if over, _ := context.Cause(ctx).(*overdueError); over == nil || over.limit != tt.limit || time.Since(begun) != tt.ends {
				t.Errorf("%s: %v after %v, want the %s timeout after %v", tt.name, context.Cause(ctx), time.Since(begun), tt.limit, tt.ends)
			}
			w.stop()
			for _, timer := range timers {
				timer.Stop()
			}
			synctest.Wait() // for bytes that came at the very end
		}

		// One that is stopped ends nothing. The next exchange has all of its time,
		// whatever is left of the timer.
		stopped, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		w.start(time.Now(), limits, cancel)
		w.stop()
		for _, wait := range []time.Duration{0, 4 * time.Second, time.Minute} {
			time.Sleep(wait)
			ctx, cancel := context.WithCancelCause(t.Context())
			begun := time.Now()
			w.start(begun, limits, cancel)
			<-ctx.Done()
			if took := time.Since(begun); took != 10*time.Second {
				t.Errorf("%v after an exchange that ended early, one without a connection took %v, want 10s", wait, took)
			}
			w.stop()
			w.start(time.Now(), limits, func(error) { t.Error("it ended an exchange after it was stopped") })
			w.stop()
		}
		if stopped.Err() != nil {
			t.Error("it ended an exchange after it was stopped")
		}
	})
}

func drip(every time.Duration, n int) (at []time.Duration) {
	for i := range n {
		at = append(at, time.Duration(i+1)*every)
	}
	return at
}

// An exchange's context is the next one's too, until it ends; and so is what is
// to be done then, but for who has stopped it.
func TestWatchdogContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := new(watchdog)
		parent, endParent := context.WithCancel(t.Context())
		first, _ := w.under(parent)
		calls := 0
		call := func() { calls++ }
		check := func(when string, want int) {
			t.Helper()
			synctest.Wait()
			if calls != want {
				t.Errorf("%s: called %d times, want %d", when, calls, want)
			}
		}
		again, end := w.under(parent)
		if again != first {
			t.Error("a context was not used again")
		}
		if stop := w.afterFunc(call); !stop() {
			t.Error("it is too late to stop, though nothing has ended")
		}
		end(nil)
		check("it was stopped before the end", 0)
		again, end = w.under(parent)
		stop := w.afterFunc(call)
		end(errRepeated)
		check("the exchange was ended", 1)
		if stop() {
			t.Error("what has ended could be stopped")
		}
		if context.Cause(again) != errRepeated {
			t.Errorf("it ended because of %v", context.Cause(again))
		}
		second, _ := w.under(parent)
		if second == first || second.Err() != nil {
			t.Error("a context that has ended was used again")
		}
		w.afterFunc(call)
		endParent()
		check("the caller's context ended", 2)
		late, _ := w.under(parent)
		synctest.Wait()
		w.afterFunc(call)
		check("it had ended before", 3)
		if late.Err() == nil {
			t.Error("it did not end with the caller's")
		}

		// What is late to be told of the context before is none of this one's.
		one, _ := w.under(t.Context())
		apart, cancel := context.WithCancel(t.Context())
		defer cancel()
		other, _ := w.under(apart)
		if one.Err() == nil || other.Err() != nil {
			t.Errorf("%v, then under another %v; want the first to have ended", one.Err(), other.Err())
		}
		w.afterFunc(call)
		w.ended(late)
		check("the context before ended", 3)
		w.leave()
		if other.Err() == nil {
			t.Error("it is still under the caller's context")
		}
		check("it was left", 4)
	})
}

// Contexts that are kept do not pile up under the caller's.
func TestContextsAreLetGo(t *testing.T) {
	c, err := New(Options{Concurrency: 1})
	if err != nil {
		t.Fatal(err)
	}
	a, b := c.begin(t.Context(), Request{}), c.begin(t.Context(), Request{})
	a.end()
	b.end()
	if a.ctx.Err() != nil || b.ctx.Err() == nil {
		t.Errorf("%v and %v; want the second to have ended: there is room for one", a.ctx.Err(), b.ctx.Err())
	}
	c.Close()
	if a.ctx.Err() == nil {
		t.Error("a context has outlived its client")
	}
}
