package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/wire"
	"github.com/trawl-crawler/trawl/crawler"
)

// A summaryFile is what --summary names. It is opened before the crawl, so
// that a mistake in its name is known then, and emptied only after it. The nil
// summaryFile is none.
type summaryFile struct {
	file *os.File
	lent bool // it is the standard output: not to be emptied, nor closed
}

// openSummary opens the file of that name; - is the standard output.
func openSummary(name string) (*summaryFile, error) {
	switch name {
	case "":
		return nil, nil
	case "-":
		return &summaryFile{os.Stdout, true}, nil
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, usage("--summary %q: %w", name, config.FileError(err))
	}
	return &summaryFile{file, false}, nil
}

func (f *summaryFile) write(s *crawler.Summary) error {
	if f == nil {
		return nil
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the summary: %w", err)
	}
	// A pipe or device cannot be cut, and has no need to be.
	if info, err := f.file.Stat(); err == nil && info.Mode().IsRegular() && !f.lent {
		if err := f.file.Truncate(0); err != nil {
			return &wire.OutputError{Err: fmt.Errorf("--summary: %w", err)}
		}
	}
	if _, err := f.file.Write(append(data, '\n')); err != nil {
		return &wire.OutputError{Err: fmt.Errorf("--summary: %w", err)}
	}
	return nil
}

func (f *summaryFile) Close() {
	if f != nil && !f.lent {
		f.file.Close() // what matters was written, or its error told
	}
}
