package durable

import (
	"path/filepath"
	"testing"
)

// On every system the names in a directory can be made durable, "" being the one
// that the process is in; one that cannot be opened is passed by.
func TestNames(t *testing.T) {
	for _, dir := range []string{t.TempDir(), "", ".", filepath.Join(t.TempDir(), "none")} {
		if err := Names(dir); err != nil {
			t.Errorf("%q: %v", dir, err)
		}
	}
}
