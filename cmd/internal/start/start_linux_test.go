package start

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// What is prepared is advised, as the kernel tells it ("hg", proc(5)).
func TestPrepare(t *testing.T) {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip("no /proc/self/smaps: ", err)
	}
	defer f.Close()
	at, within := heap(), false
	if err := prepare(at); err != 0 {
		t.Skip("this kernel has no huge pages: ", err)
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			within = from <= at && at < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && within {
			if !slices.Contains(strings.Fields(flags), "hg") {
				t.Errorf("the mapping of %#x has the flags%s, want hg among them", at, flags)
			}
			return
		}
	}
	t.Errorf("%#x is in no mapping", at)
}
