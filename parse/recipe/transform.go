package recipe

import (
	"errors"
	"fmt"
	"strings"
)

// transform changes a text before its type is looked at. It gives one value, several (split), or none (a regex that
// does not match).
type transform interface {
	apply(x *run, values []any) ([]any, error)
}

// transformNames lists them as a recipe may write them: alone, or with an argument.
var (
	plainTransforms    = []string{"trim", "collapse", "lower", "upper"}
	argumentTransforms = []string{"replace", "regex", "split", "at", "prefix", "suffix", "jq"}
)

// textTransform changes each text. Numbers and booleans become text first.
type textTransform func(x *run, s string) (string, error)

func (t textTransform) apply(x *run, values []any) ([]any, error) {
	return eachText(values, func(s string, out []any) ([]any, error) {
		s, err := t(x, s)
		if err != nil {
			return nil, err
		}
		return append(out, s), x.keep(len(s))
	})
}

func eachText(values []any, f func(s string, out []any) ([]any, error)) ([]any, error) {
	var out []any
	for _, v := range values {
		s, ok := scalarText(v)
		if !ok {
			return nil, errors.New("transform: a list or an object is no text")
		}
		var err error
		if out, err = f(s, out); err != nil {
			return nil, err
		}
		if len(out) > maxValues {
			return nil, errValues
		}
	}
	return out, nil
}

func plainTransform(name string) textTransform {
	f := map[string]func(string) string{
		"trim": strings.TrimSpace, "collapse": collapse, "lower": strings.ToLower, "upper": strings.ToUpper,
	}[name]
	return func(_ *run, s string) (string, error) { return f(s), nil }
}

func affix(prefix, suffix string) textTransform {
	return func(_ *run, s string) (string, error) { return prefix + s + suffix, nil }
}

// replace writes with for each match; $1 and ${name} in it are groups.
func replace(p *pattern, with string) textTransform {
	return func(x *run, s string) (string, error) {
		var out []byte
		rest := 0
		err := p.each(x, s, func(m []int) error {
			out = append(out, s[rest:m[0]]...)
			out = p.re.ExpandString(out, with, s, m)
			if rest = m[1]; len(out) > maxText {
				return errText
			}
			return nil
		})
		return string(append(out, s[rest:]...)), err
	}
}

// splitTransform cuts each text at a separator, and leaves out what is empty.
type splitTransform string

func (t splitTransform) apply(x *run, values []any) ([]any, error) {
	return eachText(values, func(s string, out []any) ([]any, error) {
		for part := range strings.SplitSeq(s, string(t)) {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
			if len(out) > maxValues {
				return nil, errValues
			}
		}
		return out, x.spend(len(s) / 8)
	})
}

// regexTransform keeps what the expression finds first in each text.
type regexTransform struct{ pattern *pattern }

func (t regexTransform) apply(x *run, values []any) ([]any, error) {
	return eachText(values, func(s string, out []any) ([]any, error) {
		m, err := t.pattern.first(x, s)
		if m == nil || err != nil {
			return out, err
		}
		if v, ok := t.pattern.groups(s, m); ok {
			out = append(out, v)
		}
		return out, x.keep(m[1] - m[0])
	})
}

// atTransform keeps one value of several: the n-th from 0, or from the end below 0.
type atTransform int

func (t atTransform) apply(_ *run, values []any) ([]any, error) {
	n := int(t)
	if n < 0 {
		n += len(values)
	}
	if n < 0 || n >= len(values) {
		return nil, nil
	}
	return values[n : n+1], nil
}

// jqTransform runs a program over each value; a text is decoded first: many pages carry their data as JSON in a script.
type jqTransform struct{ program *program }

func (t jqTransform) apply(x *run, values []any) ([]any, error) {
	var out []any
	for _, v := range values {
		if s, ok := v.(string); ok {
			var err error
			if v, err = decodeJSON([]byte(s)); err != nil {
				return nil, fmt.Errorf("transform jq: the text is no valid JSON: %w", err)
			}
		}
		found, err := t.program.run(x, plain(v), maxValues+1-len(out))
		if err != nil {
			return nil, fmt.Errorf("transform jq: %w", err)
		}
		for _, v := range found {
			if v != nil {
				out = append(out, v)
			}
		}
		if len(out) > maxValues {
			return nil, errValues
		}
	}
	return out, nil
}
