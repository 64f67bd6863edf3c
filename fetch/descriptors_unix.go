//go:build unix

package fetch

import (
	"fmt"
	"syscall"
)

// raiseDescriptors raises the soft limit to need, or as near as the hard one
// allows, and gives the limit that holds then.
func raiseDescriptors(need uint64) (limit uint64, err error) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return need, fmt.Errorf("read the limit of file descriptors: %w", err)
	}
	soft, hard := uint64(r.Cur), uint64(r.Max) // signed on some systems
	if soft >= need || soft >= hard {
		return soft, nil
	}
	raised := r
	setLimit(&raised.Cur, min(need, hard))
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised); err != nil {
		return soft, fmt.Errorf("raise the limit of file descriptors from %d to %d: %w", soft, uint64(raised.Cur), err)
	}
	return uint64(raised.Cur), nil
}

func setLimit[T int64 | uint64](field *T, n uint64) { *field = T(n) }
