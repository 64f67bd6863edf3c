package main

import (
	"fmt"
	"os"

	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/output"
)

// stdout is where commands print what they were asked for. Its errors say what
// they are, so that each command ends as a crawl does: with exit code 0 when
// its reader has had enough, with 5 or 7 when it cannot be written.
type stdout struct {
	*os.File
	failed error // of a write; who prints line by line may leave it here
}

func (o *stdout) Write(p []byte) (int, error) {
	if o.failed != nil {
		return 0, o.failed
	}
	n, err := o.File.Write(p)
	switch {
	case output.ReaderLeft(err):
		err = fmt.Errorf("%w (%w)", output.ErrReaderGone, err)
	case err != nil:
		err = &wire.OutputError{Err: err}
	}
	o.failed = err
	return n, err
}
