package wire

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
)

// Each file of records is looked at for room, where it is or will be; a pipe is
// not, whose file system may have none.
func TestRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	const none = "/proc/pages.jsonl" // where there is no room for anything
	for name, c := range map[string]struct {
		outs []config.Out
		full string
	}{
		"room":           {[]config.Out{{File: filepath.Join(dir, "a.jsonl")}}, ""},
		"the second":     {[]config.Out{{File: filepath.Join(dir, "a.jsonl")}, {File: none}}, none},
		"behind stdout":  {[]config.Out{{File: "-"}, {File: none}}, none},
		"no file at all": {[]config.Out{{File: pipe}, {File: link}, {File: "-"}}, ""},
	} {
		crawl := &Crawl{minFree: 1, files: files(c.outs)}
		got := ""
		if e, ok := errors.AsType[*FullError](crawl.room(filepath.Join(dir, "state"))); ok {
			got = e.Path
		}
		if got != c.full {
			t.Errorf("%s: %q is full, want %q", name, got, c.full)
		}
	}
}
