package config

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/extract"
)

// An Out is one place where records go.
type Out struct {
	File   string // "-" is the standard output
	Format string
	Emit   output.Emit
	Recipe string   // only items of this recipe; "" is all
	Fields []string // as --fields; nil is all
}

// outKeys are what may stand behind a file's name.
func outKeys() []string { return []string{"emit", "recipe", "fields", "format"} }

// parseOut reads FILE[,emit=a+b][,recipe=NAME][,fields=a+b][,format=F]. A comma
// that no such word follows is part of the name.
func parseOut(s string) (Out, error) {
	parts := strings.Split(s, ",")
	var o Out
	for i, part := range slices.Backward(parts) {
		key, val, ok := strings.Cut(part, "=")
		if i == 0 || !ok || strings.ContainsAny(key, "/.") {
			o.File = strings.Join(parts[:i+1], ",")
			break
		}
		if !slices.Contains(outKeys(), key) {
			return o, fmt.Errorf("%q: want %s behind the file's name%s", key, enumerate(outKeys()), DidYouMean(key, outKeys()))
		}
		if err := o.set(key, val); err != nil {
			return o, fmt.Errorf("%s: %w", key, err)
		}
	}
	if o.File == "" {
		return o, errors.New("want a file's name, or - for the standard output")
	}
	return o, nil
}

func (o *Out) set(key, val string) (err error) {
	list := strings.ReplaceAll(val, "+", ",")
	switch key {
	case "emit":
		o.Emit, err = output.ParseEmit(list)
	case "recipe":
		o.Recipe = val
	case "fields":
		o.Fields = splitFields(list)
	case "format":
		if !slices.Contains(Formats(), val) {
			err = errors.New(wantWord(val, Formats()))
		}
		o.Format = val
	}
	return err
}

// Formats are the formats of records.
func Formats() []string { return []string{"jsonl", "csv", "tsv"} }

// ToStdout tells whether records go to the standard output.
func (o *Output) ToStdout() bool {
	return slices.ContainsFunc(o.Outs, func(out Out) bool { return out.File == "-" })
}

// Table tells whether the format has columns.
func (o *Out) Table() bool { return o.Format != "jsonl" }

// splitFields reads a list of names; the empty list is nil.
func splitFields(s string) (names []string) {
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func parseFieldList(s string) ([]string, error) {
	names := splitFields(s)
	if len(names) == 0 {
		return nil, errors.New("want names of fields, such as url,status")
	}
	return names, nil
}

// settleOutputs completes what each output says by what is said of all.
func (s *Set) settleOutputs() error {
	o := &s.Output
	if len(o.Outs) == 0 {
		o.Outs = []Out{{File: "-"}}
	}
	emitSaid := s.origin["emit"].layer != fromDefault
	var files []string
	for i := range o.Outs {
		out := &o.Outs[i]
		if err := s.alone(out.File, files); err != nil {
			return err
		}
		files = append(files, absolute(out.File))
		if out.Format = cmp.Or(out.Format, o.Format); out.Format == "" {
			var err error
			if out.Format, err = byExtension(out.File); err != nil {
				return usagef("--output %q: %w", out.File, err)
			}
		}
		if out.Emit == 0 {
			if out.Emit = o.Emit; !emitSaid {
				out.Emit = s.usualEmit(out)
			}
		}
		if out.Fields == nil {
			out.Fields = o.Fields
		}
		if err := s.checkOut(out); err != nil {
			return err
		}
	}
	o.Emit = 0
	for _, out := range o.Outs {
		o.Emit |= out.Emit
	}
	return nil
}

// alone refuses an output to a file that something else is written to.
func (s *Set) alone(file string, outs []string) error {
	name := absolute(file)
	if slices.Contains(outs, name) {
		return usagef("--output %q is there twice", file)
	}
	for _, other := range []struct{ flag, file string }{
		{"summary", s.Report.Summary}, {"trace", s.Report.Trace}, {"cookie-jar", s.Identity.CookieJar},
	} {
		if other.file != "" && absolute(other.file) == name {
			return usagef("--%s %q: records go there; give one of them another place", other.flag, other.file)
		}
	}
	return nil
}

// absolute is a file's name from the root on; - is none.
func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil && name != "-" {
		return abs
	}
	return name
}

// usualEmit is what a reader expects who says nothing: the things, where there
// are things, and in a table nothing else.
func (s *Set) usualEmit(out *Out) output.Emit {
	emit := output.EmitPages
	if out.Recipe != "" || s.Data.Plan.Items() {
		emit = output.EmitItems
	}
	if !out.Table() {
		emit |= output.EmitErrors
	}
	return emit
}

func (s *Set) checkOut(out *Out) error {
	if s.Data.Select == nil {
		if err := s.checkFields(out); err != nil {
			return err
		}
	}
	switch {
	case out.Recipe != "" && !slices.Contains(s.Data.names(), out.Recipe):
		return usagef("--output %q: recipe=%s is none of %s", out.File, out.Recipe, cmp.Or(strings.Join(s.Data.names(), ", "), "those of --recipe: there are none"))
	case s.Data.Select != nil && out.Table() && len(out.Fields) == 0:
		return usagef("--output %q: with --select, name the columns of %s: --fields a,b", out.File, out.Format)
	case s.Data.Select != nil && !out.Table() && len(out.Fields) > 0:
		return usagef("--fields means nothing beside --select: have its expression choose, as in '{url, title}'")
	}
	return nil
}

// checkFields knows the fields of records, and in a table those of recipes too.
func (s *Set) checkFields(out *Out) error {
	taken := s.Data.Plan.Columns(out.Recipe)
	for _, name := range out.Fields {
		if out.Table() && taken.Has(name) {
			continue
		}
		_, err := output.ParseFields(name)
		if err != nil {
			err = withTaken(err, name, taken, out)
		} else if out.Table() {
			err = untaken(name, taken)
		}
		if err != nil {
			return usagef("--fields %q: %w", strings.Join(out.Fields, ","), err)
		}
	}
	if err := missing(out, taken); err != nil {
		return usagef("--fields %q: %w", strings.Join(out.Fields, ","), err)
	}
	return nil
}

// missing is the error for fields of which no record of the output has one, or
// nil: each would be {}. A page's title is none of the items that it has.
func missing(out *Out, taken extract.Columns) error {
	if len(out.Fields) == 0 || slices.ContainsFunc(out.Fields, func(name string) bool {
		return out.Emit.Has(name) || out.Table() && taken.Has(name)
	}) {
		return nil
	}
	if i := slices.IndexFunc(out.Fields, taken.Has); i >= 0 {
		return inData(out.Fields[i], out)
	}
	return fmt.Errorf("no record of --emit %s has one of them; --emit pages writes those of pages", out.Emit)
}

// inData is the error for a field that is in the data of records.
func inData(name string, out *Out) error {
	return fmt.Errorf("%q is in data, which is whole in %s: say data, have --select choose, or make a table with -f csv", name, out.Format)
}

// withTaken is the error for a field that no record has, with those that pages
// are searched for.
func withTaken(err error, name string, taken extract.Columns, out *Out) error {
	own := taken.Names(true, true)
	switch {
	case len(own) == 0:
		return err
	case !out.Table() && taken.Has(name):
		return inData(name, out)
	case !out.Table():
		return err
	}
	return fmt.Errorf("%w; and of the recipe %s%s", err, strings.Join(own, ", "), DidYouMean(name, own))
}

// untaken is the error for a field of the data that nothing takes, or nil: its
// column would be empty.
func untaken(name string, taken extract.Columns) error {
	field, within := strings.CutPrefix(name, "data.")
	own := taken.Names(true, true)
	if !within || len(own) == 0 || taken.Has(field) {
		return nil
	}
	return fmt.Errorf("no recipe and no flag has a field %q%s; there are %s", field, DidYouMean(field, own), strings.Join(own, ", "))
}

// byExtension is the format that a file's name says. One that says what trawl
// does not write is a mistake: who reads the file would believe its name.
func byExtension(file string) (format string, err error) {
	const never = " gz zst zstd bz2 xz lz4 br zip warc sqlite sqlite3 db parquet arrow avro xlsx xls ods xml "
	ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(file)), ".")
	switch {
	case slices.Contains(Formats(), ext):
		return ext, nil
	case ext != "" && strings.Contains(never, " "+ext+" "):
		return "", fmt.Errorf("records are not written as %s: they are %s; have a pipe make it of them, or say --format for a file of this name",
			ext, enumerate(Formats()))
	}
	return "jsonl", nil
}
