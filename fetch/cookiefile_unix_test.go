//go:build unix && !solaris && !aix

package fetch_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
)

// What the name of a jar leads to keeps its nature: a link stays a link, and
// what is no file is written to. To put a file in its place would cost a
// machine its /dev/null.
func TestSaveInPlace(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "cookies.txt"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	for _, err := range []error{os.WriteFile(file, nil, 0o600), os.Symlink("cookies.txt", link), syscall.Mkfifo(pipe, 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0) // both ways, so that opening it waits for nobody
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, path := range []string{link, pipe} {
		before, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := fetch.CanSave(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if err := fetch.NewJar().Save(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
			t.Fatalf("%s is %v, and was %v (%v)", path, after.Mode(), before.Mode(), err)
		}
	}
	const head = "# Netscape HTTP Cookie File"
	if got, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(got), head) {
		t.Errorf("behind the link: %q, %v", got, err)
	}
	got := make([]byte, len(head))
	if _, err := reader.Read(got); err != nil || string(got) != head {
		t.Errorf("in the pipe: %q, %v", got, err)
	}
}
