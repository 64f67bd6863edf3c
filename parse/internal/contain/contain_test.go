package contain

import (
	"errors"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var none []int
	for name, tt := range map[string]struct {
		f    func()
		want []string
	}{
		"nothing": {func() {}, nil},
		"index":   {func() { third(none) }, []string{"panic: runtime error: index out of range [2] with length 0, in ", "contain.third, line "}},
		"nil":     {func() { **new(*int)++ }, []string{"panic: runtime error: invalid memory address or nil pointer dereference, in "}},
		"value":   {func() { panic(errors.New("no idea")) }, []string{"panic: no idea, in ", "contain.TestRun.func"}},
	} {
		err := Run(tt.f)
		if (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
		for _, part := range tt.want {
			if err != nil && !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
}

//go:noinline
func third(of []int) int { return of[2] }
