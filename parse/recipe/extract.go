package recipe

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Extraction is what one page gave.
type Extraction struct {
	Items   []Item
	Dropped int          // items that had an error, where the recipe says on_error: drop
	Fill    []Fill       // for each field of the items that the page matched, dropped ones included
	Errors  []FieldError // of match and each, which decide whether there are items; Field names them, "product.each"
}

// Item is one thing found.
type Item struct {
	Recipe, Name string
	Data         Object
	Errors       []FieldError
}

// FieldError is why a field of an item has no value, or not all of them.
type FieldError struct {
	Field   string    `json:"field"` // "price", "seller.name"
	Kind    ErrorKind `json:"kind"`
	Message string    `json:"message"`
}

// ErrorKind is what went wrong with a field.
type ErrorKind string

// The kinds of [FieldError].
const (
	Missing    ErrorKind = "missing"    // a required field found nothing
	Type       ErrorKind = "type"       // what was found is not of the field's type
	Limit      ErrorKind = "limit"      // the page asked for more work or memory than one page may
	Unreadable ErrorKind = "unreadable" // the page has no tree, or its JSON is broken
	Expression ErrorKind = "expression" // an expression failed on this page
)

// Fill counts for one field of how many objects it was asked, and how often it found something: a default is nothing
// found. A site that changed its markup shows as a field that fell to none.
type Fill struct {
	Item, Field string
	Of, Filled  int
}

// Is reports whether the counts are those of the field so called: by its own name, or with that of its item before it.
func (f Fill) Is(name string) bool { return name == f.Field || name == f.Item+"."+f.Field }

// Extract takes the items of a page, in the order of the recipe and of the page. The same page gives the same
// extraction, whatever the machine. The error is that of ctx, and then the extraction is incomplete.
func (r *Recipe) Extract(ctx context.Context, p *Page) (Extraction, error) {
	return r.extract(newRun(ctx, p))
}

func (r *Recipe) extract(x *run) (Extraction, error) {
	e := extractor{run: x, recipe: r, fill: slices.Clone(r.fill)}
	for _, it := range r.items {
		if err := e.item(it); err != nil {
			return e.out, err
		}
	}
	e.out.Fill = slices.DeleteFunc(e.fill, func(f Fill) bool { return f.Of == 0 })
	return e.out, nil
}

// extractor is the work on one page.
type extractor struct {
	*run
	recipe *Recipe
	out    Extraction
	fill   []Fill
	errs   []FieldError // of the item at hand
}

// item takes all items of one kind. The error is that of ctx.
func (e *extractor) item(it *item) error {
	ok, err := it.match.holds(e.run)
	if err != nil {
		e.fail(it.name+".match", err)
	}
	if !ok || err != nil {
		return e.ctx.Err()
	}
	scopes, err := e.scopes(it)
	if err != nil {
		e.fail(it.name+".each", err)
	}
	for _, in := range scopes {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		if e.steps < 0 || e.output < 0 {
			e.fail(it.name, errSteps)
			break
		}
		e.one(it, in)
	}
	return e.ctx.Err()
}

func (e *extractor) fail(field string, err error) {
	e.out.Errors = append(e.out.Errors, fieldError(field, err))
}

// scopes are where the items of one kind are. With an error there may be some all the same.
func (e *extractor) scopes(it *item) ([]scope, error) {
	if it.each == nil {
		return []scope{{}}, nil
	}
	most := maxValues
	if it.limit > 0 {
		most = it.limit
	}
	found, err := it.each.find(e.run, scope{}, most+1)
	if err != nil {
		return nil, err
	}
	if len(found) > maxValues {
		err = errValues
	}
	found = found[:min(most, len(found))]
	scopes := make([]scope, len(found))
	for i, v := range found {
		scopes[i] = v.scope()
	}
	return scopes, err
}

func (e *extractor) one(it *item, in scope) {
	e.errs = nil
	data, _ := e.object(it.fields, in)
	if it.drop && len(e.errs) > 0 {
		e.out.Dropped++
		return
	}
	e.out.Items = append(e.out.Items, Item{Recipe: e.recipe.name, Name: it.name, Data: data, Errors: e.errs})
}

// object reads fields in a scope; it is empty when none found anything.
func (e *extractor) object(fields []*field, in scope) (o Object, filled bool) {
	o = make(Object, 0, len(fields))
	for _, f := range fields {
		before := len(e.errs)
		v, err := e.field(f, in)
		if err != nil {
			e.errs = append(e.errs, fieldError(f.path, err))
		}
		e.fill[f.fill].Of++
		if v != nil {
			e.fill[f.fill].Filled++
			filled = true
		} else if v = f.absent(err); f.required && len(e.errs) == before {
			e.errs = append(e.errs, fieldError(f.path, errMissing))
		}
		if v != nil {
			o = append(o, Member{f.name, v})
		}
	}
	return o, filled
}

// absent is what stands for nothing: many are none, one is not there at all. A default is for what the page does not
// have, not for what it has and is wrong.
func (f *field) absent(err error) any {
	switch {
	case f.fallback != nil && err == nil:
		return f.fallback
	case f.many:
		return []any{}
	}
	return nil
}

var errMissing = errors.New("nothing found")

// field is the value of a field: nil when nothing was found. There may be both a value and an error, when some of many
// values are bad.
func (e *extractor) field(f *field, in scope) (any, error) {
	most := 1
	if f.wantsAll() {
		most = maxValues + 1
	}
	found := []value{{node: in.node, data: in.data}}
	if f.source != nil {
		var err error
		if found, err = f.source.find(e.run, in, most); err != nil {
			return nil, err
		}
	}
	var failed error
	if len(found) > maxValues {
		found, failed = found[:maxValues], errValues
	}
	var values []any
	if f.fields != nil {
		values = e.objects(f, found, in)
	} else {
		var err error
		if values, err = f.values(e.run, found); err != nil {
			failed = err
		}
	}
	switch {
	case len(values) == 0:
		return nil, failed
	case f.many:
		return values, failed
	}
	return values[0], failed
}

// objects reads the fields of an object in each scope found.
func (e *extractor) objects(f *field, found []value, in scope) []any {
	var out []any
	for _, v := range found {
		inner := in
		if f.source != nil {
			inner = v.scope()
		}
		if o, filled := e.object(f.fields, inner); filled {
			out = append(out, o)
		}
	}
	return out
}

// wantsAll reports whether the first thing found is not enough.
func (f *field) wantsAll() bool {
	return f.many || slices.ContainsFunc(f.transforms, func(t transform) bool {
		switch t.(type) {
		case atTransform, regexTransform:
			return true
		}
		return false
	})
}

// values reads, transforms and converts what was found. Empty text is no value. The error is the first; the other
// values are there.
func (f *field) values(x *run, found []value) ([]any, error) {
	var values []any
	for _, v := range found {
		plain, err := f.typing.read(x, v)
		if err != nil {
			return nil, err
		}
		values = append(values, plain)
	}
	for _, t := range f.transforms {
		var err error
		if values, err = t.apply(x, values); err != nil {
			return nil, err
		}
	}
	if !f.many && len(values) > 1 {
		values = values[:1]
	}
	var out []any
	var failed error
	for _, v := range values {
		v, err := f.typing.convert(x, v)
		if err != nil && failed == nil {
			failed = typeError{err}
		}
		if err == nil && v != nil && v != any("") {
			out = append(out, v)
		}
	}
	return out, failed
}

// typeError marks an error as one of kind [Type].
type typeError struct{ error }

func (e typeError) Unwrap() error { return e.error }

func fieldError(field string, err error) FieldError {
	return FieldError{Field: field, Kind: kindOf(err), Message: err.Error()}
}

func kindOf(err error) ErrorKind {
	var bad typeError
	switch {
	case errors.Is(err, errMissing):
		return Missing
	case errors.Is(err, errSteps), errors.Is(err, errOutput), errors.Is(err, errText), errors.Is(err, errValues), errors.Is(err, errDeep):
		return Limit
	case errors.As(err, &bad), errors.Is(err, errNoElement):
		return Type
	case errors.Is(err, errUnreadable):
		return Unreadable
	}
	return Expression
}

// errUnreadable marks the errors of making a tree, or of decoding JSON.
var errUnreadable = errors.New("unreadable page")

// unreadable is such an error, with a text of its own.
type unreadable struct {
	what string
	err  error
}

func (e unreadable) Error() string        { return fmt.Sprintf("%s: %v", e.what, e.err) }
func (e unreadable) Unwrap() error        { return e.err }
func (e unreadable) Is(target error) bool { return target == errUnreadable }

// holds reports whether the page has the item at all.
func (m match) holds(x *run) (bool, error) {
	if !m.urls.match(x.page.url) {
		return false, nil
	}
	for _, s := range m.exists {
		if ok, err := exists(x, s, scope{}); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}
