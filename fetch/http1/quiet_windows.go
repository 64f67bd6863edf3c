package http1

import (
	"net"
	"syscall"
	"unsafe"
)

// fionread asks how many bytes there are to be read (Winsock, FIONREAD).
const fionread = 0x4004667f

// quiet gives a function that tells whether nothing has come on a connection. That
// its end has come is not seen here: it is noticed when the connection is used.
func quiet(n net.Conn) func() bool {
	always := func() bool { return true }
	of, ok := n.(syscall.Conn)
	if !ok {
		return always
	}
	raw, err := of.SyscallConn()
	if err != nil {
		return always
	}
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
