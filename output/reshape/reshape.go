// Package reshape is a sink before a sink: a jq expression filters and reshapes
// each record on its way.
package reshape

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/recipe"
)

// Options are those of New.
type Options struct {
	Select *recipe.Select
	Drop   bool // a record on which the expression fails; else it is written as it is

	// Failed is told of the first failure of each kind; it may be nil.
	Failed func(url string, err error)
}

// A Sink writes what the expression makes of records: none, one or several
// values for each. They keep their outcome and recipe, by which others route
// them.
type Sink struct {
	output.Sink
	Options
	counts map[string]int64
	buf    []byte
}

// New is a sink before next.
func New(next output.Sink, o Options) *Sink {
	return &Sink{Sink: next, Options: o, counts: make(map[string]int64)}
}

// Errors counts the records on which the expression failed, by kind. It may be
// called once nothing is written any more.
func (s *Sink) Errors() map[string]int64 { return s.counts }

// Write writes what the expression makes of r.
func (s *Sink) Write(ctx context.Context, r *output.Record) error {
	s.buf = r.AppendJSON(s.buf[:0], 0)
	values, err := s.Select.Apply(ctx, json.RawMessage(s.buf))
	if err != nil {
		return s.failed(ctx, r, err)
	}
	for _, v := range values {
		shape, err := encode(v)
		if err != nil {
			return s.failed(ctx, r, err)
		}
		shaped := *r
		shaped.Shape = shape
		if err := s.Sink.Write(ctx, &shaped); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sink) failed(ctx context.Context, r *output.Record, err error) error {
	kind := "other"
	if bad, ok := errors.AsType[*recipe.SelectError](err); ok {
		kind = bad.Kind
	}
	s.counts[kind]++
	if s.counts[kind] == 1 && s.Failed != nil {
		s.Failed(r.URL, err)
	}
	if s.Drop {
		return nil
	}
	return s.Sink.Write(ctx, r)
}

// encode writes a value as a record is written: <, > and & stand for themselves.
func encode(v any) (json.RawMessage, error) {
	b, err := recipe.Object{{Name: "v", Value: v}}.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode what --select made: %w", err)
	}
	return b[len(`{"v":`) : len(b)-1], nil
}
