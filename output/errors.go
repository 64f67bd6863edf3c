package output

import "errors"

// What a sink's error can wrap, for those who act on the difference. Anything
// else is the system's own error, wrapped (see DiskFull).
var (
	// ErrNoRewind: the sink cannot take back what it has written, so records
	// after the mark will come a second time. It is left ready for Write.
	ErrNoRewind = errors.New("this output cannot be rewound")

	// ErrForeign: the mark is not from this sink, or its content is no longer
	// what it was at the mark. Nothing was changed.
	ErrForeign = errors.New("not the output this crawl was writing")

	// ErrReaderGone: whoever read our output has left (trawl … | head -5).
	// That is how a reader says it has had enough: a clean end, exit code 0.
	ErrReaderGone = errors.New("the reader of the output is gone")

	// ErrNotEmpty: the file already holds something, and nobody said to append
	// to it or to replace it.
	ErrNotEmpty = errors.New("the output is not empty")

	// ErrBusy: two crawls that write one file would tear each other's records.
	ErrBusy = errors.New("another trawl is writing to it")

	// ErrColumns: the file that is to be written on is no table, or one with
	// other columns. Nothing was changed.
	ErrColumns = errors.New("not a table with these columns")
)
