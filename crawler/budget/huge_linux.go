//go:build !race

package budget

import (
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// huge has the system give the next size bytes that the heap grows by in huge
// pages. A crawl grows from nothing to some ten MiB at once, and where each
// 4 KiB of them are asked for by a fault of its own these are a tenth of the CPU
// of 10,000 pages on a virtual machine (13 µs each; 0.25 µs in huge pages). The
// advice is to the addresses, and stays when the collector takes them back, as it
// does at once (which takes 4 ms of CPU).
//
// A race detector would write down all of the size bytes.
func huge(size int) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection that met them would let the heap grow to three times as much
	_ = advise(make([]byte, size))                   // mapped, and not touched; a kernel that has none can do without
}

func advise(fresh []byte) error { return unix.Madvise(fresh, unix.MADV_HUGEPAGE) }
