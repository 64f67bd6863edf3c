package sitemap

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
)

// parseList reads a list of one URL a line, with any line ends. A line that is no URL is passed over, and named in the error.
func parseList(r *bufio.Reader, out *sink) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, MaxValue)
	lines.Split(splitLine)
	var fault error
	for lines.Scan() {
		line := bytes.TrimSpace(lines.Bytes())
		switch {
		case isWebURL(line):
			if err := out.put(Entry{Loc: string(line), Priority: -1}); err != nil {
				return err
			}
		case len(line) > 0 && fault == nil:
			fault = fmt.Errorf("sitemap: %w: a line of the list, %.80q, is no URL", ErrBroken, line)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("sitemap: %w: a line of the list is longer than %d bytes, the rest is not read", ErrBroken, MaxValue)
	case err != nil:
		return fmt.Errorf("sitemap: %w", err)
	}
	return fault
}

// splitLine is bufio.ScanLines for \n, \r\n and \r alike; the empty line within \r\n does no harm here.
func splitLine(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
