//go:build !windows

package fetch

import "syscall"

var brokenErrors = []error{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED}
