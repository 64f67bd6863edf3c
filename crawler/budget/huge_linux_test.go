//go:build !race

package budget

import (
	"os"
	"strings"
	"testing"
)

func TestHuge(t *testing.T) {
	const smaps = "/proc/self/smaps"
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this system has no huge pages: ", err)
	}
	advised := func() int {
		text, err := os.ReadFile(smaps)
		if err != nil {
			t.Skip("what was advised cannot be seen: ", err)
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && strings.Contains(flags, " hg") {
				n++
			}
		}
		return n
	}
	before := advised()
	if before > 0 {
		t.Skip("there are such ranges already, and the heap may grow into one of them")
	}
	if huge(16 << 20); advised() <= before {
		t.Errorf("%d ranges of memory are for huge pages, as before", before)
	}
}
