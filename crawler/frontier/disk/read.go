package disk

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// Read opens a state directory for Row, Rows, Note and State, and changes
// nothing in it. Nobody else may have it open.
func Read(dir string, o Options) (*Store, error) {
	s, err := openHome(dir, looking(o), false, nil, readOnly)
	return s, explain(dir, err)
}

// Clear empties a state directory, whatever is the matter with what it holds,
// and leaves one that was never used. Nobody may have it open. A directory
// that is not there, or is of somebody else, is left alone: ErrForeign.
func Clear(dir string, o Options) error {
	return explain(dir, clearDir(dir, o))
}

func clearDir(dir string, o Options) error {
	fs := o.fs()
	if err := recognise(fs, dir, false); err != nil {
		return err
	}
	lock, err := pebble.LockDirectory(dir, fs)
	if err != nil {
		if held(err) {
			return &LockedError{Dir: dir, PID: readPID(fs, dir)}
		}
		return err
	}
	for _, name := range []string{storeDir, repairDir, damagedDir, salvageDir} {
		if err = fs.RemoveAll(fs.PathJoin(dir, name)); err != nil {
			break
		}
	}
	if err == nil {
		err = writeFile(fs, dir, formatFile, fmt.Appendf(nil, "%s%d\n", formatWords, format))
	}
	return errors.Join(err, lock.Close())
}
