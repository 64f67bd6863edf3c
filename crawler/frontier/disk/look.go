package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/trawl-crawler/trawl/output"
)

// looking is the options with which a directory is opened that is only read.
// It may lie where this user cannot write: on a backup, or in another user's
// home.
func looking(o Options) Options { return Options{FS: lookFS{o.fs()}} }

// lookFS locks for reading where it may not for writing: a crawl in the
// directory is noticed, and none can begin meanwhile.
type lookFS struct{ vfs.FS }

func (f lookFS) Unwrap() vfs.FS { return f.FS }

func (f lookFS) Lock(name string) (io.Closer, error) {
	lock, err := f.FS.Lock(name)
	if !unwritable(err) {
		return lock, err
	}
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(nil), nil // nobody was ever at work in it where it lies now
	}
	if err != nil {
		return nil, err
	}
	if err := lockToRead(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// unwritable tells whether a directory takes nothing new, which looking at it
// needs not.
func unwritable(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) || output.DiskFull(err)
}
