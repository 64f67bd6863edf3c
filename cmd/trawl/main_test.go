package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

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
