// Package jsonl keeps records as JSON Lines: one object a line, UTF-8, each
// line ended by \n (https://jsonlines.org).
//
// [Open] gives the sink for a name: a [File] for a regular file, which is
// buffered, made durable by Flush and can be rewound; a [Stream] for
// everything else, which gets each record at once and cannot.
package jsonl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/trawl-crawler/trawl/output"
)

// Mode is what to do with a file that holds something already.
type Mode uint8

const (
	Create    Mode = iota // refuse it: output.ErrNotEmpty
	Append                // keep it and write behind it
	Overwrite             // replace it, when writing begins and not before
)

// Options are those of Open.
type Options struct {
	Mode   Mode
	Fields output.FieldSet // the zero value is all
	Stdout io.Writer       // what "-" stands for; nil is os.Stdout
	As     Encoding        // the zero value is JSON Lines
}

// An Encoding is how a sink writes records that are not to be JSON: all else
// that a file and a stream promise is the same for them.
type Encoding struct {
	Header []byte                                    // before the first record, once in a file; ends its line
	Append func(dst []byte, r *output.Record) []byte // with the end of its line; nil is JSON
}

func (o *Options) encoding() Encoding {
	e := o.As
	if e.Append == nil {
		fields := o.Fields
		e.Append = func(dst []byte, r *output.Record) []byte { return append(r.AppendJSON(dst, fields), '\n') }
	}
	return e
}

// Open opens the sink that name stands for: "-" is the standard output, a
// FIFO or a device is a stream, anything else a file, made if need be.
// Nothing that is there is lost before the first Rewind or Write, so a later
// mistake on the command line costs nothing.
//
// To go on with a file from its mark, open it with Append: Rewind to a mark
// is the same in every mode.
func Open(name string, o Options) (output.Sink, error) {
	switch name {
	case "":
		return nil, errors.New(`output "": name a file, or say - for the standard output`)
	case "-":
		if o.Stdout == nil {
			o.Stdout = os.Stdout
		}
		return newStream(o.Stdout, o), nil
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return openFile(name, o, true)
	case err != nil:
		return nil, unusable(name, err)
	case info.IsDir():
		return nil, fmt.Errorf("output %q is a directory: name a file in it", name)
	case !info.Mode().IsRegular():
		return openStream(name, o)
	}
	return openFile(name, o, false)
}

// openStream opens for writing alone: opened for reading as well, a FIFO
// would not wait for its reader, nor tell when the reader has left.
func openStream(name string, o Options) (*Stream, error) {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return nil, unusable(name, err)
	}
	s := newStream(f, o)
	s.closer = f
	return s, nil
}

// unusable says what to do about the commonest reasons.
func unusable(name string, err error) error {
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = ": make its directory first"
	case errors.Is(err, fs.ErrPermission):
		hint = ": it must be readable and writable"
	}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err // the name is in ours
	}
	return fmt.Errorf("output %q cannot be opened: %w%s", name, err, hint)
}
