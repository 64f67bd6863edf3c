package wire

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
)

// A large crawl of which nothing is kept removes what those before it have left
// that were killed, and nothing else.
func TestTemporaryStoresOfTheDeadAreRemoved(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	live, err := newTemporary(temp)
	if err != nil {
		t.Fatal(err)
	}
	dead, state := filepath.Join(temp, oneOffName+"dead"), filepath.Join(temp, "trawl-state")
	for _, dir := range []string{dead, state} {
		left, err := disk.Open(dir, disk.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := left.Close(); err != nil {
			t.Fatal(err)
		}
	}
	foreign := filepath.Join(temp, oneOffName+"foreign")
	if err := os.MkdirAll(filepath.Join(foreign, "work"), 0o700); err != nil {
		t.Fatal(err)
	}
	next, err := newTemporary(temp)
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]bool{live.dir: true, next.dir: true, state: true, foreign: true, dead: false} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: %v; want it there: %v", filepath.Base(dir), err, want)
		}
	}
	for _, store := range []*temporary{live, next} {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}
