//go:build linux || darwin || freebsd

package wire

import "golang.org/x/sys/unix"

const errNoDir = unix.ENOENT

// free is how many bytes this user may still write there.
func free(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
