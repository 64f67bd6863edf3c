//go:build unix

package disk

import (
	"io"
	"os"
	"syscall"
)

// lockRefused is the system's word for a lock that somebody else has.
const lockRefused = syscall.EAGAIN

// lockToRead takes the lock that excludes Pebble's, which is for writing.
func lockToRead(file *os.File) error {
	return syscall.FcntlFlock(file.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_RDLCK, Whence: io.SeekStart})
}
