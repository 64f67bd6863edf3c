package wire

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A signal at a question that nobody answers is no mistake in the command line,
// and waits for no answer.
func TestAQuestionEndsWithTheContext(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	d, err := statedir.Open(t.Context(), dir, statedir.Config{}, statedir.Latest{})
	if err != nil {
		t.Fatal(err)
	}
	left := frontier.Job{URL: weburl.FromCanonical("http://h.test/"), Key: frontier.Key{Seq: 1}}
	if err := errors.Join(d.Commit(t.Context(), &frontier.Batch{Put: []frontier.Job{left}}), d.Close()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	signal := errors.New("interrupt")
	unanswered := make(chan struct{})
	defer close(unanswered)
	s := &config.Settings{State: config.State{Dir: dir, Fresh: true}}
	err = mayClear(ctx, s, Console{Confirm: func(string) (bool, error) {
		cancel(signal)
		<-unanswered
		return false, nil
	}})
	if _, usage := errors.AsType[*config.UsageError](err); !errors.Is(err, signal) || usage {
		t.Errorf("%v (a mistake: %v); want %v", err, usage, signal)
	}
}
