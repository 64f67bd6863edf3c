// Package output is where records go: the one flat Record that every command
// prints, and the Sink that keeps it.
//
// A sink never sees a page, only what became of it. Its Mark is half of the
// crash promise: the committer flushes the sink first and commits the mark
// with the frontier second, so that on the next start Rewind drops exactly the
// records whose pages will be fetched again.
package output

import "context"

// A Sink keeps records in the order they are written.
//
// One goroutine calls it. Rewind is called once, before the first Write: it
// drops whatever came after the mark; the zero Mark means the beginning. A
// sink that cannot (a pipe) returns ErrNoRewind and is ready for Write all
// the same. A mark the sink does not recognise as its own (the file is
// shorter, or its content differs) is an error that wraps ErrForeign, and
// nothing is changed.
//
// Write may buffer. After Flush everything written before it is as safe as
// the sink can make it, and the returned mark, never the zero one, names that
// point; so a Flush right after Rewind gives the mark to go back to when the
// process dies before its first commit. A later call of Write or Flush says
// that this mark was kept, and a crawl that comes to its end makes one. An error
// of Write that wraps ErrReaderGone is a clean end.
//
// Close flushes and releases. It is called once, also after an error, and then
// returns only what has not been told before.
type Sink interface {
	Rewind(ctx context.Context, to Mark) error
	Write(ctx context.Context, r *Record) error
	Flush(ctx context.Context) (Mark, error)
	Close() error
}

// A Mark is how far a sink had got, in the sink's own terms. It is opaque to
// everyone else and is stored with the frontier. The zero value is the
// beginning of an empty sink.
type Mark string
