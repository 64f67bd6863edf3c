//go:build unix

package wire

import (
	"io/fs"
	"os"
	"syscall"
)

// own tells whether a file is this user's. In a directory of somebody else's, who
// shares /tmp, nothing is to be opened.
func own(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
