package crawler_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/output/rotate"
)

// fullStore has no room for the records' marks after the first few.
type fullStore struct {
	*memory.Store
	room int
}

func (s *fullStore) Commit(ctx context.Context, b *frontier.Batch) error {
	if b.Mark != "" {
		if s.room--; s.room < 0 {
			return errors.New("no space left on device")
		}
	}
	return s.Store.Commit(ctx, b)
}

// Who takes files away that have their name gets each page once, also when the
// disk with the frontier was full and the records' was not.
func TestFilesOfACommitThatFailedAreNotComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, taken := t.TempDir(), ""
		store := memory.New().Remember()
		for _, room := range []int{1, 3, 1000} {
			sink := rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{Size: 1}, func(path string) (output.Sink, error) {
				return jsonl.Open(path, jsonl.Options{Mode: jsonl.Append})
			})
			o := options(parseWeb(t, before), nil, "http://h.test/")
			o.Sink, o.Store = sink, &fullStore{store, room}
			o.Again = crawler.Again{Rows: store, Notes: store}
			o.Concurrency, o.Timing.SyncEvery = 1, time.Microsecond
			if _, err := crawler.Run(t.Context(), o); (err != nil) != (room < 1000) {
				t.Fatalf("with room for %d commits: %v", room, err)
			}
			if err := sink.Close(); err != nil {
				t.Fatal(err)
			}
			taken += takeAway(t, dir)
		}
		for _, page := range strings.Fields("/ /same /edited /deleted /moves /deep /deeper /stamped") {
			if n := strings.Count(taken, fmt.Sprintf(`"url":"http://h.test%s"`, page)); n != 1 {
				t.Errorf("%s was in %d records that were taken away, want 1", page, n)
			}
		}
		if left, _ := filepath.Glob(dir + "/*"); len(left) > 0 {
			t.Errorf("left after the complete run: %q", left)
		}
	})
}

// takeAway returns what is in the files that are complete, and removes them.
func takeAway(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(dir + "/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err = errors.Join(err, os.Remove(name)); err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
