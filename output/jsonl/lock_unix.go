//go:build unix && !solaris && !aix

package jsonl

import (
	"errors"
	"os"
	"syscall"
)

// errBusy: two crawls that write one file would tear each other's records.
var errBusy = errors.New("another trawl is writing to it")

// lock claims f until it is closed or the process ends, however it ends. A
// file system without locks is used without one.
func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return errBusy
	}
	return nil
}
