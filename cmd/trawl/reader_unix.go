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
	const patience = 250 // ms between looks at ctx; the reader's leaving ends a wait at once
	fds := []unix.PollFd{{Fd: int32(pipe.Fd())}}
	for ctx.Err() == nil {
		n, err := unix.Poll(fds, patience)
		if err != nil && err != unix.EINTR {
			return
		}
		if n > 0 {
			if fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0 {
				gone()
			}
			return
		}
	}
}
