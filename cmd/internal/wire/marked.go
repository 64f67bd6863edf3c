package wire

import (
	"context"
	"iter"

	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
)

// An OutputError is a failure of the output, wherever it surfaces.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return e.Err.Error() }
func (e *OutputError) Unwrap() error { return e.Err }

// A StateError is a failure to keep what a crawl knows.
type StateError struct{ Err error }

func (e *StateError) Error() string { return e.Err.Error() }
func (e *StateError) Unwrap() error { return e.Err }

func outputError(err error) error {
	if err == nil {
		return nil
	}
	return &OutputError{err}
}

func stateError(err error) error {
	if err == nil {
		return nil
	}
	return &StateError{err}
}

// outputSink marks the errors of a sink as its own, for the exit code.
type outputSink struct{ next output.Sink }

func (s *outputSink) Rewind(ctx context.Context, to output.Mark) error {
	return outputError(s.next.Rewind(ctx, to))
}

func (s *outputSink) Write(ctx context.Context, r *output.Record) error {
	return outputError(s.next.Write(ctx, r))
}

func (s *outputSink) Flush(ctx context.Context) (output.Mark, error) {
	mark, err := s.next.Flush(ctx)
	return mark, outputError(err)
}

func (s *outputSink) Close() error { return outputError(s.next.Close()) }

// store marks the errors of a store as its own, for the exit code.
type store struct{ next frontier.Store }

func (s *store) Commit(ctx context.Context, b *frontier.Batch) error {
	return stateError(s.next.Commit(ctx, b))
}

func (s *store) Page(ctx context.Context, host string, after frontier.Key, n int) ([]frontier.Job, error) {
	jobs, err := s.next.Page(ctx, host, after, n)
	return jobs, stateError(err)
}

func (s *store) State(ctx context.Context) (*frontier.State, error) {
	state, err := s.next.State(ctx)
	return state, stateError(err)
}

func (s *store) Close() error { return stateError(s.next.Close()) }

// archive is store for the part of it that outlives a crawl.
type archive struct{ dir *statedir.Dir }

func (a archive) Rows(ctx context.Context) iter.Seq2[frontier.Row, error] {
	return func(yield func(frontier.Row, error) bool) {
		for row, err := range a.dir.Rows(ctx) {
			if !yield(row, stateError(err)) {
				return
			}
		}
	}
}

func (a archive) Note(ctx context.Context, key string) ([]byte, error) {
	text, err := a.dir.Note(ctx, key)
	return text, stateError(err)
}
