package output

import (
	"errors"
	"slices"
)

// DiskFull tells whether an error is the system's for a disk that has no room, or
// none for this user.
func DiskFull(err error) bool { return isAny(err, fullErrors) }

// ReaderLeft tells whether an error is the system's for a pipe that nobody reads
// any more.
func ReaderLeft(err error) bool { return isAny(err, leftErrors) }

func isAny(err error, list []error) bool {
	return slices.ContainsFunc(list, func(of error) bool { return errors.Is(err, of) })
}
