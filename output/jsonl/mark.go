package jsonl

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/output"
)

// window is how many bytes before the mark its checksum covers: enough to know
// a file again, few enough to read at every flush.
const window = 64 << 10

// A mark is the length a file had, and the xxh3 of the window before it.
type mark struct {
	size int64
	sum  uint64
}

// markAt reads the mark of f at size.
func markAt(f io.ReaderAt, size int64) (mark, error) {
	n := min(size, window)
	h := xxh3.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, size-n, n)); err != nil {
		return mark{}, err
	}
	return mark{size: size, sum: h.Sum64()}, nil
}

func (m mark) text() output.Mark {
	return output.Mark(fmt.Sprintf("%d:%016x", m.size, m.sum))
}

func parseMark(text output.Mark) (mark, error) {
	size, sum, ok := strings.Cut(string(text), ":")
	n, sizeErr := strconv.ParseInt(size, 10, 64)
	h, sumErr := strconv.ParseUint(sum, 16, 64)
	if !ok || sizeErr != nil || sumErr != nil || n < 0 {
		return mark{}, fmt.Errorf("the crawl's mark %q is not of a JSONL file", text)
	}
	return mark{size: n, sum: h}, nil
}
