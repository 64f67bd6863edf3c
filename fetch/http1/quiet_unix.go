//go:build unix

package http1

import "syscall"

// silence reads a byte, if there is one.
func silence(raw syscall.RawConn) func() bool {
	would := false
	look := func(fd uintptr) bool {
		_, err := syscall.Read(int(fd), make([]byte, 1))
		would = err == syscall.EAGAIN
		return true // do not wait
	}
	return func() bool { return raw.Read(look) == nil && would }
}
