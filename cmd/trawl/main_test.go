package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/cmd/internal/wire"
)

// What a signal broke off is not the state's fault, nor the output's.
func TestExitCodeOfASignal(t *testing.T) {
	running, interrupted := t.Context(), func() context.Context {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(signalError{syscall.SIGINT})
		return ctx
	}()
	broken := fmt.Errorf("state directory %q: %w", "s", context.Canceled)
	for _, tt := range []struct {
		ctx  context.Context
		err  error
		want int
	}{
		{interrupted, &wire.StateError{Err: broken}, 130},
		{interrupted, &wire.OutputError{Err: context.Canceled}, 130},
		{interrupted, &wire.StateError{Err: errors.New("damaged")}, exitState},
		{interrupted, &wire.OutputError{Err: syscall.EIO}, exitOutput},
		{interrupted, syscall.ENOSPC, exitFull},
		{running, &wire.StateError{Err: broken}, exitState},
	} {
		if got := exitCode(tt.ctx, tt.err); got != tt.want {
			t.Errorf("exit code %d for %v, interrupted: %v; want %d", got, tt.err, tt.ctx.Err(), tt.want)
		}
	}
}

// A signal that is told twice is heard once; a second one is another, or later.
func TestASignalMayComeTwice(t *testing.T) {
	const in, term = syscall.SIGINT, syscall.SIGTERM
	for name, tt := range map[string]struct {
		signals []os.Signal
		after   time.Duration
		want    int
	}{
		"timeout(1)":       {[]os.Signal{term, term}, 0, 0},
		"… and who waits":  {[]os.Signal{term, term, in}, 0, 130},
		"two of two kinds": {[]os.Signal{in, term}, 0, 143},
		"Ctrl-C again":     {[]os.Signal{in, in}, 200 * time.Millisecond, 130},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				signals, left := make(chan os.Signal, 3), 0
				go heed(signals, cancel, func(code int) { left = code })
				for i, s := range tt.signals {
					if i > 0 {
						<-time.After(tt.after)
					}
					signals <- s
				}
				close(signals)
				synctest.Wait()
				if heard := context.Cause(ctx); !errors.Is(heard, signalError{tt.signals[0].(syscall.Signal)}) || left != tt.want {
					t.Errorf("heard %v and left with %d, want %d", heard, left, tt.want)
				}
			})
		})
	}
}
