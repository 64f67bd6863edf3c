package statedir

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
)

// Whoever looks into a directory for a moment is waited for, by crawls and by
// others who look; a crawl that runs is not, nor who wants it for long.
func TestPast(t *testing.T) {
	dir := t.TempDir()
	must(t, open(t, dir).Close())
	look := func() *disk.Store {
		t.Helper()
		s, err := disk.Read(dir, disk.Options{})
		must(t, err)
		return s
	}
	crawl := func() error {
		return Past(t.Context(), dir, func() error {
			d, err := Open(t.Context(), dir, NewConfig(nil, map[string][]string{}), Latest{})
			if err == nil {
				err = d.Close()
			}
			return err
		})
	}
	looker := look()
	time.AfterFunc(100*time.Millisecond, func() { _ = looker.Close() })
	must(t, crawl())

	looker = look()
	time.AfterFunc(100*time.Millisecond, func() { _ = looker.Close() })
	d, err := Read(t.Context(), dir)
	must(t, err)
	must(t, d.Close())

	looker = look()
	defer looker.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	signal := errors.New("interrupt")
	time.AfterFunc(100*time.Millisecond, func() { cancel(signal) })
	if _, err := Read(ctx, dir); !errors.Is(err, signal) {
		t.Errorf("a signal while it waits: %v", err)
	}

	must(t, (&Reporter{dir: dir}).write(&Status{Running: true, PID: os.Getpid()}))
	began := time.Now()
	if err := crawl(); !errors.Is(err, disk.ErrLocked) || time.Since(began) > patience/2 {
		t.Errorf("beside a crawl that runs: %v after %v, want ErrLocked at once", err, time.Since(began))
	}
}
