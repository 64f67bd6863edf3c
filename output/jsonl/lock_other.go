//go:build !unix || solaris || aix

package jsonl

import "os"

// lock claims nothing here: the system has no flock.
func lock(*os.File) error { return nil }
