package http1

import (
	"syscall"
	"unsafe"
)

// fionread asks how many bytes there are to be read (Winsock, FIONREAD).
const fionread = 0x4004667f

// silence asks for what there is to be read. That the end has come is not seen
// here: it is noticed when the connection is used.
func silence(raw syscall.RawConn) func() bool {
	return func() bool {
		var waiting, size uint32
		var failed error
		err := raw.Control(func(fd uintptr) {
			failed = syscall.WSAIoctl(syscall.Handle(fd), fionread, nil, 0,
				(*byte)(unsafe.Pointer(&waiting)), uint32(unsafe.Sizeof(waiting)), &size, nil, 0)
		})
		return err == nil && failed == nil && waiting == 0
	}
}
