//go:build unix && !solaris && !aix

package jsonl

import (
	"errors"
	"os"
	"syscall"

	"github.com/trawl-crawler/trawl/output"
)

// lock claims f until it is closed or the process ends, however it ends. A
// file system without locks is used without one.
func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return output.ErrBusy
	}
	return nil
}
