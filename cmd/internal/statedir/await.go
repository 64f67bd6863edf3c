package statedir

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
)

// How long Await and Past leave the directory alone, between two looks at it.
const (
	awaitEvery = 200 * time.Millisecond
	pastEvery  = 20 * time.Millisecond
)

// Await calls do again until nobody else has the directory.
func Await(ctx context.Context, do func() error, say func(string)) error {
	err := do()
	if locked, ok := errors.AsType[*disk.LockedError](err); ok {
		say(locked.Error() + ": waiting")
	}
	return again(ctx, awaitEvery, err, do, func(*disk.LockedError) bool { return true })
}

// patience is longer than it takes to look at some ten million URLs.
const patience = 10 * time.Second

// Past calls do again while somebody else has the directory who has it for a
// moment, as trawl status has of a crawl that does not run: a crawl that runs
// tells its status, and is not waited for. Whoever watches a directory must not
// keep the next crawl out of it.
func Past(ctx context.Context, dir string, do func() error) error {
	until := time.Now().Add(patience)
	return again(ctx, pastEvery, do(), do, func(by *disk.LockedError) bool {
		_, err := ReadStatus(dir, by.PID)
		return errors.Is(err, fs.ErrNotExist) && time.Now().Before(until)
	})
}

// again calls do every so often, which gave err, while the directory is locked
// by one who is to be waited for.
func again(ctx context.Context, every time.Duration, err error, do func() error, wait func(*disk.LockedError) bool) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		locked, ok := errors.AsType[*disk.LockedError](err)
		if !ok || !wait(locked) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
		err = do()
	}
}
