package fetch

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Bytes that keep coming hold the idle limit off, never the total one; a
// watchdog serves many exchanges.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watchdog{limits: timeouts{total: 30 * time.Second, connect: 10 * time.Second, idle: 4 * time.Second}}
		for _, tt := range []struct {
			name    string
			connect time.Duration // 0 is never
			bytes   []time.Duration
			ends    time.Duration
			limit   string
		}{
			{"no connection", 0, nil, 10 * time.Second, "connect"},
			{"late connection", 9 * time.Second, nil, 13 * time.Second, "idle"},
			{"no byte", time.Second, nil, 5 * time.Second, "idle"},
			{"some bytes", time.Second, []time.Duration{4 * time.Second, 7 * time.Second}, 11 * time.Second, "idle"},
			{"slow drip", time.Second, drip(3*time.Second, 20), 30 * time.Second, "total"},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			begun := time.Now()
			w.start(begun, cancel)
			var timers []*time.Timer
			if tt.connect > 0 {
				timers = append(timers, time.AfterFunc(tt.connect, func() { w.alive(time.Now(), true) }))
			}
			for _, at := range tt.bytes {
				timers = append(timers, time.AfterFunc(at, func() { w.alive(time.Now(), true) }))
			}
			<-ctx.Done()
			if over, _ := context.Cause(ctx).(*overdueError); over == nil || over.limit != tt.limit || time.Since(begun) != tt.ends {
				t.Errorf("%s: %v after %v, want the %s timeout after %v", tt.name, context.Cause(ctx), time.Since(begun), tt.limit, tt.ends)
			}
			w.stop()
			for _, timer := range timers {
				timer.Stop()
			}
		}

		// One that is stopped in time can be used again and ends nothing.
		ctx, cancel := context.WithCancelCause(t.Context())
		w.start(time.Now(), cancel)
		if !w.stop() {
			t.Error("stopped in time, yet not to be used again")
		}
		<-time.After(time.Minute)
		if ctx.Err() != nil {
			t.Error("it ended an exchange after it was stopped")
		}
		cancel(nil)
	})
}

func drip(every time.Duration, n int) (at []time.Duration) {
	for i := range n {
		at = append(at, time.Duration(i+1)*every)
	}
	return at
}
