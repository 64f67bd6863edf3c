package disk

import (
	"errors"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// alarm is how the store learns what went wrong where it was not looking.
// Pebble flushes and compacts in the background, and when it can no longer
// write its log it calls Logger.Fatalf and expects the process to be gone:
// trawl has a sentence to print, and a sink to close, before that.
type alarm struct {
	once   sync.Once
	failed chan struct{} // closed by the first error
	err    error         // … which this is
	ends   sync.Once
	dead   chan struct{} // closed when Pebble stands still and must be left alone
}

func newAlarm() *alarm {
	return &alarm{failed: make(chan struct{}), dead: make(chan struct{})}
}

func (a *alarm) raise(err error) {
	a.once.Do(func() {
		a.err = err
		close(a.failed)
	})
}

// die is raise when Pebble will not come back from it.
func (a *alarm) die(err error) {
	a.raise(err)
	a.ends.Do(func() { close(a.dead) })
}

// listener is told of errors in the background.
func (a *alarm) listener() *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: func(err error) {
			if !errors.Is(err, pebble.ErrCancelledCompaction) {
				a.raise(err)
			}
		},
		DataCorruption: func(i pebble.DataCorruptionInfo) {
			a.raise(fmt.Errorf("%w: %s: %w", ErrCorrupt, i.Path, i.Details))
		},
	}
}

// Infof implements pebble.Logger: trawl's own log says what matters.
func (a *alarm) Infof(string, ...any) {}

// Errorf implements pebble.Logger; what it says comes to listener too.
func (a *alarm) Errorf(string, ...any) {}

// Fatalf implements pebble.Logger. It must not return: the goroutine stays
// here, with whatever it has locked, so that nothing goes on in a state that
// Pebble did not foresee.
func (a *alarm) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	for _, arg := range args {
		if cause, ok := arg.(error); ok {
			err = cause
		}
	}
	a.die(err)
	select {}
}

// guard runs f, which calls into Pebble, until it returns or, if it cannot
// any more, until the alarm is raised.
func guard(until <-chan struct{}, a *alarm, f func() error) (returned bool, _ error) {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return true, err
	case <-until:
	}
	select {
	case err := <-done: // both: it did return
		return true, err
	default:
		return false, a.err
	}
}
