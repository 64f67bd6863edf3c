package start

import (
	"syscall"
	"unsafe"
)

const (
	chunk = 4 << 20 // what Go's heap takes from the system at a time, and is aligned to
	huge  = 2 << 20 // a huge page, where pages are of 4 KiB

	collapse = 25 // MADV_COLLAPSE, since Linux 6.1
)

// The heap has begun somewhere in its first chunk: at random since Go 1.26, so
// that half of the chunk is left, on average. What is left comes in huge pages;
// the block that some of it is in use of already is made one. A kernel that
// cannot do either does without.
func init() {
	at := heap()
	advise(at-at%chunk, chunk, syscall.MADV_HUGEPAGE)
	advise(at-at%huge, huge, collapse)
}

// heap is an address in it.
func heap() uintptr { return uintptr(unsafe.Pointer(new([64]byte))) }

func advise(at, size, advice uintptr) syscall.Errno {
	_, _, err := syscall.Syscall(syscall.SYS_MADVISE, at, size, advice)
	return err
}
