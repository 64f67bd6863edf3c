package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/fetch/zoo"
)

// zooMemory is what a crawl of the whole zoo with 64 requests in flight may
// have of memory at most: 300 MiB.
const zooMemory = 300 << 20

// TestZooInLittleMemory crawls the zoo with the real program, built as it is
// shipped: the race detector has a memory of its own. Left out are hosts that
// ask for patience, which take minutes and no memory.
func TestZooInLittleMemory(t *testing.T) {
	t.Parallel() // it mostly waits for its child
	binary := buildTrawl(t)
	z, err := zoo.Start(t.Context(), zoo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var seeds []string
	for _, c := range zoo.Cases() {
		if c.Group != zoo.Pushback {
			seeds = append(seeds, z.Seeds(c.Name)...)
		}
	}
	rss := crawlZoo(t, binary, strings.Join(seeds, "\n"))
	t.Logf("%d MiB of memory at most", rss>>20)
	if rss > zooMemory {
		t.Errorf("the crawl took %d MiB of memory, want %d at most", rss>>20, int64(zooMemory)>>20)
	}
}

// crawlZoo returns how many bytes of memory a crawl had at most.
func crawlZoo(t *testing.T, binary, seeds string) (most int64) {
	var stderr bytes.Buffer
	crawl := exec.CommandContext(t.Context(), binary, "crawl", "-i", "-", "-o", os.DevNull, "--concurrency", "64", "--rate", "0", "-q", "-k",
		"--retries", "0", "--connect-timeout", "2s", "--idle-timeout", "2s", "--timeout", "6s", "--max-pages-per-host", "600", "--emit", "pages,errors,skipped")
	crawl.Stdin, crawl.Stderr = strings.NewReader(seeds), &stderr
	if err := crawl.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- crawl.Wait() }()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil || most == 0 {
				t.Fatalf("%v, after %d bytes of memory: %s", err, most, &stderr)
			}
			return most
		case <-ticker.C:
			most = max(most, highWater(crawl.Process.Pid))
		}
	}
}

// highWater is what a process has had of memory at most, in bytes; 0 when it is
// over. What wait4(2) says of it when it is over is no less than its parent had
// when it began, here a process under the race detector.
func highWater(pid int) (n int64) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, after, _ := bytes.Cut(status, []byte("\nVmHWM:"))
	_, _ = fmt.Sscan(string(after), &n)
	return n << 10
}

// buildTrawl builds the program as it is shipped.
func buildTrawl(t testing.TB) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "trawl")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build trawl: %v: %s", err, out)
	}
	return binary
}
