//go:build !windows

package output

import "syscall"

var (
	fullErrors = []error{syscall.ENOSPC, syscall.EDQUOT}
	leftErrors = []error{syscall.EPIPE}
)
