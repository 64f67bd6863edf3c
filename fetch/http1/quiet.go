package http1

import (
	"net"
	"syscall"
)

// quiet gives a function that tells whether nothing has come on a connection:
// whether reading it would have to wait. A byte would be of an answer to
// nothing that was asked, and be taken for that of the next request; an end
// says that the server has left. Over TLS it may have been a new key or ticket:
// then a connection is made that was not needed. What it finds is lost, as the
// connection is closed.
func quiet(n net.Conn) func() bool {
	if of, ok := n.(syscall.Conn); ok {
		if raw, err := of.SyscallConn(); err == nil {
			return silence(raw)
		}
	}
	return func() bool { return true }
}
