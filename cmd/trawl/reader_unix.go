//go:build unix

package main

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// awaitReader calls gone when the reader of a pipe has left, even while there
// is nothing to write to it: a host that wants a minute between requests must
// not keep `trawl … | head -1` for that long.
func awaitReader(ctx context.Context, pipe *os.File, gone func()) {
	info, err := pipe.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		return
	}
	// The end of ctx closes one end of a pipe of our own, which ends the wait
	// on the other.
	over, end, err := os.Pipe()
	if err != nil {
		return
	}
	defer over.Close()
	stop := context.AfterFunc(ctx, func() { end.Close() })
	defer func() {
		if stop() {
			end.Close()
		}
	}()
	fds := []unix.PollFd{{Fd: int32(pipe.Fd())}, {Fd: int32(over.Fd()), Events: unix.POLLIN}}
	for {
		switch _, err := unix.Poll(fds, -1); {
		case err == unix.EINTR:
			continue
		case err == nil && fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0:
			gone()
		}
		return
	}
}
