// Package statedir is the directory that --state names, as the commands see
// it: whose crawl it is, how that stands, and who may have it.
//
// The store in it is crawler/frontier/disk's. Beside the frontier it keeps two
// notes of this package (what decides which URLs belong to the crawl, and the
// latest settings that explain needs), and next to it lies status.json while a
// crawl runs.
package statedir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// ErrContradiction: the directory holds a crawl of other URLs.
var ErrContradiction = errors.New("the state directory is of another crawl")

// A Dir is a state directory that is open.
type Dir struct {
	*disk.Store
	Path   string
	Config Config            // of the crawl that is kept in it
	Latest Latest            // settings of its last run
	Runs   []crawler.Session // oldest first
	Mark   output.Mark
}

// Open opens the directory of the crawl that want describes, and makes one if
// there is none. A crawl that contradicts the one that is there is refused
// with ErrContradiction.
func Open(ctx context.Context, path string, want Config, now Latest) (*Dir, error) {
	store, err := disk.Open(path, disk.Options{})
	if err != nil {
		return nil, err
	}
	os.Remove(statusFile(path)) // of a crawl that was killed: our process may have its number
	d, err := read(ctx, path, store)
	if err == nil {
		err = d.settle(ctx, want, now)
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return d, nil
}

// Read opens a directory to look at, and changes nothing in it.
func Read(ctx context.Context, path string) (*Dir, error) {
	var store *disk.Store
	err := Past(ctx, path, func() (err error) {
		store, err = disk.Read(path, disk.Options{})
		return err
	})
	if err != nil {
		return nil, err
	}
	d, err := read(ctx, path, store)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return d, nil
}

func read(ctx context.Context, path string, store *disk.Store) (*Dir, error) {
	d := &Dir{Store: store, Path: path}
	state, err := store.State(ctx)
	if err != nil {
		return nil, err
	}
	d.Mark = state.Mark
	for key, to := range map[string]any{configNote: &d.Config, latestNote: &d.Latest, crawler.RunsNote: &d.Runs} {
		text, err := store.Note(ctx, key)
		if err == nil && text != nil {
			err = json.Unmarshal(text, to)
		}
		if err != nil {
			return nil, fmt.Errorf("state directory %q: note %q: %w", path, key, err)
		}
	}
	return d, nil
}

// settle compares the configuration with the stored one, or stores it.
func (d *Dir) settle(ctx context.Context, want Config, now Latest) error {
	b := frontier.Batch{Notes: []frontier.Note{note(latestNote, now)}}
	if d.Config.Settings == nil {
		b.Notes = append(b.Notes, note(configNote, want))
	} else if differs := d.Config.differs(&want); differs != "" {
		return fmt.Errorf("%w: %q: %s; run it as before, say --fresh to begin anew, or name another directory", ErrContradiction, d.Path, differs)
	}
	d.Config, d.Latest = want, now
	return d.Commit(ctx, &b)
}

// Session is the number of the run that begins when the crawl is taken up now.
func (d *Dir) Session() int {
	if len(d.Runs) == 0 {
		return 1
	}
	last := d.Runs[len(d.Runs)-1]
	if last.Complete {
		return last.Number + 1
	}
	return last.Number
}

// Ended tells whether the process before this one came to its last commit: all
// that it wrote is before the mark.
func (d *Dir) Ended() bool { return len(d.Runs) > 0 && !d.Runs[len(d.Runs)-1].Ended.IsZero() }

// Moves are where seeds have moved to.
func (d *Dir) Moves(ctx context.Context) (moves []weburl.URL, _ error) {
	var texts []string
	text, err := d.Note(ctx, crawler.WidenedNote)
	if err == nil && text != nil {
		err = json.Unmarshal(text, &texts)
	}
	for _, t := range texts {
		moves = append(moves, weburl.FromCanonical(t))
	}
	return moves, err
}

// Links returns a function that tells how many pages link to a URL, up to
// [frontier.MaxLinks].
func (d *Dir) Links(ctx context.Context) (func(*frontier.Job) int, error) {
	var finds frontier.Seen // of those that have not just one
	var counted [frontier.FindsParts]bool
	for part := range uint64(frontier.FindsParts) {
		content, err := d.Note(ctx, crawler.FindsNote(part))
		if err != nil {
			return nil, err
		}
		counted[part] = content != nil
		for fp, links := range frontier.Finds(content).All() {
			finds.Add(fp)
			finds.SetFinds(fp, links+1)
		}
	}
	return func(j *frontier.Job) int {
		fp := j.Fingerprint()
		n := finds.Finds(fp)
		switch {
		case n > 0:
			return n - 1
		case j.Via.IsZero() && !counted[fp%frontier.FindsParts]:
			return 0 // of a crawl that was killed before a count was kept
		}
		return 1
	}, nil
}

// Unfinished returns how many URLs wait in the directory; none do where there
// is no state, and -1 is unknown: the state cannot be read.
func Unfinished(ctx context.Context, path string) (int64, error) {
	info, err := disk.Inspect(ctx, path, disk.Options{})
	switch {
	case errors.Is(err, disk.ErrCorrupt), errors.Is(err, disk.ErrFormat):
		return -1, nil
	case errors.Is(err, disk.ErrForeign):
		return 0, nil // empty, or Open will say what is wrong with it
	}
	return info.Counts.Queued, err
}

// Clear forgets what a directory holds.
func Clear(path string) error {
	err := disk.Clear(path, disk.Options{})
	if errors.Is(err, disk.ErrForeign) {
		return nil // as in Unfinished
	}
	return err
}
