// Package durable makes names of files outlive a crash of the machine, as their
// content does after File.Sync.
package durable

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Names makes the names of the files in a directory durable, those that are new
// and those that were changed. Windows has no such thing: a directory cannot be
// synced ("access denied"), and the file system writes names to its journal.
func Names(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return nil // a directory that may be written to but not read
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("output directory %q: %w", dir, err)
	}
	return nil
}
