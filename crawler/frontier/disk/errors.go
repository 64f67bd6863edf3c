package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/trawl-crawler/trawl/output"
)

// What is wrong with a state directory, for errors.Is.
var (
	ErrLocked  = errors.New("the state directory is in use")          // a *LockedError says by whom
	ErrForeign = errors.New("not a state directory of trawl")         // it has files of somebody else
	ErrFormat  = errors.New("the state directory has another format") // of another trawl
	ErrCorrupt = errors.New("the state is damaged")
	ErrClosed  = errors.New("the state is closed")
)

// LockedError names the process that works on a state directory.
type LockedError struct {
	Dir string
	PID int // 0 when it is not known
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s: %q is held by another process; wait for it to end", ErrLocked, e.Dir)
	}
	return fmt.Sprintf("%s: %q is held by process %d; wait for it to end, or stop it", ErrLocked, e.Dir, e.PID)
}

// Unwrap returns ErrLocked.
func (e *LockedError) Unwrap() error { return ErrLocked }

// explain says of which directory an error is, and what helps.
func explain(dir string, err error) error {
	if err == nil || errors.Is(err, ErrLocked) || errors.Is(err, ErrForeign) || errors.Is(err, ErrFormat) || errors.Is(err, ErrClosed) {
		return err
	}
	if corrupt(err) && !errors.Is(err, ErrCorrupt) {
		err = fmt.Errorf("%w: %w", ErrCorrupt, plain(err))
	}
	if hint := hint(err); hint != "" {
		return fmt.Errorf("state directory %q: %w (%s)", dir, err, hint)
	}
	return fmt.Errorf("state directory %q: %w", dir, err)
}

func hint(err error) string {
	switch {
	case errors.Is(err, ErrCorrupt):
		return "what is readable of it is kept by: trawl state repair"
	case output.DiskFull(err), vfs.IsNoSpaceError(err):
		return "the disk is full: make room and run the same command again, nothing that was committed is lost"
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return "it must be writable by this user"
	case errors.Is(err, syscall.EIO):
		return "the device reports an error: copy the directory to another disk and go on from there"
	}
	return ""
}

// corrupt tells whether Pebble found that bytes are not what it wrote. A file
// that its manifest names and that is gone is one of these, and so is one that
// names the manifest.
func corrupt(err error) bool {
	return pebble.IsCorruptionError(err) || errors.Is(err, os.ErrNotExist) ||
		errors.Is(err, pebble.ErrDBDoesNotExist) || errors.Is(err, pebble.ErrDBNotPristine)
}

// plain gives an error's first line: Pebble's have their details below.
func plain(err error) error { return plainError{err} }

type plainError struct{ error }

func (e plainError) Error() string {
	line, _, _ := strings.Cut(e.error.Error(), "\n")
	return line
}

func (e plainError) Unwrap() error { return e.error }
