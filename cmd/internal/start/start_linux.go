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

func init() {
	prepare(heap())
	at, size := text()
	advise(at, size, populate)
}

// prepare has the chunk of the heap around an address come in huge pages: what
// is not in use of it yet, and the block that some of it is in use of. The heap
// begins anywhere in its first chunk, at random since Go 1.26, so half of the
// chunk is left on average. A kernel that has no huge pages does without; one
// that is told to use none (transparent_hugepage/enabled) makes one all the same.
func prepare(at uintptr) syscall.Errno {
	err := advise(at-at%chunk, chunk, syscall.MADV_HUGEPAGE)
	advise(at-at%huge, huge, collapse)
	return err
}

// heap is an address in it: that of the stack, which is part of it.
func heap() uintptr { return uintptr(unsafe.Pointer(new(byte))) }

func advise(at, size, advice uintptr) syscall.Errno {
	_, _, err := syscall.Syscall(syscall.SYS_MADVISE, at, size, advice)
	return err
}
