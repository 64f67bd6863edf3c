package disk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/link"
)

const sitePages = 90

// linksOf is the made-up site of these tests: most pages are on one host, so
// that its queue does not fit into memory; every fifth page takes two tries.
func linksOf(n int) (links []link.Link) {
	for _, to := range []int{2*n + 1, 2*n + 2, 3*n + 1, 5 * n, n - 1} {
		if to >= 0 && to < sitePages {
			links = append(links, link.Link{URL: frontiertest.URL(pageURL(to))})
		}
	}
	return links
}

func pageURL(n int) string {
	if n%7 == 0 {
		return fmt.Sprintf("http://other%d.example/%d", n%3, n)
	}
	return fmt.Sprintf("http://site.example/%d", n)
}

// file is an output that is rewound to a mark, as a file sink is.
type file struct {
	mu        sync.Mutex
	records   []string
	committed int // records at the last commit that returned
}

func (f *file) write(url string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.records = append(f.records, url)
}

func (f *file) snapshot() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.records)
}

// commit has the queue commit what is in the file.
func (f *file) commit(ctx context.Context, q *frontier.Queue) error {
	n := len(f.snapshot())
	err := q.Commit(ctx, output.Mark(strconv.Itoa(n)))
	if err == nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.committed = n
	}
	return err
}

// crashed is the file after a crash: all that was written, since a record that
// is torn is beyond the mark as well.
func (f *file) crashed() *file {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &file{records: slices.Clone(f.records), committed: f.committed}
}

// rewind drops what came after the mark. What was committed must be before it.
func (f *file) rewind(to output.Mark) error {
	n := 0
	if to != "" {
		n, _ = strconv.Atoi(string(to))
	}
	if n > len(f.records) || n < f.committed {
		return fmt.Errorf("the store has the mark %d, the file %d records, %d of them committed", n, len(f.records), f.committed)
	}
	f.records = f.records[:n]
	return nil
}

// crawlSite crawls the site from what the directory holds to its end, with a
// commit every three pages.
func crawlSite(ctx context.Context, fs vfs.FS, out *file) (err error) {
	s, err := disk.Open("state", disk.Options{FS: fs})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	q, mark, err := frontier.Open(ctx, s, frontier.Options{})
	if err != nil {
		return err
	}
	if err := out.rewind(mark); err != nil {
		return err
	}
	q.Add([]frontier.Candidate{frontier.Seed(frontiertest.URL(pageURL(1)))})
	for n := 1; ; n++ {
		l, err := q.Next(ctx)
		if errors.Is(err, frontier.ErrDrained) {
			break
		}
		if err != nil {
			return err
		}
		fetch(q, l, out)
		if n%3 == 0 {
			if err := out.commit(ctx, q); err != nil {
				return err
			}
		}
	}
	if off := q.Stats().Counts.Conserved(); off != 0 {
		return fmt.Errorf("the law of conservation is off by %d", off)
	}
	return out.commit(ctx, q)
}

func fetch(q *frontier.Queue, l *frontier.Lease, out *file) {
	l.Ended(frontier.Exchange{Health: frontier.Healthy})
	n, _ := strconv.Atoi(strings.TrimPrefix(l.Job.URL.Path(), "/"))
	if n%5 == 0 && l.Job.Attempts == 0 {
		l.Job.Attempts++
		q.Done(l, &frontier.Done{Outcome: frontier.Pending})
		return
	}
	out.write(l.Job.URL.String())
	q.Done(l, &frontier.Done{Outcome: frontier.Fetched, Status: 200, Links: linksOf(n)})
}

// wantWhole checks that the output has each page once.
func wantWhole(t *testing.T, what string, out *file) {
	t.Helper()
	got := slices.Sorted(slices.Values(out.records))
	var want []string
	for n := range sitePages {
		want = append(want, pageURL(n))
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: the output has %d records of %d pages, %d different:\n%s", what, len(got), sitePages,
			len(slices.Compact(slices.Clone(got))), strings.Join(got, "\n"))
	}
}

// crash is what a crash leaves behind.
type crash struct {
	what string
	disk *vfs.MemFS
	out  *file
}

// A crash at every write of a crawl, of what was synced alone, of about half
// of the rest and of all of it, leaves a directory from which the crawl goes on
// to the same result.
func TestCrashAtEveryWrite(t *testing.T) {
	mem, out := vfs.NewCrashableMem(), new(file)
	var mu sync.Mutex
	var crashes []crash
	writes := 0
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			mu.Lock()
			defer mu.Unlock()
			writes++
			percent := []int{0, 50, 100}[writes%3]
			clone := mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: newRand(uint64(writes))})
			crashes = append(crashes, crash{fmt.Sprintf("write %d, %d %% of what was not synced", writes, percent), clone, out.crashed()})
		}
		return nil
	}))
	if err := crawlSite(t.Context(), fs, out); err != nil {
		t.Fatal(err)
	}
	wantWhole(t, "without a crash", out)
	mu.Lock()
	defer mu.Unlock()
	if len(crashes) < 100 {
		t.Fatalf("the crawl made %d writes, too few to prove anything", len(crashes))
	}
	for _, c := range crashes {
		if err := crawlSite(t.Context(), c.disk, c.out); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		wantWhole(t, c.what, c.out)
	}
}

// An error at every file operation, for once or from then on, ends the crawl
// with a sentence that names the directory, and the directory can be opened
// and the crawl finished after it.
func TestErrorAtEveryOperation(t *testing.T) {
	for name, lasting := range map[string]bool{"once": false, "from then on": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reached := true
			for at := 1; reached; at++ {
				reached = failAt(t, at, lasting)
			}
		})
	}
}

func failAt(t *testing.T, at int, lasting bool) (reached bool) {
	mem, out := vfs.NewCrashableMem(), new(file)
	var mu sync.Mutex
	ops := 0
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		mu.Lock()
		defer mu.Unlock()
		ops++
		if ops == at || lasting && ops > at {
			reached = true
			return fmt.Errorf("%s: %w", op.Path, syscall.ENOSPC)
		}
		return nil
	}))
	ended := make(chan error, 1)
	go func() { ended <- crawlSite(t.Context(), fs, out) }()
	select {
	case err := <-ended:
		if err != nil && (!errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "state")) {
			t.Errorf("operation %d fails: the error is %q", at, err)
		}
	case <-time.After(time.Minute):
		t.Fatalf("operation %d fails: the crawl hangs", at)
	}
	mu.Lock()
	defer mu.Unlock()
	percent := at % 3 * 50
	what := fmt.Sprintf("after operation %d failed, %d %% of what was not synced", at, percent)
	after := out.crashed()
	clone := mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: newRand(uint64(at))})
	if err := crawlSite(t.Context(), clone, after); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	wantWhole(t, what, after)
	return reached
}
