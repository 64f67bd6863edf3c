// Package contain keeps a fault that one page brings about to that page. What
// reads pages is fed with those of strangers, and much of it is others' code: a
// panic in it would end the crawl, and each later one that comes to the page.
package contain

import (
	"fmt"
	"runtime"
	"strings"
)

// Run calls f and makes an error of its panic, which says where that was.
func Run(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v, in %s", p, place())
		}
	}()
	f()
	return nil
}

// place is the function that panicked, and the line in its file: the first one
// below the runtime's own.
func place() string {
	var calls [32]uintptr
	frames := runtime.CallersFrames(calls[:runtime.Callers(1, calls[:])])
	for panicked := false; ; {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicked = true
		case panicked && !strings.HasPrefix(frame.Function, "runtime."):
			return fmt.Sprintf("%s, line %d", frame.Function, frame.Line)
		}
		if !more {
			return "no function that is known"
		}
	}
}
