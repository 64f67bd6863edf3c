package recipe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

// program is a jq program. Goroutines share it.
type program struct{ code *gojq.Code }

func parseJQ(text string) (*program, error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	query, err := gojq.Parse(text)
	var bad *gojq.ParseError
	switch {
	case errors.As(err, &bad):
		return nil, fmt.Errorf("not a jq expression: position %d: %w", max(1, bad.Offset-len(bad.Token)+1), err)
	case err != nil:
		return nil, fmt.Errorf("not a jq expression: %w", err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, fmt.Errorf("not a jq expression: %w", err)
	}
	return &program{code}, nil
}

// run gives the program's outputs for an input, at most so many.
func (p *program) run(x *run, input any, most int) ([]any, error) {
	var out []any
	steps := &stepContext{Context: x.ctx, x: x, over: make(chan struct{})}
	for it := p.code.RunWithContext(steps, input); len(out) < most; {
		v, ok := it.Next()
		if !ok {
			break
		}
		if err, ok := v.(error); ok {
			var halt *gojq.HaltError
			if errors.As(err, &halt) && halt.Value() == nil {
				break // the program says that this is all
			}
			return out, err
		}
		v, err := tidy(x, v)
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
	return out, nil
}

// stepContext makes a program end after so many instructions. gojq asks Done before each, which counts them without a
// clock: the same page gives the same result on any machine.
type stepContext struct {
	context.Context
	x     *run
	over  chan struct{}
	ended bool
}

func (c *stepContext) Done() <-chan struct{} {
	if c.ended {
		return c.over
	}
	if c.x.spend(2) != nil {
		c.ended = true
		close(c.over)
		return c.over
	}
	return c.Context.Done()
}

func (c *stepContext) Err() error {
	if c.ended {
		return errSteps
	}
	return c.Context.Err()
}

// jqSource runs a program over the JSON of the scope, or the page's.
type jqSource struct{ program *program }

func (s *jqSource) find(x *run, in scope, most int) ([]value, error) {
	data := in.data
	if !in.isData {
		if in.node != nil {
			return nil, nil
		}
		var err error
		if data, err = x.page.JSON(); err != nil {
			if errors.Is(err, errNoData) {
				err = nil
			}
			return nil, err
		}
	}
	if o, ok := data.(Object); ok {
		data = plain(o)
	}
	found, err := s.program.run(x, data, most)
	if err != nil {
		return nil, fmt.Errorf("jq: %w", err)
	}
	var out []value
	for _, v := range found {
		if v != nil { // null is how jq says that there is none
			out = append(out, value{data: v})
		}
	}
	return out, nil
}

// plain is a value in the types that gojq knows.
func plain(v any) any {
	switch v := v.(type) {
	case int64:
		return int(v)
	case Object:
		m := make(map[string]any, len(v))
		for _, e := range v {
			m[e.Name] = plain(e.Value)
		}
		return m
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = plain(e)
		}
		return m
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = e
		}
		return out
	}
	return v
}

// Select is a compiled jq expression that filters and reshapes records. Goroutines share it.
type Select struct{ program *program }

// CompileSelect compiles a jq expression as gojq understands it, without modules, input and the environment. The error
// quotes it and has the position, in bytes from 1.
func CompileSelect(expr string) (*Select, error) {
	p, err := parseJQ(expr)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", expr, err)
	}
	return &Select{p}, nil
}

// SelectError is why an expression failed on a record. Kind is the part of the message that does not depend on the
// record, "expected an object but got", so that each kind may be reported once.
type SelectError struct {
	Kind string
	Err  error
}

func (e *SelectError) Error() string { return "select: " + e.Err.Error() }
func (e *SelectError) Unwrap() error { return e.Err }

func selectError(err error) error {
	kind, _, _ := strings.Cut(err.Error(), ":")
	return &SelectError{kind, err}
}

// Apply returns what the expression makes of one record: nothing when it filters it out, several values when it makes
// several. The record is a [json.RawMessage], an [Object], or what encoding/json decodes; the values are what
// encoding/json encodes. The work is bounded by ctx, by a number of steps, of values and of bytes; beyond them, and
// when the expression fails on this record, there is a [SelectError], and no value.
func (s *Select) Apply(ctx context.Context, record any) ([]any, error) {
	return s.apply(newRun(ctx, nil), record)
}

func (s *Select) apply(x *run, record any) ([]any, error) {
	if raw, ok := record.(json.RawMessage); ok {
		v, err := decodeJSON(raw)
		if err != nil {
			return nil, selectError(fmt.Errorf("the record is no valid JSON: %w", err))
		}
		record = v
	} else {
		record = plain(record)
	}
	out, err := s.program.run(x, record, maxValues+1)
	if err == nil && len(out) > maxValues {
		err = errValues
	}
	if err != nil {
		return nil, selectError(err)
	}
	return out, nil
}
