package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
)

func put(t *testing.T, fs vfs.FS, path, text string) {
	t.Helper()
	f, err := fs.Create(path, vfs.WriteCategoryUnspecified)
	if err == nil {
		_, err = f.Write([]byte(text))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNoStateDirectoryIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       error
		says       string
	}{
		"somebody's files":      {"thesis.txt", "", disk.ErrForeign, `has a file "thesis.txt"`},
		"somebody's FORMAT":     {"FORMAT", "A4", disk.ErrForeign, `says "A4"`},
		"a newer trawl's":       {"FORMAT", "trawl state, format 3\n", disk.ErrFormat, "newer trawl (format 3, this one knows 2)"},
		"an older trawl's":      {"FORMAT", "trawl state, format 0\n", disk.ErrFormat, "older trawl (format 0, this one knows 1 to 2)"},
		"a format that is torn": {"FORMAT", "", disk.ErrForeign, `says ""`},
	} {
		t.Run(name, func(t *testing.T) {
			fs := vfs.NewMem()
			if err := fs.MkdirAll("state", 0o755); err != nil {
				t.Fatal(err)
			}
			put(t, fs, "state/"+c.file, c.text)
			_, err := disk.Open("state", disk.Options{FS: fs})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Open: %v, want %q and %q", err, c.want, c.says)
			}
			if names, _ := fs.List("state/store"); len(names) > 0 {
				t.Errorf("a refused directory got a store: %v", names)
			}
		})
	}
}

// A state directory that has lost its FORMAT alone loses nothing else by a repair;
// one that was never trawl's stays as it is.
func TestRepairOfTheFormat(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(fs vfs.FS) error
		want error
	}{
		"torn":        {func(fs vfs.FS) error { put(t, fs, "state/FORMAT", ""); return nil }, nil},
		"damaged":     {func(fs vfs.FS) error { put(t, fs, "state/FORMAT", "tra\x00l st\xff"); return nil }, nil},
		"gone":        {func(fs vfs.FS) error { return fs.Remove("state/FORMAT") }, nil},
		"a newer one": {func(fs vfs.FS) error { put(t, fs, "state/FORMAT", "trawl state, format 3\n"); return nil }, disk.ErrFormat},
		"somebody else's": {func(fs vfs.FS) error {
			put(t, fs, "state/FORMAT", "A4")
			return fs.Remove("state/LOCK")
		}, disk.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			fs := vfs.NewMem()
			filled(t, fs, 100)
			before := wantSound(t, fs)
			if err := c.harm(fs); err != nil {
				t.Fatal(err)
			}
			lost, err := disk.Repair(t.Context(), "state", disk.Options{FS: fs})
			if c.want != nil {
				if !errors.Is(err, c.want) || len(lost) > 0 {
					t.Errorf("Repair: %v, lost %q; want %v", err, lost, c.want)
				}
				return
			}
			if err != nil || len(lost) != 1 || !strings.HasPrefix(lost[0], "FORMAT, which said ") {
				t.Fatalf("Repair: %v, lost %q; want the format alone", err, lost)
			}
			if after := wantSound(t, fs); !slices.Equal(before, after) {
				t.Errorf("%d rows are left of %d, or others", len(after), len(before))
			}
		})
	}
}

func TestAFileIsNoStateDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "in")} {
		_, opened := disk.Open(dir, disk.Options{})
		_, looked := disk.Read(dir, disk.Options{})
		for hint, err := range map[string]error{"name an empty or a new directory": opened, "name one that --state has made": looked} {
			if !errors.Is(err, disk.ErrForeign) || !strings.HasSuffix(err.Error(), "is a file, or in one; "+hint) {
				t.Errorf("%s: %v, want %q", dir, err, hint)
			}
		}
	}
}

func TestADirectoryInUseNamesItsProcess(t *testing.T) {
	dir := t.TempDir()
	s, err := disk.Open(dir, disk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = disk.Open(dir, disk.Options{})
	if locked, ok := errors.AsType[*disk.LockedError](err); !ok || locked.PID != os.Getpid() || !errors.Is(err, disk.ErrLocked) {
		t.Errorf("Open of a directory in use: %v, want a LockedError with PID %d", err, os.Getpid())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, nil)
}

// What a killed process leaves is a PID nobody holds the lock for.
func TestAStaleLockIsNoLock(t *testing.T) {
	fs := vfs.NewMem()
	if err := open(t, "state", fs).Close(); err != nil {
		t.Fatal(err)
	}
	put(t, fs, "state/PID", "99999999\n")
	put(t, fs, "state/LOCK", "")
	open(t, "state", fs)
}

func TestErrorsHint(t *testing.T) {
	for errno, hint := range map[syscall.Errno]string{
		syscall.ENOSPC: "make room and run the same command again",
		syscall.EROFS:  "must be writable",
		syscall.EACCES: "must be writable",
		syscall.EIO:    "copy the directory to another disk",
	} {
		fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
			if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
				return errno
			}
			return nil
		}))
		_, err := disk.Open("state", disk.Options{FS: fs})
		if !errors.Is(err, errno) || !strings.Contains(err.Error(), hint) || !strings.Contains(err.Error(), `"state"`) {
			t.Errorf("%v: Open says %q, want the directory and %q", errno, err, hint)
		}
	}
}

// A crash leaves a log, whose content goes into tables when the directory is
// opened. Where they cannot be written, that is an error, and no wait for ever.
func TestOpenWhereThereIsNoRoomForTables(t *testing.T) {
	mem := vfs.NewCrashableMem()
	s := open(t, "state", mem)
	commitMore(t, s, 0, 100)
	after := mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: newRand(1)})
	var room atomic.Bool
	fs := errorfs.Wrap(after, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpFileWrite && strings.HasSuffix(op.Path, ".sst") && !room.Load() {
			return syscall.ENOSPC
		}
		return nil
	}))
	opened := make(chan error, 1)
	go func() {
		_, err := disk.Open("state", disk.Options{FS: fs})
		opened <- err
	}()
	select {
	case err := <-opened:
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make room and run the same command again") {
			t.Errorf("Open says %q, want that there is no room", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("Open does not end")
	}
	room.Store(true) // for what goes on trying to come to its end
}

// A directory that cannot be written can be looked at, and not worked in.
func TestADirectoryThatCannotBeWritten(t *testing.T) {
	for errno, hint := range map[syscall.Errno]string{
		syscall.EROFS:  "must be writable",
		syscall.ENOSPC: "make room",
	} {
		t.Run(errno.Error(), func(t *testing.T) { lookedAt(t, errno, hint) })
	}
}

func lookedAt(t *testing.T, errno syscall.Errno, hint string) {
	mem := vfs.NewMem()
	filled(t, mem, 100)
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			return errno
		}
		return nil
	}))
	o := disk.Options{FS: fs}
	if info, err := disk.Inspect(t.Context(), "state", o); err != nil || info.Counts.Known != 110 {
		t.Errorf("Inspect: %+v, %v", info, err)
	}
	if problems, err := disk.Check(t.Context(), "state", o); err != nil || len(problems) > 0 {
		t.Errorf("Check: %q, %v", problems, err)
	}
	s, err := disk.Read("state", o)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(rows(t, s)); n != 110 {
		t.Errorf("%d rows, want 110", n)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := disk.Open("state", o); !errors.Is(err, errno) || !strings.Contains(err.Error(), hint) {
		t.Errorf("Open: %v", err)
	}
}
