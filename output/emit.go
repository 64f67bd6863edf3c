package output

import "strings"

// Emit says which records are written. It does not say what is crawled. The
// zero value is none.
type Emit uint8

// The kinds of records: one an outcome, and what was found on pages.
const (
	EmitPages   Emit = 1 << iota // fetched
	EmitErrors                   // failed
	EmitSkipped                  // skipped
	EmitItems                    // of type item
)

// emitNames has the name of bit i at i. It is never written to.
var emitNames = [...]string{"pages", "errors", "skipped", "items"}

// ParseEmit reads a list such as "pages,errors".
func ParseEmit(list string) (Emit, error) {
	var e Emit
	for name := range strings.SplitSeq(list, ",") {
		bit := emitBit(strings.TrimSpace(name))
		if bit == 0 {
			return 0, unknown("kind of record", strings.TrimSpace(name), emitNames[:])
		}
		e |= bit
	}
	return e, nil
}

func emitBit(name string) Emit {
	for i, n := range emitNames {
		if n == name {
			return 1 << i
		}
	}
	return 0
}

// String is the list that ParseEmit reads.
func (e Emit) String() string {
	var names []string
	for i, n := range emitNames {
		if e>>i&1 == 1 {
			names = append(names, n)
		}
	}
	return strings.Join(names, ",")
}

// Wants says whether r is to be written.
func (e Emit) Wants(r *Record) bool {
	if r.Type == TypeItem {
		return e&EmitItems != 0
	}
	switch r.Outcome {
	case Fetched:
		return e&EmitPages != 0
	case Failed:
		return e&EmitErrors != 0
	case Skipped:
		return e&EmitSkipped != 0
	}
	return false
}

// What records without a page have: things found on one, and URLs that gave none.
const (
	itemFields   = "url,outcome,type,recipe,item,via,seed,fetched_at,change,data,errors"
	missedFields = "url,outcome,depth,via,seed,fetched_at,elapsed_ms,attempts,ip,limits,robots_txt,change,error,skip"
)

// Has tells whether records of these kinds have a field of that name, or one
// that it is inside of. An item has no title of its own, say: its data may.
func (e Emit) Has(name string) bool {
	fields, err := ParseFields(name)
	if err != nil || fields == 0 {
		return false
	}
	within := func(list string) bool {
		own, err := ParseFields(list)
		return err == nil && fields&own != 0
	}
	return e&EmitPages != 0 || e&EmitItems != 0 && within(itemFields) || e&(EmitErrors|EmitSkipped) != 0 && within(missedFields)
}
