package wire

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/crawler/frontier/spill"
)

// oneOffName is what the names of directories begin with that one-off crawls put
// their frontier in: not just "trawl-", as who tries trawl may name a --state.
const oneOffName = "trawl-one-off-"

// oneOff is the frontier of a crawl of which nothing is kept.
func oneOff(temp string) frontier.Store {
	return spill.New(spill.Limit, func() (frontier.Store, error) { return newTemporary(temp) })
}

// temporary is a store whose directory goes with it.
type temporary struct {
	*disk.Store
	dir string
}

func newTemporary(temp string) (*temporary, error) {
	sweep(temp)
	dir, err := os.MkdirTemp(temp, oneOffName)
	if err != nil {
		return nil, err
	}
	store, err := disk.Open(dir, disk.Options{})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &temporary{store, dir}, nil
}

func (t *temporary) Close() error { return errors.Join(t.Store.Close(), os.RemoveAll(t.dir)) }

// sweep removes what crawls have left that were killed, or that a second signal
// ended: gigabytes, it may be. Whether one still runs its lock tells, which the
// kernel takes back. What cannot be removed is left to who can.
func sweep(temp string) {
	entries, _ := os.ReadDir(temp)
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), oneOffName) {
			continue
		}
		if info, err := e.Info(); err == nil && own(info) {
			_ = disk.Discard(filepath.Join(temp, e.Name()))
		}
	}
}
