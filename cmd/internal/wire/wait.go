package wire

import (
	"context"
	"io"
)

// Wait does what may wait for another program, as a pipe does for who is at
// its other end, and gives it up when ctx ends: with ctx's cause, and with
// whatever it was left to itself.
func Wait[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type end struct {
		result T
		err    error
	}
	ended := make(chan end, 1)
	go func() {
		result, err := do()
		ended <- end{result, err}
	}()
	select {
	case e := <-ended:
		return e.result, e.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// Reader is r until ctx ends.
func Reader(ctx context.Context, r io.Reader) io.Reader { return &reader{ctx, r} }

type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	own := make([]byte, len(p)) // who gives up has p again
	n, err := Wait(r.ctx, func() (int, error) { return r.r.Read(own) })
	return copy(p, own[:n]), err
}
