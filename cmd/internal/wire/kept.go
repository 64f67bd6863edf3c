package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/cmd/internal/statedir"
	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/rotate"
)

// ErrSkipped: another trawl works in the directory, and the user wants this
// run to be none then.
var ErrSkipped = errors.New("skipped")

// kept is where a crawl leaves something behind.
type kept struct {
	store frontier.Store
	again crawler.Again
	sink  output.Sink
}

// open opens the store and the output, each as the other one stands.
func (c *Crawl) open(ctx context.Context, s *config.Settings, seeds config.Seeds, console Console) (k kept, err error) {
	if s.State.Dir == "" {
		k.store = &store{oneOff(os.TempDir())}
		k.sink, err = openSink(ctx, s, console.Stdout, false)
		return k, err
	}
	c.minFree, c.files = s.State.MinFree, files(s.Output.Outs)
	if err := c.room(s.State.Dir); err != nil {
		return k, err
	}
	if s.State.Fresh {
		k.sink, err = c.begin(ctx, s, seeds, console)
	} else {
		k.sink, err = c.takeUp(ctx, s, seeds, console)
	}
	if err != nil {
		return k, err
	}
	k.store = &store{c.state}
	k.again = crawler.Again{
		Rows: archive{c.state}, Notes: archive{c.state},
		Policy: s.Revisit.Policy(), ChangedOnly: s.Revisit.ChangedOnly,
	}
	return k, nil
}

// takeUp opens the directory, and then the output as that says.
func (c *Crawl) takeUp(ctx context.Context, s *config.Settings, seeds config.Seeds, console Console) (output.Sink, error) {
	if err := c.openState(ctx, s, seeds, console); err != nil {
		return nil, err
	}
	sink := c.tagged(s)
	var err error
	if sink.next, err = openSink(ctx, s, console.Stdout, sink.resumes(c.state.Mark)); err != nil {
		return nil, errors.Join(err, c.state.Close())
	}
	return sink, nil
}

// begin opens the output first: a mistake in it must not cost the old state.
func (c *Crawl) begin(ctx context.Context, s *config.Settings, seeds config.Seeds, console Console) (output.Sink, error) {
	if err := mayClear(ctx, s, console); err != nil {
		return nil, err
	}
	next, err := openSink(ctx, s, console.Stdout, false)
	if err != nil {
		return nil, err
	}
	if err = awaited(ctx, s, console, func() error { return statedir.Clear(s.State.Dir) }); err == nil {
		err = c.openState(ctx, s, seeds, console)
	}
	if err != nil {
		return nil, errors.Join(err, next.Close())
	}
	sink := c.tagged(s)
	sink.next = next
	return sink, nil
}

func mayClear(ctx context.Context, s *config.Settings, console Console) error {
	var left int64
	err := awaited(ctx, s, console, func() (err error) {
		left, err = statedir.Unfinished(ctx, s.State.Dir)
		return err
	})
	if err != nil || left == 0 || s.State.Yes {
		return err
	}
	what := fmt.Sprintf("%q holds a crawl with %d URLs left to do", s.State.Dir, left)
	if left < 0 {
		what = fmt.Sprintf("%q holds a crawl that cannot be read", s.State.Dir)
	}
	yes, err := Wait(ctx, func() (bool, error) { return console.Confirm(what + ". Forget it?") })
	if err != nil || yes {
		return err
	}
	return usageError(fmt.Errorf("--fresh: %s; say --yes to forget it", what))
}

func (c *Crawl) openState(ctx context.Context, s *config.Settings, seeds config.Seeds, console Console) error {
	return awaited(ctx, s, console, func() (err error) {
		c.state, err = statedir.Open(ctx, s.State.Dir, statedir.NewConfig(seeds.URLs, s.Belonging()),
			latest(s))
		return err
	})
}

func latest(s *config.Settings) statedir.Latest {
	l := statedir.Latest{
		Depth: s.Reach.Depth, Policy: s.Revisit.Policy(), Traps: s.Reach.Traps.Mode, Skip: s.Data.Plan.Skip(), Follow: s.Data.Plan.Follows(),
	}
	if s.Politeness.Robots == crawler.RobotsObey {
		l.Agent = Token(s.Identity.UserAgent)
	}
	return l
}

// awaited does what needs the directory, as --if-running says.
func awaited(ctx context.Context, s *config.Settings, console Console, do func() error) error {
	var err error
	if s.State.IfRunning == config.IfRunningWait {
		err = statedir.Await(ctx, do, console.Say)
	} else {
		err = statedir.Past(ctx, s.State.Dir, do)
	}
	switch {
	case ctx.Err() != nil:
		return err
	case s.State.IfRunning == config.IfRunningSkip && errors.Is(err, disk.ErrLocked):
		return fmt.Errorf("%w: %w", ErrSkipped, err)
	}
	return stateError(err)
}

// Reporter is who tells `trawl status` of the crawl; nil if nothing is kept.
func (c *Crawl) Reporter() *statedir.Reporter {
	if c.state == nil {
		return nil
	}
	return c.state.NewReporter()
}

// A taggedSink has the crawl's mark say of which output it is, and of which
// run: another output begins at its own beginning, and not at a mark of the
// last one.
type taggedSink struct {
	next    output.Sink
	name    string
	session int
	anew    bool // --append or --overwrite: a new run does not go on where the last one ended
	behind  bool // --append: what is behind the mark is not ours, but of who wrote there since
}

func (c *Crawl) tagged(s *config.Settings) *taggedSink {
	names := make([]string, len(s.Output.Outs))
	for i, out := range s.Output.Outs {
		names[i] = out.File
		if abs, err := filepath.Abs(out.File); err == nil && out.File != "-" {
			names[i] = abs
		}
	}
	name := strings.Join(names, "\n")
	if s.Output.Rotate != (rotate.When{}) {
		name += " (rotated)"
	}
	return &taggedSink{
		name: name, session: c.state.Session(),
		anew:   s.Output.Append || s.Output.Overwrite,
		behind: s.Output.Append && c.state.Ended(),
	}
}

// tag is the mark that the crawl keeps.
type tag struct {
	Output  string      `json:"output"`
	Session int         `json:"session"`
	Mark    output.Mark `json:"mark"`
}

// resumes tells whether a mark is of this output, so that it goes on there.
func (s *taggedSink) resumes(mark output.Mark) bool { return s.inner(mark) != "" }

func (s *taggedSink) inner(mark output.Mark) output.Mark {
	var t tag
	if json.Unmarshal([]byte(mark), &t) != nil || t.Output != s.name || s.behind || s.anew && t.Session != s.session {
		return ""
	}
	return t.Mark
}

func (s *taggedSink) Rewind(ctx context.Context, to output.Mark) error {
	return s.next.Rewind(ctx, s.inner(to))
}

func (s *taggedSink) Write(ctx context.Context, r *output.Record) error {
	return resumable(s.next.Write(ctx, r))
}

func (s *taggedSink) Flush(ctx context.Context) (output.Mark, error) {
	mark, err := s.next.Flush(ctx)
	if err != nil {
		return "", resumable(err)
	}
	text, err := json.Marshal(tag{s.name, s.session, mark})
	return output.Mark(text), err
}

func (s *taggedSink) Close() error { return s.next.Close() }

// resumable adds what helps when the disk is full.
func resumable(err error) error {
	if output.DiskFull(err) {
		return fmt.Errorf("%w; make room and run the same command again, it goes on from the last commit", err)
	}
	return err
}

func usageError(err error) error {
	if err == nil {
		return nil
	}
	return &config.UsageError{Err: err}
}
