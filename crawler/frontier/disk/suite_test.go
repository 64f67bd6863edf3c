package disk_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
)

func TestSuite(t *testing.T) {
	frontiertest.Run(t, func(t *testing.T) func() frontier.Store {
		mem := vfs.NewMem()
		var last *disk.Store
		return func() frontier.Store {
			if last != nil {
				if err := last.Close(); err != nil {
					t.Fatal(err)
				}
			}
			last = open(t, "state", mem)
			return last
		}
	})
}

func open(t *testing.T, dir string, fs vfs.FS) *disk.Store {
	t.Helper()
	s, err := disk.Open(dir, disk.Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
