// Package tee writes each record to several sinks, each of which gets the
// records it wants. With one branch it is a filter.
package tee

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/trawl-crawler/trawl/output"
)

// A Branch is a sink and which records it gets.
type Branch struct {
	Sink output.Sink
	Keep func(*output.Record) bool // nil: all; Emit.Wants is one
}

// A Sink is all its branches. What ends one of them ends it as a whole, a
// reader that has left included.
type Sink struct {
	branches []Branch
}

// New is a sink over the branches. Their order is part of the mark.
func New(branches ...Branch) *Sink {
	return &Sink{branches: branches}
}

// Rewind rewinds each branch to its part of the mark. When some of them cannot
// (a pipe beside a file), the others are rewound and it returns
// output.ErrNoRewind. After any other error the branches before it stay
// rewound, which another Rewind to the same mark repeats without harm.
func (s *Sink) Rewind(ctx context.Context, to output.Mark) error {
	marks := make([]output.Mark, len(s.branches))
	if to != "" {
		if err := json.Unmarshal([]byte(to), &marks); err != nil || len(marks) != len(s.branches) {
			return fmt.Errorf("%w: the crawl's mark %q is not of %d outputs; give the same outputs in the same order",
				output.ErrForeign, to, len(s.branches))
		}
	}
	var stuck error
	for i, b := range s.branches {
		err := b.Sink.Rewind(ctx, marks[i])
		switch {
		case errors.Is(err, output.ErrNoRewind):
			stuck = err
		case err != nil:
			return err
		}
	}
	return stuck
}

// Write writes r to the branches that want it.
func (s *Sink) Write(ctx context.Context, r *output.Record) error {
	for _, b := range s.branches {
		if b.Keep != nil && !b.Keep(r) {
			continue
		}
		if err := b.Sink.Write(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Flush flushes every branch, also after one has failed. Its mark is a JSON
// array of theirs.
func (s *Sink) Flush(ctx context.Context) (output.Mark, error) {
	marks := make([]output.Mark, len(s.branches))
	var failed error
	for i, b := range s.branches {
		var err error
		marks[i], err = b.Sink.Flush(ctx)
		failed = errors.Join(failed, err)
	}
	if failed != nil {
		return "", failed
	}
	text, err := json.Marshal(marks)
	return output.Mark(text), err
}

// Close closes every branch, also after one has failed.
func (s *Sink) Close() error {
	var failed error
	for _, b := range s.branches {
		failed = errors.Join(failed, b.Sink.Close())
	}
	return failed
}
