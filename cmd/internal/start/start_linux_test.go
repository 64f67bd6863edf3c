package start

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// What is prepared is advised, as the kernel tells it ("hg", proc(5)).
func TestPrepare(t *testing.T) {
	at := heap()
	if err := prepare(at); err != 0 {
		t.Skip("this kernel has no huge pages: ", err)
	}
	if flags := mapping(t, at)["VmFlags"]; !slices.Contains(strings.Fields(flags), "hg") {
		t.Errorf("the mapping of %#x has the flags %s, want hg among them", at, flags)
	}
}

// The instructions are found, this test's among them, and are in memory since
// this program began.
func TestText(t *testing.T) {
	at, size := text()
	if size == 0 {
		t.Skip("this program may be placed anywhere, or there is no /proc/self/maps")
	}
	if here := reflect.ValueOf(TestText).Pointer(); here < at || here >= at+size {
		t.Errorf("text: %#x and %#x bytes on, where %#x is not", at, size, here)
	}
	m := mapping(t, at)
	if err := advise(at, size, populate); err != 0 {
		t.Skip("this kernel reads no part of a program ahead: ", err)
	}
	if m["Size"] != fmt.Sprintf("%d kB", size>>10) || m["Rss"] != m["Size"] {
		t.Errorf("of %d kB at %#x %s are in memory, of %s in all", size>>10, at, m["Rss"], m["Size"])
	}
}

func TestExecutable(t *testing.T) {
	for _, tt := range []struct {
		line     string
		at, size uintptr
	}{
		{"00400000-00f34000 r-xp 00000000 fe:00 1", 0x400000, 0xb34000},
		{"0001abcd-000fffff r-x", 0x1abcd, 0xe5432},
		{"c000000000-c000400000 rw-p 00000000 00:00 0", 0, 0},
		{"00400000-00f34000 r-", 0, 0},
		{"00400000-", 0, 0},
		{"00400000", 0, 0},
		{"", 0, 0},
	} {
		if at, size := executable([]byte(tt.line)); at != tt.at || size != tt.size {
			t.Errorf("executable(%q) = %#x, %#x, want %#x, %#x", tt.line, at, size, tt.at, tt.size)
		}
	}
}

// mapping is what the kernel says of the one that an address is in.
func mapping(t *testing.T, at uintptr) map[string]string {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip("no /proc/self/smaps: ", err)
	}
	defer f.Close()
	fields, within := map[string]string{}, false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			within = from <= at && at < to
		} else if name, value, ok := strings.Cut(lines.Text(), ":"); ok && within {
			fields[name] = strings.TrimSpace(value)
		}
	}
	if len(fields) == 0 {
		t.Fatalf("%#x is in no mapping", at)
	}
	return fields
}
