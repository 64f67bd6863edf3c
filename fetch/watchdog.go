package fetch

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// timeouts are the three limits of one exchange.
type timeouts struct{ total, connect, idle time.Duration }

// A watchdog ends an exchange that takes too long, by canceling its context
// with an *overdueError. One timer serves all three limits: it is not moved
// when a byte arrives, but looks, when it fires, at when the last one did.
type watchdog struct {
	limits timeouts
	timer  *time.Timer

	mu        sync.Mutex
	cancel    context.CancelCauseFunc // nil once the exchange is over
	begun     time.Time
	last      time.Time // the last sign of life
	connected bool
}

// overdueError says which limit was reached.
type overdueError struct {
	limit string
	after time.Duration
	what  string
}

func (e *overdueError) Error() string {
	return fmt.Sprintf("%s timeout: %s %v", e.limit, e.what, e.after)
}

// Timeout makes it a net.Error's like.
func (e *overdueError) Timeout() bool { return true }

// start begins to watch; cancel is called at most once.
func (w *watchdog) start(now time.Time, cancel context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel, w.begun, w.last, w.connected = cancel, now, now, false
	_, next := w.due(now)
	if w.timer == nil {
		w.timer = time.AfterFunc(next, w.fire)
	} else {
		w.timer.Reset(next)
	}
}

// stop ends the watch and tells whether the watchdog may be used again: not
// when its timer is firing at this moment.
func (w *watchdog) stop() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel = nil
	return w.timer.Stop()
}

// alive notes a sign of life; connected that there is a connection.
func (w *watchdog) alive(now time.Time, connected bool) {
	w.mu.Lock()
	w.last = now
	w.connected = w.connected || connected
	w.mu.Unlock()
}

func (w *watchdog) fire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel == nil {
		return
	}
	over, next := w.due(time.Now())
	if over != nil {
		w.cancel(over)
		w.cancel = nil
		return
	}
	w.timer.Reset(next)
}

// due gives the limit that is reached, or how long to wait before looking
// again: never longer than the idle limit, which may begin to count at any time.
func (w *watchdog) due(now time.Time) (*overdueError, time.Duration) {
	left := w.begun.Add(w.limits.total).Sub(now)
	if left <= 0 {
		return &overdueError{"total", w.limits.total, "not done within"}, 0
	}
	if w.connected {
		quiet := w.last.Add(w.limits.idle).Sub(now)
		if quiet <= 0 {
			return &overdueError{"idle", w.limits.idle, "not a byte for"}, 0
		}
		return nil, min(left, quiet)
	}
	connect := w.begun.Add(w.limits.connect).Sub(now)
	if connect <= 0 {
		return &overdueError{"connect", w.limits.connect, "no connection within"}, 0
	}
	return nil, min(left, connect, w.limits.idle)
}
