//go:build !race

package budget

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// The kernel notes what was advised with the addresses: flag hg of a range.
func TestAdvise(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this system has no huge pages: ", err)
	}
	const size = 16 << 20
	fresh := make([]byte, size)
	if err := advise(fresh); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip("what was advised cannot be seen: ", err)
	}
	var begin, middle uint64
	if _, err := fmt.Sscanf(fmt.Sprintf("%p", fresh[size/2:]), "0x%x", &middle); err != nil {
		t.Fatal(err)
	}
	within := false
	for line := range strings.Lines(string(text)) {
		var end uint64
		if n, _ := fmt.Sscanf(line, "%x-%x ", &begin, &end); n == 2 {
			within = begin <= middle && middle < end
		}
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && within {
			if !strings.Contains(flags, " hg") {
				t.Errorf("the range of the slice has the flags%s", flags)
			}
			runtime.KeepAlive(fresh)
			return
		}
	}
	t.Errorf("no range has the slice, at %#x", middle)
}
