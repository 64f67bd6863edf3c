package disk_test

import (
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A store that has lost what says which of its files count is read from the
// files: tables, and logs that are in none yet. Nothing but that is lost.
func TestRepairWithoutTheListOfFiles(t *testing.T) {
	sound := vfs.NewMem()
	filled(t, sound, 1000)
	if err := disk.Compact(t.Context(), "state", disk.Options{FS: sound}); err != nil {
		t.Fatal(err)
	}
	s := open(t, "state", sound) // and now something that is in the log alone
	commitMore(t, s, 1000, 50)
	if err := s.Commit(t.Context(), &frontier.Batch{Mark: "later"}); err != nil { // synced, and with it the jobs
		t.Fatal(err)
	}
	crashed := vfs.NewMem()
	if _, err := vfs.Clone(sound, crashed, "state", "state"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := wantSound(t, sound)

	for name, harm := range map[string]func(t *testing.T, fs vfs.FS, file string){
		"damaged": func(t *testing.T, fs vfs.FS, file string) {
			content, err := fs.(*vfs.MemFS).UnsafeGetFileDataBuffer(file)
			if err != nil {
				t.Fatal(err)
			}
			for i := range content {
				content[i] ^= 0xff
			}
		},
		"gone": func(t *testing.T, fs vfs.FS, file string) {
			if err := fs.Remove(file); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, what := range []string{"MANIFEST-", "marker.manifest.", "marker.format-version."} {
			if name == "damaged" && what != "MANIFEST-" {
				continue // the others are empty
			}
			t.Run(what+" "+name, func(t *testing.T) {
				fs := vfs.NewMem()
				if _, err := vfs.Clone(crashed, fs, "state", "state"); err != nil {
					t.Fatal(err)
				}
				names, _ := fs.List("state/store")
				for _, file := range names {
					if strings.HasPrefix(file, what) {
						harm(t, fs, "state/store/"+file)
					}
				}
				problems, err := disk.Check(t.Context(), "state", disk.Options{FS: fs})
				if err != nil || len(problems) == 0 {
					t.Errorf("Check: %v, %q; want a problem", err, problems)
				}
				lost, err := disk.Repair(t.Context(), "state", disk.Options{FS: fs})
				if err != nil || len(lost) != 1 || !strings.Contains(lost[0], "list of its own files") {
					t.Fatalf("Repair: %v, lost %q", err, lost)
				}
				after := wantSound(t, fs)
				if d := cmp.Diff(before, after, cmp.Comparer(func(a, b weburl.URL) bool { return a == b })); d != "" {
					t.Errorf("%d rows, of %d (-before +after):\n%.2000s", len(after), len(before), d)
				}
			})
		}
	}
}
