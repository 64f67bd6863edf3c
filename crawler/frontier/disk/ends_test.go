package disk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// visited commits n jobs, of which all but each seventh end, in no order, with
// their number as their status; each third of these has a visit before that.
func visited(t *testing.T, s *Store, n int) {
	t.Helper()
	var found, ended frontier.Batch
	for seq := 1; seq <= n; seq++ {
		j := frontiertest.Job("h", 0, uint64(seq))
		found.Put = append(found.Put, j)
		if seq%7 != 0 {
			ended.Rows = append(ended.Rows, frontier.Row{Job: j, Outcome: frontier.Fetched, Status: seq})
		}
	}
	before := frontier.Batch{Rows: slices.Clone(ended.Rows)}
	before.Rows = slices.DeleteFunc(before.Rows, func(r frontier.Row) bool { return r.Status%3 != 0 })
	for i := range before.Rows {
		before.Rows[i].Status = 1
	}
	r := rand.New(rand.NewPCG(1, 2))
	r.Shuffle(len(ended.Rows), func(i, j int) { ended.Rows[i], ended.Rows[j] = ended.Rows[j], ended.Rows[i] })
	commitAll(t, s, found, before, ended)
}

func commitAll(t *testing.T, s *Store, batches ...frontier.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Commit(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
}

func opened(t *testing.T, fs vfs.FS) *Store {
	t.Helper()
	s, err := Open("state", Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shut(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func rowsOf(t *testing.T, s *Store) (all []frontier.Row) {
	t.Helper()
	for r, err := range s.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func sameRows(t *testing.T, what string, want, got []frontier.Row) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b weburl.URL) bool { return a == b })); d != "" {
		t.Fatalf("%s (-want +got):\n%.2000s", what, d)
	}
}

// Outcomes come with their jobs, however few of them fit into memory at a time.
func TestEndsThatDoNotFitIntoMemory(t *testing.T) {
	const n = 5*endsRun/2 + 3
	s := opened(t, vfs.NewMem())
	defer shut(t, s)
	visited(t, s, n)
	for _, room := range []int64{1, 150_000, endsRoom} {
		e, err := s.readEnds(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e.room = room
		for seq := uint64(1); seq <= n+endsRun; seq++ {
			done, err := e.of(t.Context(), seq)
			if err != nil {
				t.Fatal(err)
			}
			var r frontier.Row
			if done != nil {
				if err := decode(&r, done, &s.seeds); err != nil {
					t.Fatal(err)
				}
			}
			want := int(seq)
			if seq > n || seq%7 == 0 {
				want = 0
			}
			if r.Status != want {
				t.Fatalf("room for %d bytes: job %d has the status %d, want %d", room, seq, r.Status, want)
			}
		}
	}
}

// What later visits replaced does not grow without end.
func TestReplacedOutcomesAreDropped(t *testing.T) {
	fs := vfs.NewMem()
	s := opened(t, fs)
	visited(t, s, 100)
	want := rowsOf(t, s)
	j := want[0].Job
	for visit := 1; visit <= 5; visit++ {
		b := frontier.Batch{Put: []frontier.Job{j}}
		for n := range endsMore / 4 {
			b.Rows = append(b.Rows, frontier.Row{Job: j, Outcome: frontier.Fetched, Status: n + visit})
		}
		want[0].Status = b.Rows[len(b.Rows)-1].Status
		commitAll(t, s, b)
	}
	if s.outcomes > endsMore/2 {
		t.Errorf("there are %d outcomes of 100 jobs", s.outcomes)
	}
	sameRows(t, "after many visits", want, rowsOf(t, s))
	shut(t, s)
	s = opened(t, fs)
	defer shut(t, s)
	sameRows(t, "opened again", want, rowsOf(t, s))
	commitAll(t, s, frontier.Batch{Rows: []frontier.Row{{Job: j, Outcome: frontier.Failed, Status: 7}}})
	want[0].Outcome, want[0].Status = frontier.Failed, 7
	sameRows(t, "after one more", want, rowsOf(t, s))
}

// A crash at every write of a tidy, and of what Pebble merges after it, leaves
// all that was there.
func TestCrashAtEveryWriteOfTidy(t *testing.T) {
	mem := vfs.NewCrashableMem()
	var mu sync.Mutex
	var crashes []*vfs.MemFS
	armed := false
	s := opened(t, errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if n := len(crashes); armed && op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			cfg := vfs.CrashCloneCfg{UnsyncedDataPercent: n % 3 * 50, RNG: rand.New(rand.NewPCG(1, uint64(n)))}
			crashes = append(crashes, mem.CrashClone(cfg))
		}
		return nil
	})))
	visited(t, s, 500)
	want := rowsOf(t, s)
	mu.Lock()
	armed = true
	mu.Unlock()
	if err := errors.Join(s.tidy(t.Context()), s.db.Compact(t.Context(), []byte{0}, []byte{0xff}, false)); err != nil {
		t.Fatal(err)
	}
	sameRows(t, "without a crash", want, rowsOf(t, s))
	shut(t, s)
	mu.Lock()
	defer mu.Unlock()
	if len(crashes) < 20 {
		t.Errorf("there were %d writes, too few to prove anything", len(crashes))
	}
	for n, clone := range crashes {
		s := opened(t, clone)
		sameRows(t, fmt.Sprintf("after a crash at write %d", n), want, rowsOf(t, s))
		shut(t, s)
	}
}

// An error at any file operation of a tidy ends the store, and nothing of what
// was there.
func TestErrorAtEveryOperationOfTidy(t *testing.T) {
	reached := true
	for at := 1; reached; at++ {
		mem := vfs.NewCrashableMem()
		var mu sync.Mutex
		ops, armed := 0, false
		s := opened(t, errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
			mu.Lock()
			defer mu.Unlock()
			if armed {
				ops++
			}
			if ops < at {
				return nil
			}
			return fmt.Errorf("%s: %w", op.Path, syscall.ENOSPC)
		})))
		visited(t, s, 300)
		want := rowsOf(t, s)
		mu.Lock()
		armed = true
		mu.Unlock()
		err := errors.Join(s.tidy(t.Context()), s.Close())
		mu.Lock()
		reached = ops >= at
		clone := mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: at % 3 * 50, RNG: rand.New(rand.NewPCG(2, uint64(at)))})
		mu.Unlock()
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("operation %d fails: the error is %q", at, err)
		}
		s = opened(t, clone)
		sameRows(t, fmt.Sprintf("after operation %d failed", at), want, rowsOf(t, s))
		shut(t, s)
	}
}

// downgrade has a directory be as format 1 left it.
func downgrade(t *testing.T, fs vfs.FS) {
	t.Helper()
	s := opened(t, fs)
	batch := s.db.NewBatch()
	err := s.eachEnd(t.Context(), nil, func(seq uint64, done []byte) {
		if err := batch.Set(numbered(nil, spaceDone, seq), done, nil); err != nil {
			t.Fatal(err)
		}
	})
	err = errors.Join(err, batch.DeleteRange([]byte{spaceEnds}, []byte{spaceEnds + 1}, nil), batch.Commit(pebble.Sync),
		s.Close(), writeFile(fs, "state", formatFile, []byte(formatWords+"1\n")))
	if err != nil {
		t.Fatal(err)
	}
}

func wantFormat(t *testing.T, fs vfs.FS, want int) {
	t.Helper()
	info, err := Inspect(t.Context(), "state", Options{FS: fs})
	if text, _ := readFile(fs, "state/"+formatFile); err != nil || info.Format != want || !strings.Contains(string(text), fmt.Sprint("format ", want)) {
		t.Errorf("the format is %d, %v, and FORMAT says %q; want %d", info.Format, err, text, want)
	}
}

// A directory of format 1 is read as it is, by who only looks; a crawl goes on
// in it, and Compact leaves nothing of the old.
func TestFormat1(t *testing.T) {
	fs := vfs.NewMem()
	s := opened(t, fs)
	visited(t, s, 100)
	want := rowsOf(t, s)
	shut(t, s)
	downgrade(t, fs)

	s, err := Read("state", Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	sameRows(t, "read", want, rowsOf(t, s))
	shut(t, s)
	wantFormat(t, fs, 1)

	s = opened(t, fs)
	again := want[0].Job
	again.Attempts = 1
	commitAll(t, s,
		frontier.Batch{Put: []frontier.Job{want[1].Job, again}},
		frontier.Batch{Rows: []frontier.Row{{Job: want[1].Job, Outcome: frontier.Fetched, Status: 304}}})
	want[0] = frontier.Row{Job: again}
	want[1].Status = 304
	sameRows(t, "gone on with", want, rowsOf(t, s))
	shut(t, s)
	wantFormat(t, fs, 2)

	if err := Compact(t.Context(), "state", Options{FS: fs}); err != nil {
		t.Fatal(err)
	}
	s = opened(t, fs)
	defer shut(t, s)
	sameRows(t, "compacted", want, rowsOf(t, s))
	it, err := s.space(spaceDone)
	if err != nil {
		t.Fatal(err)
	}
	if it.First() {
		t.Errorf("Compact left the outcome %q as it was in format 1", it.Key())
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
}

// A repair of format 1 is of this format.
func TestRepairOfFormat1(t *testing.T) {
	fs := vfs.NewMem()
	s := opened(t, fs)
	visited(t, s, 100)
	want := rowsOf(t, s)
	shut(t, s)
	downgrade(t, fs)
	if lost, err := Repair(t.Context(), "state", Options{FS: fs}); err != nil || len(lost) > 0 {
		t.Fatalf("Repair: %v, lost %q", err, lost)
	}
	wantFormat(t, fs, 2)
	s = opened(t, fs)
	defer shut(t, s)
	sameRows(t, "repaired", want, rowsOf(t, s))
}
