package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// What is in a state directory, beside the store itself.
const (
	formatFile = "FORMAT" // which version of all this it is
	pidFile    = "PID"    // who holds the lock
	lockFile   = "LOCK"   // locked by the kernel while a process lives, so never stale
	storeDir   = "store"  // Pebble's
)

// format is the version that this code writes; it reads those from oldest on.
// Format 1 had a key for each outcome (ends.go). The words are for whoever looks
// into the directory.
const (
	format = 2
	oldest = 1
)

const formatWords = "trawl state, format "

// home is a state directory that this process has locked.
type home struct {
	fs     vfs.FS
	dir    string
	lock   *pebble.Lock
	format int
	look   bool // the directory cannot be written
}

// enter locks a directory, and with create makes it a state directory if it is
// empty or not there.
func enter(fs vfs.FS, dir string, create bool) (*home, error) {
	if create {
		if err := makeDir(fs, dir); err != nil {
			return nil, err
		}
	}
	if err := recognise(fs, dir, create); err != nil {
		return nil, err
	}
	lock, err := pebble.LockDirectory(dir, fs)
	if err != nil {
		if held(err) {
			return nil, &LockedError{Dir: dir, PID: readPID(fs, dir)}
		}
		return nil, err
	}
	h := &home{fs: fs, dir: dir, lock: lock}
	if err := h.settle(create); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return h, nil
}

// makeDir makes a directory that is there after a crash.
func makeDir(fs vfs.FS, dir string) error {
	_, err := fs.Stat(dir)
	if errors.Is(err, syscall.ENOTDIR) {
		return nil // recognise says so
	}
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return syncDir(fs, fs.PathDir(dir))
}

// held tells whether a lock was refused because somebody has it.
func held(err error) bool {
	return errors.Is(err, lockRefused) || err.Error() == "lock held by current process"
}

// recognise refuses a directory that has files and no format, before the lock
// leaves anything in it.
func recognise(fs vfs.FS, dir string, create bool) error {
	names, err := fs.List(dir)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: there is no directory %q", ErrForeign, dir)
	}
	hint := "name one that --state has made"
	if create {
		hint = "name an empty or a new directory"
	}
	if errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%w: %q is a file, or in one; %s", ErrForeign, dir, hint)
	}
	if err != nil {
		return err
	}
	if slices.Contains(names, formatFile) {
		return nil
	}
	for _, name := range names {
		if !slices.Contains([]string{lockFile, pidFile, formatFile + ".new"}, name) {
			return fmt.Errorf("%w: %q has a file %q and no %s; %s", ErrForeign, dir, name, formatFile, hint)
		}
	}
	if !create {
		return fmt.Errorf("%w: %q is empty", ErrForeign, dir)
	}
	return nil
}

// settle checks the format, or writes it into a new directory, and says who
// is here.
func (h *home) settle(create bool) error {
	text, err := readFile(h.fs, h.path(formatFile))
	if create && errors.Is(err, os.ErrNotExist) {
		err = h.upgrade()
	} else if err == nil {
		h.format, err = readFormat(h.dir, string(text))
	}
	if err != nil {
		return err
	}
	err = h.write(pidFile, strconv.Itoa(os.Getpid())+"\n")
	if h.look = !create && unwritable(err); h.look {
		return nil // whoever needs more will say so
	}
	return err
}

// upgrade has the directory be of this format from now on, before anything is
// written in it. What an older one holds is read as it is.
func (h *home) upgrade() error {
	if h.format == format {
		return nil
	}
	h.format = format
	return h.write(formatFile, fmt.Sprintf("%s%d\n", formatWords, format))
}

// mendFormat writes the format of a state directory anew of which it is lost, so
// that all else is not. A store of an older one is read as it is by that name, too;
// what has no store and no lock beside it is somebody else's.
func mendFormat(fs vfs.FS, dir string, lost *[]string) error {
	text, err := readFile(fs, fs.PathJoin(dir, formatFile))
	if err == nil {
		_, err = readFormat(dir, string(text))
	}
	if !errors.Is(err, os.ErrNotExist) && !errors.Is(err, ErrForeign) {
		return nil // it is there, or opening says what is wrong
	}
	names, err := fs.List(dir)
	if err != nil || !slices.Contains(names, storeDir) || !slices.Contains(names, lockFile) {
		return nil
	}
	*lost = append(*lost, fmt.Sprintf("%s, which said %q: the store was read as one of format %d", formatFile, text, format))
	return (&home{fs: fs, dir: dir}).upgrade()
}

func readFormat(dir, text string) (int, error) {
	words, ok := strings.CutPrefix(text, formatWords)
	n, err := strconv.Atoi(strings.TrimSpace(words))
	switch {
	case !ok || err != nil:
		return 0, fmt.Errorf("%w: %s of %q says %q; if trawl has made the directory, mend it by: trawl state repair", ErrForeign, formatFile, dir, text)
	case n > format:
		return 0, fmt.Errorf("%w: %q was written by a newer trawl (format %d, this one knows %d); use that one, or another directory", ErrFormat, dir, n, format)
	case n < oldest:
		return 0, fmt.Errorf("%w: %q was written by an older trawl (format %d, this one knows %d to %d); finish it with that one, or start over with --fresh", ErrFormat, dir, n, oldest, format)
	}
	return n, nil
}

func (h *home) path(name string) string { return h.fs.PathJoin(h.dir, name) }

// write replaces a small file: its old content or the new one is there,
// whatever happens.
func (h *home) write(name, text string) error {
	return writeFile(h.fs, h.dir, name, []byte(text))
}

func (h *home) release() error {
	if h.look {
		return h.lock.Close()
	}
	return errors.Join(h.fs.Remove(h.path(pidFile)), h.lock.Close())
}

func writeFile(fs vfs.FS, dir, name string, content []byte) error {
	path := fs.PathJoin(dir, name)
	f, err := fs.Create(path+".new", vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := fs.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(fs, dir)
}

func syncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func readFile(fs vfs.FS, path string) ([]byte, error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, f)
	return b.Bytes(), errors.Join(err, f.Close())
}

// readPID returns who says to be in the directory, 0 if nobody does.
func readPID(fs vfs.FS, dir string) int {
	text, err := readFile(fs, fs.PathJoin(dir, pidFile))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
