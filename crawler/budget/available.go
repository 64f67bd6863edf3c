package budget

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// unknown is what a machine is taken to have that does not tell.
const unknown = 4 << 30

// available is the memory of the machine, or of the control group that the
// process is in if that has less.
func available() int64 { return availableIn(os.DirFS("/")) }

func availableIn(root fs.FS) int64 {
	least := int64(math.MaxInt64)
	for _, n := range append(groupLimits(root), machine(root)) {
		if n > 0 {
			least = min(least, n)
		}
	}
	if least == math.MaxInt64 {
		return unknown
	}
	return least
}

// machine is MemTotal of /proc/meminfo, or 0.
func machine(root fs.FS) (bytes int64) {
	for line := range lines(root, "proc/meminfo") {
		var kB int64
		if _, err := fmt.Sscanf(line, "MemTotal: %d kB", &kB); err == nil {
			return kB << 10
		}
	}
	return 0
}

// groupLimits are the limits of the process's control group, of either version,
// and of those above it. Within a container the group's own path may not be
// there: what is mounted as the root is the group then.
func groupLimits(root fs.FS) (limits []int64) {
	for line := range lines(root, "proc/self/cgroup") {
		_, rest, _ := strings.Cut(line, ":")
		controllers, group, _ := strings.Cut(rest, ":")
		at, file := "sys/fs/cgroup", "memory.max"
		switch {
		case controllers == "":
		case strings.Contains(","+controllers+",", ",memory,"):
			at, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		for dir := path.Join("/", group); ; dir = path.Dir(dir) {
			limits = append(limits, limitIn(root, path.Join(at, dir, file)))
			if dir == "/" {
				break
			}
		}
	}
	return limits
}

// limitIn is the number in a file; 0 if there is none, as in "max".
func limitIn(root fs.FS, name string) int64 {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// lines are those of a file that is there.
func lines(root fs.FS, name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		file, err := root.Open(name)
		if err != nil {
			return
		}
		defer file.Close()
		for scan := bufio.NewScanner(file); scan.Scan() && yield(scan.Text()); {
		}
	}
}
