package recipe

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
)

// Object is a JSON object whose members are in a certain order: that of the recipe. Its values are string, bool, int,
// float64, [json.Number], nil, Object, []any and, from JSON pages, map[string]any with the same.
type Object []Member

// Member is one name of an [Object] and its value.
type Member struct {
	Name  string
	Value any
}

// Get returns the value of that name.
func (o Object) Get(name string) (value any, ok bool) {
	i := slices.IndexFunc(o, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return nil, false
	}
	return o[i].Value, true
}

// MarshalJSON writes the members in their order; it never fails.
func (o Object) MarshalJSON() ([]byte, error) { return o.AppendJSON(nil), nil }

// AppendJSON appends the object as JSON: the same bytes for the same object, the names of maps sorted, and <, > and &
// as they are.
func (o Object) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, m := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, m.Name)
		dst = append(dst, ':')
		dst = appendJSON(dst, m.Value)
	}
	return append(dst, '}')
}

func appendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case Object:
		return v.AppendJSON(dst)
	case string:
		return appendString(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, e)
		}
		return append(dst, ']')
	}
	return appendAny(dst, v)
}

func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendAny(dst, s)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

func appendAny(dst []byte, v any) []byte {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return append(dst, "null"...)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// tidy makes a value of jq one that JSON has, as the jq command prints it: no number is null, infinity is the largest
// number there is. It pays for the value's size.
func tidy(x *run, v any) (any, error) { return tidyBelow(x, v, 0) }

func tidyBelow(x *run, v any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	if err := x.spend(1); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case string:
		return v, x.keep(len(v))
	case int:
		return v, x.keep(8)
	case float64:
		if math.IsNaN(v) {
			return nil, nil
		}
		return max(-math.MaxFloat64, min(v, math.MaxFloat64)), x.keep(8)
	case json.Number:
		return v, x.keep(len(v))
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var err error
			if out[i], err = tidyBelow(x, e, depth+1); err != nil {
				return nil, err
			}
		}
		return out, x.keep(16)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			var err error
			if out[k], err = tidyBelow(x, e, depth+1); err != nil {
				return nil, err
			}
			if err = x.keep(len(k)); err != nil {
				return nil, err
			}
		}
		return out, x.keep(16)
	}
	return v, x.keep(16)
}
