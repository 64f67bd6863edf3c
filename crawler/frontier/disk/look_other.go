//go:build !unix && !windows

package disk

import (
	"os"
	"syscall"
)

// lockRefused is the system's word for a lock that somebody else has.
const lockRefused = syscall.EAGAIN

func lockToRead(*os.File) error { return nil }
