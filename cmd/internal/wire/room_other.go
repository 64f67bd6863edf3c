//go:build !linux && !darwin && !freebsd

package wire

import "errors"

var errNoDir = errors.New("no such directory")

// free is not known here: a disk that is full is told of by its errors.
func free(string) (int64, error) { return 0, errors.ErrUnsupported }
