package fetch

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// timeouts are the limits of one exchange: all of it, and each of its phases.
type timeouts struct{ total, connect, header, idle time.Duration }

// phase is how far an exchange has come.
type phase int

const (
	connecting phase = iota
	asking           // until the header is there
	reading          // the body
)

// A watchdog ends an exchange that takes too long, by canceling its context
// with an *overdueError. One timer serves all limits: it is not moved when a
// byte arrives, but looks, when it fires, at when the last one did. Nor is it
// stopped when an exchange ends: it serves the next one, if it fires in time, and
// so does the context.
type watchdog struct {
	mu     sync.Mutex
	limits timeouts
	timer  *time.Timer
	fires  time.Time               // when the timer does; zero when it is not running
	cancel context.CancelCauseFunc // nil once the exchange is over
	begun  time.Time
	phase  phase
	last   time.Time // the phase's beginning, or its last sign of life
	paused time.Time // since when the server is not to blame; zero when it is

	parent context.Context // the caller's
	ctx    context.Context // ends with it, or by end
	end    context.CancelCauseFunc
	after  func() // is called when ctx ends; nil is nothing
}

// under gives the context of an exchange: the one before if that did not have to
// be ended and has the same parent. Else one is made, which with what is to be
// done at its end takes 4 % of a page's CPU.
func (w *watchdog) under(parent context.Context) (context.Context, context.CancelCauseFunc) {
	if w.parent == parent && w.ctx.Err() == nil {
		return w.ctx, w.end
	}
	w.leave()
	ctx, end := context.WithCancelCause(parent)
	w.mu.Lock()
	w.parent, w.ctx, w.end = parent, ctx, end
	w.mu.Unlock()
	context.AfterFunc(ctx, func() { w.ended(ctx) })
	return ctx, end
}

// leave ends the context that under gave at last. No exchange is under way.
func (w *watchdog) leave() {
	if w.end != nil {
		w.end(nil)
	}
}

// ended does what is to be done at the end of a context, if it is still the one
// that the exchange has.
func (w *watchdog) ended(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx == ctx && w.after != nil {
		w.after()
		w.after = nil
	}
}

// afterFunc is context.AfterFunc of the exchange's context, for one f at a time
// that does not take long.
func (w *watchdog) afterFunc(f func()) (stop func() bool) {
	w.mu.Lock()
	w.after = f
	w.mu.Unlock()
	if ctx := w.ctx; ctx.Err() != nil {
		w.ended(ctx)
	}
	return w.stopAfter
}

func (w *watchdog) stopAfter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.after = nil
	return w.ctx.Err() == nil
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
func (w *watchdog) start(now time.Time, limits timeouts, cancel context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limits = limits
	w.cancel, w.begun, w.phase, w.last, w.paused = cancel, now, connecting, now, time.Time{}
	_, next := w.due(now)
	w.wake(now, next)
}

// wake has the timer fire after no more than so long.
func (w *watchdog) wake(now time.Time, after time.Duration) {
	at := now.Add(after)
	switch {
	case w.timer == nil:
		w.timer = time.AfterFunc(after, w.fire)
	case w.fires.IsZero() || at.Before(w.fires):
		w.timer.Reset(after)
	default:
		return
	}
	w.fires = at
}

// stop ends the watch. The watchdog may be used again.
func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel = nil
}

// connected notes that there is a connection, which the request goes to.
func (w *watchdog) connected(now time.Time) { w.enter(asking, now) }

// alive notes the header, or bytes of the body.
func (w *watchdog) alive(now time.Time) { w.enter(reading, now) }

func (w *watchdog) enter(p phase, now time.Time) {
	w.mu.Lock()
	w.phase, w.last = p, now
	w.mu.Unlock()
}

// pause stops the clock, while the server is not asked for anything; resume
// lets it go on.
func (w *watchdog) pause(now time.Time) {
	w.mu.Lock()
	w.paused = now
	w.mu.Unlock()
}

func (w *watchdog) resume(now time.Time) {
	w.mu.Lock()
	w.begun, w.last = w.begun.Add(now.Sub(w.paused)), now
	w.paused = time.Time{}
	w.mu.Unlock()
}

func (w *watchdog) fire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fires = time.Time{}
	if w.cancel == nil {
		return
	}
	now := time.Now()
	over, next := w.due(now)
	if over != nil {
		w.cancel(over)
		w.cancel = nil
		return
	}
	w.wake(now, next)
}

// due gives the limit that is reached, or how long to wait before looking
// again: no longer than any limit that may begin to count meanwhile.
func (w *watchdog) due(now time.Time) (*overdueError, time.Duration) {
	next := min(w.limits.header, w.limits.idle)
	if !w.paused.IsZero() {
		return nil, next
	}
	total := w.begun.Add(w.limits.total).Sub(now)
	if total <= 0 {
		return &overdueError{"total", w.limits.total, "not done within"}, 0
	}
	over := w.phaseLimit()
	left := w.last.Add(over.after).Sub(now)
	if left <= 0 {
		reached := over // over itself stays off the heap
		return &reached, 0
	}
	if w.phase == reading {
		return nil, min(total, left)
	}
	return nil, min(total, left, next)
}

// phaseLimit is the limit that counts now, as the error that it would be.
func (w *watchdog) phaseLimit() overdueError {
	switch w.phase {
	case connecting:
		return overdueError{"connect", w.limits.connect, "no connection within"}
	case asking:
		return overdueError{"header", w.limits.header, "no complete header within"}
	}
	return overdueError{"idle", w.limits.idle, "not a byte for"}
}
