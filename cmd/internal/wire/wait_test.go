package wire

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A signal at a question that nobody answers is no mistake in the command line,
// and waits for no answer.
func TestAQuestionEndsWithTheContext(t *testing.T) {
	dir := unfinished(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	signal := errors.New("interrupt")
	unanswered := make(chan struct{})
	defer close(unanswered)
	s := &config.Settings{State: config.State{Dir: dir, Fresh: true}}
	err := mayClear(ctx, s, Console{Confirm: func(string) (bool, error) {
		cancel(signal)
		<-unanswered
		return false, nil
	}})
	if _, usage := errors.AsType[*config.UsageError](err); !errors.Is(err, signal) || usage {
		t.Errorf("%v (a mistake: %v); want %v", err, usage, signal)
	}
}

// Whoever looks into a directory for a moment, when --fresh is about to clear it,
// keeps the crawl from nothing.
func TestFreshWaitsForLookers(t *testing.T) {
	dir := unfinished(t)
	s := &config.Settings{State: config.State{Dir: dir, Fresh: true}}
	s.Output.Outs = []config.Out{{File: filepath.Join(t.TempDir(), "out.jsonl"), Format: "jsonl"}}
	c := &Crawl{}
	sink, err := c.begin(t.Context(), s, config.Seeds{}, Console{Confirm: func(string) (bool, error) {
		looker, err := disk.Read(dir, disk.Options{})
		time.AfterFunc(100*time.Millisecond, func() { _ = looker.Close() })
		return true, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sink.Close(), c.state.Close()); err != nil {
		t.Fatal(err)
	}
	if left, err := statedir.Unfinished(t.Context(), dir); left != 0 || err != nil {
		t.Errorf("%d URLs are left (%v): the directory was not cleared", left, err)
	}
}

// unfinished is the directory of a crawl that has a URL left to do.
func unfinished(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "state")
	d, err := statedir.Open(t.Context(), dir, statedir.Config{}, statedir.Latest{})
	if err != nil {
		t.Fatal(err)
	}
	left := frontier.Job{URL: weburl.FromCanonical("http://h.test/"), Key: frontier.Key{Seq: 1}}
	if err := errors.Join(d.Commit(t.Context(), &frontier.Batch{Put: []frontier.Job{left}}), d.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}
