package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A job is what a contender or a server is told.
type job struct {
	Name  string
	Pages int // to be read, of each host

	// For a server.
	Links, Size, Hosts int
	Requests           int // slow ones: held until so many are in flight

	// For a contender.
	Origins  []string // one a host
	Control  string   // of the server
	Fetchers int      // at a time
	PerHost  int      // … of one host; 0 is Fetchers
	Rate     float64  // requests a second to a host; 0 is no limit
	Known    int      // URLs that the crawl knows before it starts
	State    bool     // durable
	Profile  string   // prefix of the files to write
}

// A report is what a contender's work took.
type report struct {
	Pages  int
	CPU    time.Duration // user and system
	Wall   time.Duration
	Allocs uint64 // number
	Bytes  uint64 // in memory, of what was asked for
}

// The quantities of a report.
func cpu(r report) float64    { return float64(r.CPU.Nanoseconds()) / 1e3 / float64(r.Pages) } // µs a page
func wall(r report) float64   { return float64(r.Wall.Nanoseconds()) / 1e3 / float64(r.Pages) }
func allocs(r report) float64 { return float64(r.Allocs) / float64(r.Pages) }
func space(r report) float64  { return float64(r.Bytes) / float64(r.Pages) }

// A meter measures this process from start to stop.
type meter struct {
	cpu    time.Duration
	wall   time.Time
	allocs uint64
}

func startMeter() meter {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return meter{cpuTime(), time.Now(), m.Mallocs}
}

func (m meter) stop(pages int) report {
	r := report{Pages: pages, CPU: cpuTime() - m.cpu, Wall: time.Since(m.wall)}
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	r.Allocs = now.Mallocs - m.allocs
	return r
}

// cpuTime is what this process has used. Getrusage of oneself does not fail.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap is how many bytes are reachable now.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// resident is how many bytes of this process are in memory now. (The peak that
// getrusage knows is the parent's too.)
func resident() (uint64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no VmRSS")
}

// profiled runs f and writes its CPU and allocation profiles, if there is a
// prefix for their names.
func profiled(prefix string, f func() error) error {
	if prefix == "" {
		return f()
	}
	cpu, err := os.Create(prefix + "cpu.pprof")
	if err != nil {
		return err
	}
	defer cpu.Close()
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	err = f()
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	allocs, err := os.Create(prefix + "allocs.pprof")
	if err != nil {
		return err
	}
	defer allocs.Close()
	return pprof.Lookup("allocs").WriteTo(allocs, 0)
}
