package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
)

// A FullError is that a disk has less room than --min-free wants.
type FullError struct {
	Path       string
	Free, Want int64
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%d MiB are free where %q is, less than --min-free %d MiB; make room and run the same command again, it goes on where it stopped",
		e.Free>>20, e.Path, e.Want>>20)
}

// WatchRoom calls stop when a disk gets full, until ctx ends. It looks as
// often as the crawl commits: that is when it fills a disk.
func (c *Crawl) WatchRoom(ctx context.Context, stop func(error)) {
	if c.minFree == 0 || c.state == nil {
		return
	}
	ticker := time.NewTicker(c.Options.Timing.SyncEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := c.room(c.state.Path); err != nil {
			stop(err)
			return
		}
	}
}

// room returns a *FullError if there is too little of it for the state or an
// output.
func (c *Crawl) room(state string) error {
	if c.minFree == 0 {
		return nil
	}
	for _, path := range append([]string{state}, c.files...) {
		free, err := freeAt(path)
		if err == nil && free < c.minFree {
			return &FullError{path, free, c.minFree}
		}
	}
	return nil
}

// files are the outputs that take room: a pipe has none of its own, nor what
// the shell names /dev/fd/63.
func files(outs []config.Out) (names []string) {
	for _, out := range outs {
		if info, err := os.Stat(out.File); out.File != "-" && (err != nil || info.Mode().IsRegular()) {
			names = append(names, out.File)
		}
	}
	return names
}

// freeAt is the room at a path, or where it will be made. A file system that
// does not tell is not asked again: its errors come when it is full.
func freeAt(path string) (int64, error) {
	for {
		free, err := free(path)
		up := filepath.Dir(path)
		if err == nil || up == path || !errors.Is(err, errNoDir) {
			return free, err
		}
		path = up
	}
}
