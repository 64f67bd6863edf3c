// Package csv keeps records as a table: comma-separated values (RFC 4180), or
// values separated by tabs. It is a jsonl.File or Stream that writes rows, and
// has all their promises: marks, rewinding, one write a record down a pipe.
//
// A value that is no text nor number is JSON. What a record does not have is an
// empty cell, in a table of one column "". All text is quoted where it must be,
// so a cell may have several lines. A record that was made an array has the
// columns' values in their order, and one that was made a single value the first.
//
// Control characters are written as in JSON, "\u001b", tabs and line ends aside:
// a table is safe to look at.
//
// A cell that begins as a formula does (= + - @, tab, carriage return) gets a '
// before it, unless it is a number: spreadsheets run what pages say otherwise.
package csv

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
)

// A Column is a cell of each row.
type Column struct {
	Name string   // in the header
	Path []string // where in the record's JSON its value is: data, price
}

// Columns are those of the names; "data.price" is a path, and "data.dc.title" may end
// in the name dc.title.
func Columns(names ...string) []Column {
	all := make([]Column, len(names))
	for i, name := range names {
		all[i] = Column{name, strings.Split(name, ".")}
	}
	return all
}

// All are the fields of a record.
func All() (all []Column) {
	for _, f := range output.Fields() {
		if !strings.Contains(f.Name, ".") {
			all = append(all, Column{f.Name, []string{f.Name}})
		}
	}
	return all
}

// Options are those of Encoding.
type Options struct {
	Columns []Column
	Tabs    bool // between cells, and lines end with \n; else commas and \r\n
	Raw     bool // leave formulas as they are
}

// Encoding is how a jsonl sink writes a table.
func Encoding(o Options) jsonl.Encoding {
	w := writer{Options: o, comma: ',', end: "\r\n"}
	if o.Tabs {
		w.comma, w.end = '\t', "\n"
	}
	var names []string
	for _, c := range o.Columns {
		names = append(names, c.Path[0])
	}
	// Of a name that is not a record's, a Shape may have it.
	w.fields, _ = output.ParseFields(strings.Join(names, ","))
	var header []byte
	for i, c := range o.Columns {
		header = w.cell(header, i, c.Name)
	}
	return jsonl.Encoding{Header: append(header, w.end...), Append: w.row}
}

type writer struct {
	Options
	comma  byte
	end    string
	fields output.FieldSet
}

func (w *writer) row(dst []byte, r *output.Record) []byte {
	document := json.RawMessage(r.AppendJSON(nil, w.fields))
	find := byName
	if document[0] != '{' {
		find = inOrder
	}
	value := find(document)
	for i, c := range w.Columns {
		dst = w.cell(dst, i, visible(w.text(value(i, c))))
	}
	return append(dst, w.end...)
}

// byName finds the columns' values in an object.
func byName(object json.RawMessage) func(int, Column) json.RawMessage {
	top := members(object)
	inner := make(map[string]map[string]json.RawMessage)
	return func(_ int, c Column) json.RawMessage {
		value := top[c.Path[0]]
		for depth := 1; depth < len(c.Path) && value != nil; depth++ {
			at := strings.Join(c.Path[:depth], ".")
			if _, known := inner[at]; !known {
				inner[at] = members(value)
			}
			if whole, ok := inner[at][strings.Join(c.Path[depth:], ".")]; ok {
				return whole // a name with dots of its own
			}
			value = inner[at][c.Path[depth]]
		}
		return value
	}
}

// inOrder has the elements of an array for the columns, one by one, or what is
// no array for the first.
func inOrder(document json.RawMessage) func(int, Column) json.RawMessage {
	var all []json.RawMessage
	if err := json.Unmarshal(document, &all); err != nil {
		all = []json.RawMessage{document}
	}
	return func(i int, _ Column) json.RawMessage {
		if i >= len(all) {
			return nil
		}
		return all[i]
	}
}

// members are those of an object; anything else has none.
func members(document json.RawMessage) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(document, &all); err != nil {
		return nil
	}
	return all
}

// text is a value as a cell has it.
func (w *writer) text(value json.RawMessage) string {
	if len(value) == 0 || string(value) == "null" {
		return ""
	}
	if value[0] != '"' {
		return string(value)
	}
	var s string
	if err := json.Unmarshal(value, &s); err != nil {
		return string(value)
	}
	if !w.Raw && formula(s) {
		return "'" + s
	}
	return s
}

// visible is a text with its control characters as JSON writes them, "\u001b":
// a page could steer a terminal by them, and readers refuse a file with a NUL.
// Tabs and line ends stay.
func visible(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isControl(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isControl(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' }

// formula tells whether a spreadsheet would run a text.
func formula(s string) bool {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err != nil
}

// cell appends the cell number i of a row.
func (w *writer) cell(dst []byte, i int, s string) []byte {
	if i > 0 {
		dst = append(dst, w.comma)
	}
	alone := s == "" && len(w.Columns) == 1 // an empty line, which most readers pass over
	if !alone && !strings.ContainsAny(s, "\",\t\r\n") && s == strings.TrimSpace(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(s, `"`, `""`)...)
	return append(dst, '"')
}
