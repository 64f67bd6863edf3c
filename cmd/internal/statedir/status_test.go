package statedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/parse/weburl"
	"github.com/trawl-crawler/trawl/testdata/heaptest"
)

// The errors of a crawl that nobody runs are the newest, the last of them last.
func TestRecentErrors(t *testing.T) {
	d := open(t, t.TempDir())
	const failed = 15
	began := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var b frontier.Batch
	for i := range failed {
		job := frontier.Job{URL: weburl.FromCanonical(fmt.Sprintf("http://h.test/%d", i)), Key: frontier.Key{Seq: uint64(i + 1)}}
		b.Put = append(b.Put, job)
		b.Rows = append(b.Rows, frontier.Row{Job: job, Outcome: frontier.Failed, At: began.Add(-time.Duration(i) * time.Second)})
	}
	must(t, d.Commit(t.Context(), &b))
	s, err := d.Status(t.Context())
	must(t, err)
	if n := len(s.Failures); n != maxFailures || s.Failures[n-1].URL != "http://h.test/0" || s.Failures[0].URL != "http://h.test/9" {
		t.Errorf("of %d, %d are told: %v", failed, n, s.Failures)
	}
}

// A status for which a page is tried again is told of as well as an error.
func TestRecentStatuses(t *testing.T) {
	t.Parallel()
	var r Reporter
	job := frontier.Job{Trouble: "2026-11-01T00:00:00Z reset it was\n2026-11-01T00:00:01Z 503 Service Unavailable"}
	r.failed(&job, nil, true)
	if got := r.failures[0].Message; got != "503 Service Unavailable" {
		t.Errorf("it failed with %q", got)
	}
}

// What a crawl that was killed has left is not the status of whoever has the
// directory now, be it under the same number.
func TestStatusOfAKilledCrawl(t *testing.T) {
	dir := t.TempDir()
	must(t, open(t, dir).Close())
	must(t, (&Reporter{dir: dir}).write(&Status{Running: true, PID: 17}))
	if s, err := ReadStatus(dir, 17); err != nil || !s.Running {
		t.Errorf("the crawl's own status is %+v, %v", s, err)
	}
	if s, err := ReadStatus(dir, 18); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("to another process it is %+v, %v; want none", s, err)
	}
	open(t, dir)
	if _, err := os.Stat(statusFile(dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the next crawl leaves it there: %v", err)
	}
}

func open(t *testing.T, dir string) *Dir {
	t.Helper()
	d, err := Open(t.Context(), dir, NewConfig(nil, map[string][]string{}), Latest{})
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Hosts are counted by their names, not by the URLs that these are of.
func TestACountedHostKeepsNoURL(t *testing.T) {
	const hosts, size = 64, 256 << 10
	counted := make(names)
	kept := heaptest.Grown(counted, func() {
		for i := range 2 * hosts { // of one that is known the later URL is not kept either
			counted.add(weburl.FromCanonical(fmt.Sprintf("http://h%d/%s", i%hosts, strings.Repeat("a", size))).Host())
		}
	})
	if len(counted) != hosts || kept > hosts*size/2 {
		t.Errorf("%d hosts of URLs of %d KiB keep %d KiB", len(counted), size>>10, kept>>10)
	}
}
