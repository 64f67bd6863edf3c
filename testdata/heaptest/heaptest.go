// Package heaptest measures what is left in memory, for tests of what is kept: a
// string that was cut from another keeps all of it.
package heaptest

import "runtime"

// Grown is by how many bytes f has the heap grow, what it was called for being kept
// by owner. No other test may run meanwhile.
func Grown(owner any, f func()) int64 {
	before := inUse()
	f()
	grown := inUse() - before
	runtime.KeepAlive(owner)
	return grown
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
