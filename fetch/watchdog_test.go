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
