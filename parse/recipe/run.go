package recipe

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/net/html"
)

// What one page may cost at most. A page comes from a stranger, so every loop over it counts: a field beyond a limit
// is an error of kind [Limit], and the crawl goes on.
const (
	maxSteps  = 32 << 20 // nodes looked at, jq instructions, and the like: a few seconds at the very worst
	maxOutput = 64 << 20 // bytes of all values together
	maxText   = 1 << 20  // bytes of one value
	maxValues = 10_000   // values of one field, and items of one page
	maxDepth  = 1_000    // of a JSON value
)

var (
	errSteps  = errors.New("the page costs too much to look through; narrow the expression")
	errOutput = fmt.Errorf("the page's values have more than %d MiB together", maxOutput>>20)
	errText   = fmt.Errorf("the value has more than %d MiB", maxText>>20)
	errValues = fmt.Errorf("there are more than %d values", maxValues)
	errDeep   = fmt.Errorf("the value is nested more than %d deep", maxDepth)
)

// run is the work on one page: what is being looked at, and how much more may be spent on it.
type run struct {
	ctx    context.Context
	page   *Page
	steps  int
	output int
}

func newRun(ctx context.Context, p *Page) *run {
	return &run{ctx: ctx, page: p, steps: maxSteps, output: maxOutput}
}

// spend pays for n steps.
func (x *run) spend(n int) error {
	if x.steps -= n; x.steps < 0 {
		return errSteps
	}
	return nil
}

// keep pays for a value of n bytes.
func (x *run) keep(n int) error {
	if n > maxText {
		return errText
	}
	if x.output -= n; x.output < 0 {
		return errOutput
	}
	return nil
}

// scope is what a field's source looks into: the page, an element of it, or a JSON value.
type scope struct {
	node   *html.Node // nil: the whole page
	data   any
	isData bool
}

// value is what a source finds: an element, of which a type takes the text or the markup; or a string or other JSON.
type value struct {
	node *html.Node
	data any
}

func (v value) scope() scope { return scope{node: v.node, data: v.data, isData: v.node == nil} }

// source finds values in a scope, at most so many and in page order. None is no error.
type source interface {
	find(x *run, in scope, most int) ([]value, error)
}

// top is the node that a selector starts from; nil when the scope has no markup.
func (x *run) top(in scope) (*html.Node, error) {
	if in.node != nil || in.isData {
		return in.node, nil
	}
	root, err := x.page.Root()
	if errors.Is(err, errNoMarkup) {
		return nil, nil
	}
	return root, err
}
