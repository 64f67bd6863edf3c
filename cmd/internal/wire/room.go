package wire

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// A FullError is that a disk has less room than --min-free wants.
type FullError struct {
	Dir        string
	Free, Want int64
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%d MiB are free where %q is, less than --min-free %d MiB; make room and run the same command again, it goes on where it stopped",
		e.Free>>20, e.Dir, e.Want>>20)
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

// room returns a *FullError if there is too little of it for the state or the
// output.
func (c *Crawl) room(state string) error {
	for _, dir := range []string{state, c.outDir} {
		if dir == "" || c.minFree == 0 {
			continue
		}
		free, err := freeAt(dir)
		if err == nil && free < c.minFree {
			return &FullError{dir, free, c.minFree}
		}
	}
	return nil
}

// freeAt is the room at a directory, or where it will be made. A file system
// that does not tell is not asked again: its errors come when it is full.
func freeAt(dir string) (int64, error) {
	for {
		free, err := free(dir)
		up := filepath.Dir(dir)
		if err == nil || up == dir || !errors.Is(err, errNoDir) {
			return free, err
		}
		dir = up
	}
}
