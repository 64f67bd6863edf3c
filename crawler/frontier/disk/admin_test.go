package disk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// filled is a directory with n jobs of three hosts, of which a third is
// fetched, one of each hundred was tried twice, and n/10 skipped URLs.
func filled(t *testing.T, fs vfs.FS, n int) {
	t.Helper()
	s := open(t, "state", fs)
	commitMore(t, s, 0, n)
	last := frontier.Batch{Mark: "mark", Notes: []frontier.Note{{Key: "runs", Value: []byte("[]")}}}
	if err := s.Commit(t.Context(), &last); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// commitMore commits n jobs from number first on, each in a batch of its own.
func commitMore(t *testing.T, s *disk.Store, first, n int) {
	t.Helper()
	for i := first; i < first+n; i++ {
		j := frontiertest.Job(fmt.Sprintf("h%d", i%3), uint32(i/100), uint64(i+1))
		j.Via = frontiertest.URL(fmt.Sprintf("http://h0/via/%d", i/10))
		b := frontier.Batch{Put: []frontier.Job{j}}
		if i%100 == 1 {
			j.Attempts = 1
			b.Put = append(b.Put, j)
		}
		if i%3 == 0 {
			b.Rows = append(b.Rows, frontier.Row{Job: j, Outcome: frontier.Fetched, Status: 200, At: time.Unix(1e9, 7).UTC()})
		}
		if i%10 == 0 {
			out := frontier.Job{URL: frontiertest.URL(fmt.Sprintf("http://out/%d", i)), Via: j.URL, Depth: 3}
			b.Rows = append(b.Rows, frontier.Row{Job: out, Outcome: frontier.Skipped, Skip: frontier.Skip{Rule: "scope", Final: true}})
		}
		if err := s.Commit(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
}

func rows(t *testing.T, s *disk.Store) (all []frontier.Row) {
	t.Helper()
	for r, err := range s.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// wantSound checks that a directory has no problem and returns its rows.
func wantSound(t *testing.T, fs vfs.FS) []frontier.Row {
	t.Helper()
	problems, err := disk.Check(t.Context(), "state", disk.Options{FS: fs})
	if err != nil || len(problems) > 0 {
		t.Fatalf("Check: %v, %d problems: %.1000q", err, len(problems), problems)
	}
	s := open(t, "state", fs)
	all := rows(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestInspectCounts(t *testing.T) {
	fs := vfs.NewMem()
	filled(t, fs, 300)
	s, sitemap := open(t, "state", fs), frontiertest.Job("h0", 0, 1000)
	sitemap.Kind = frontier.Sitemap
	if err := errors.Join(s.Commit(t.Context(), &frontier.Batch{Put: []frontier.Job{sitemap}, Mark: "mark"}), s.Close()); err != nil {
		t.Fatal(err)
	}
	info, err := disk.Inspect(t.Context(), "state", disk.Options{FS: fs})
	info.Size = min(info.Size, 1)
	want := disk.Info{Format: 2, Size: 1, Hosts: 3, Sitemaps: 1, Mark: "mark", Counts: frontier.Counts{Known: 330, Queued: 200, Fetched: 100, Skipped: 30}}
	if err != nil || info != want {
		t.Errorf("Inspect: %+v, %v; want %+v", info, err, want)
	}
}

// Compacting and repairing a sound directory change nothing that can be read.
func TestCompactAndRepairKeepEverything(t *testing.T) {
	fs := vfs.NewMem()
	filled(t, fs, 1000)
	before := wantSound(t, fs)
	if err := disk.Compact(t.Context(), "state", disk.Options{FS: fs}); err != nil {
		t.Fatal(err)
	}
	compacted := wantSound(t, fs)
	lost, err := disk.Repair(t.Context(), "state", disk.Options{FS: fs})
	if err != nil || len(lost) > 0 {
		t.Fatalf("Repair: %v, lost %q", err, lost)
	}
	for name, after := range map[string][]frontier.Row{"compacted": compacted, "repaired": wantSound(t, fs)} {
		if d := cmp.Diff(before, after, cmp.Comparer(func(a, b weburl.URL) bool { return a == b })); d != "" {
			t.Errorf("%s (-before +after):\n%.2000s", name, d)
		}
	}
	s := open(t, "state", fs)
	if note, err := s.Note(t.Context(), "runs"); string(note) != "[]" {
		t.Errorf("the note is %q, %v after a repair", note, err)
	}
	state, err := s.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if backlog, err := state.Backlog(t.Context()); err != nil || state.Mark != "mark" || backlog["h1"] == 0 {
		t.Errorf("the state is %+v, %v after a repair", state, err)
	}
}

// Bytes that are turned over anywhere in a table are found, and all of the
// rest is kept.
func TestDamageIsFoundAndRepaired(t *testing.T) {
	sound := vfs.NewMem()
	const n = 2000
	filled(t, sound, n)
	if err := disk.Compact(t.Context(), "state", disk.Options{FS: sound}); err != nil {
		t.Fatal(err)
	}
	before := wantSound(t, sound)
	tables := 0
	names, _ := sound.List("state/store")
	for _, name := range names {
		if !strings.HasSuffix(name, ".sst") {
			continue
		}
		tables++
		for _, part := range []int{0, 1, 2} {
			t.Run(fmt.Sprintf("%s at %d/3", name, part), func(t *testing.T) { damage(t, sound, name, part, before) })
		}
	}
	if tables < 3 {
		t.Errorf("%d tables were damaged, want one of each space", tables)
	}
}

func damage(t *testing.T, sound *vfs.MemFS, name string, part int, before []frontier.Row) {
	fs := vfs.NewMem()
	if _, err := vfs.Clone(sound, fs, "state", "state"); err != nil {
		t.Fatal(err)
	}
	content, err := fs.UnsafeGetFileDataBuffer("state/store/" + name)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)*part/3] ^= 0xff
	problems, err := disk.Check(t.Context(), "state", disk.Options{FS: fs})
	if err != nil || len(problems) == 0 {
		t.Errorf("Check: %v, %q; want a problem", err, problems)
	}
	if _, err := disk.Repair(t.Context(), "state", disk.Options{FS: fs}); err != nil {
		t.Fatalf("Repair: %v", err)
	}
	known := make(map[weburl.URL]frontier.Row)
	for _, r := range before {
		known[r.Job.URL] = r
	}
	after := wantSound(t, fs)
	for _, r := range after {
		was := known[r.Job.URL]
		was.Job.Attempts = r.Job.Attempts // they are of what came after the job was found
		if was.Job.Seed != r.Job.Seed && r.Job.Seed.IsZero() {
			was.Job.Seed = r.Job.Seed // their texts are in a table of their own
		}
		if was.Job != r.Job || r.Outcome != was.Outcome && r.Outcome != frontier.Pending {
			t.Fatalf("after the repair there is\n%+v\nit was\n%+v", r, was)
		}
	}
	if len(after) < len(before)/2 {
		t.Errorf("%d rows of %d are left after one byte was damaged", len(after), len(before))
	}
}

func TestRowTellsOfAnyURL(t *testing.T) {
	s := open(t, "state", vfs.NewMem())
	found, again := frontiertest.Job("h", 1, 1), frontiertest.Job("h", 1, 2)
	again.Attempts = 2
	passed := frontier.Job{URL: frontiertest.URL("http://h/deep"), Depth: 9}
	nearer := passed
	nearer.Depth, nearer.Key = 1, frontier.Key{Depth: 1, Seq: 3}
	long := frontier.Job{URL: frontiertest.URL("http://h/" + strings.Repeat("x", 100_000))}
	ended := frontier.Row{
		Job: found, Outcome: frontier.Failed, At: time.Unix(1e9, 1).UTC(), Error: "dns", Message: "no such host",
		Visit: recrawl.Visit{At: time.Unix(1e9, 1).UTC(), Interval: time.Hour, Status: 200, Fails: 1, Gone: true, ETag: "e", LastModified: "m", Body: 1, Text: 1 << 63, Data: 1 << 62, Plan: 1 << 31},
	}
	for _, b := range []frontier.Batch{
		{Put: []frontier.Job{found, frontiertest.Job("h", 1, 2)}},
		{Put: []frontier.Job{again}, Rows: []frontier.Row{ended, {Job: passed, Outcome: frontier.Skipped, Skip: frontier.Skip{Rule: "depth", Detail: "3"}}}},
		{Rows: []frontier.Row{{Job: long, Outcome: frontier.Skipped, Skip: frontier.Skip{Rule: "length", Final: true}}}},
		{Put: []frontier.Job{nearer}},
	} {
		if err := s.Commit(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []frontier.Row{
		ended, {Job: again}, {Job: nearer},
		{Job: long, Outcome: frontier.Skipped, Skip: frontier.Skip{Rule: "length", Final: true}},
	} {
		got, ok, err := s.Row(t.Context(), want.Job.URL)
		if err != nil || !ok || got != want {
			t.Errorf("Row: %+v, %v, %v\nwant %+v", got, ok, err, want)
		}
	}
	if r, ok, err := s.Row(t.Context(), frontiertest.URL("http://h/never")); ok || err != nil {
		t.Errorf("Row of a URL never seen: %+v, %v, %v", r, ok, err)
	}
}

// A page is visited again under the key that it has, and has one row.
func TestARevisitKeepsItsKey(t *testing.T) {
	s := open(t, "state", vfs.NewMem())
	j := frontiertest.Job("h", 0, 1)
	visit := recrawl.Visit{Status: 200, ETag: "e"}
	due := j
	due.Last = &visit
	for _, b := range []frontier.Batch{
		{Put: []frontier.Job{j}},
		{Rows: []frontier.Row{{Job: j, Outcome: frontier.Fetched, Status: 200, Visit: visit}}},
		{Put: []frontier.Job{due}},
	} {
		if err := s.Commit(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	page, err := s.Page(t.Context(), "h", frontier.Key{}, 9)
	if err != nil || len(page) != 1 || page[0].Last == nil || *page[0].Last != visit {
		t.Errorf("Page: %+v, %v; want the job with its last visit", page, err)
	}
	if all := rows(t, s); len(all) != 1 || all[0].Outcome != frontier.Pending {
		t.Errorf("rows while it waits: %+v, want one, pending", all)
	}
	b := frontier.Batch{Rows: []frontier.Row{{Job: due, Outcome: frontier.Fetched, Status: 304, Visit: visit}}}
	if err := s.Commit(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if all := rows(t, s); len(all) != 1 || all[0].Status != 304 {
		t.Errorf("rows after the second visit: %+v, want one, 304", all)
	}
	due.Key.Seq = 7
	if err := s.Commit(t.Context(), &frontier.Batch{Put: []frontier.Job{due}}); err == nil || !strings.Contains(err.Error(), "keeps the key") {
		t.Errorf("a revisit under a new key: %v, want it refused", err)
	}
}

func TestPausesThatAreNotOverAreKept(t *testing.T) {
	s := open(t, "state", vfs.NewMem())
	later := time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()
	b := frontier.Batch{Hosts: []frontier.HostState{
		{Host: "h", PausedUntil: later, Why: "asked for less"}, {Host: "over", PausedUntil: time.Unix(1e9, 0)},
	}}
	if err := s.Commit(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	state, err := s.State(t.Context())
	if err != nil || len(state.Hosts) != 1 || state.Hosts[0] != b.Hosts[0] {
		t.Errorf("State: %+v, %v; want the pause of h alone", state, err)
	}
}
