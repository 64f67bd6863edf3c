package disk

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
)

// Info is what a state directory holds.
type Info struct {
	Format   int // version
	Size     int64
	Counts   frontier.Counts // pages and assets; nothing is leased
	Sitemaps int
	Hosts    int // of what is not skipped
	Mark     output.Mark
}

// Inspect counts what a state directory holds. Nobody else may have it open.
func Inspect(ctx context.Context, dir string, o Options) (Info, error) {
	s, err := openHome(dir, looking(o), false, nil, readOnly)
	if err != nil {
		return Info{}, explain(dir, err)
	}
	info, err := s.inspect(ctx)
	return info, explain(dir, errors.Join(err, s.Close()))
}

func readOnly(p *pebble.Options) { p.ReadOnly = true }

func (s *Store) inspect(ctx context.Context) (Info, error) {
	mark, err := s.get([]byte(keyMark))
	if err != nil {
		return Info{}, err
	}
	info := Info{Format: s.home.format, Size: int64(s.db.Metrics().DiskSpaceUsage()), Mark: output.Mark(mark)}
	hosts := make(map[string]struct{})
	err = s.walk(ctx, func(e *entry) (bool, error) {
		info.count(e.state)
		if e.state.outcome() == frontier.Skipped {
			return true, nil
		}
		host := e.host()
		if _, known := hosts[string(host)]; !known {
			hosts[string(host)] = struct{}{}
		}
		return true, nil
	})
	info.Hosts = len(hosts)
	return info, err
}

func (i *Info) count(s state) {
	if s.kind() == frontier.Sitemap {
		i.Sitemaps++
		return
	}
	i.Counts.Known++
	switch s.outcome() {
	case frontier.Fetched:
		i.Counts.Fetched++
	case frontier.Failed:
		i.Counts.Failed++
	case frontier.Skipped:
		i.Counts.Skipped++
	default:
		i.Counts.Queued++
	}
}

// Compact rewrites a state directory into the least space, with a slower
// compression than a crawl can afford. Nobody else may have it open.
func Compact(ctx context.Context, dir string, o Options) error {
	s, err := openHome(dir, o, false, nil, func(p *pebble.Options) {
		blocks(p, blockPacked)
		p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionGood })
	})
	if err != nil {
		return explain(dir, err)
	}
	err = s.tidy(ctx)
	if err == nil {
		err = s.db.Compact(ctx, []byte{0}, []byte{0xff}, false)
	}
	return explain(dir, errors.Join(err, s.Close()))
}

// Discard removes a state directory, unless somebody has it open.
func Discard(dir string) error {
	h, err := enter(vfs.Default, dir, false)
	if err != nil {
		return explain(dir, err)
	}
	return errors.Join(h.release(), os.RemoveAll(dir))
}

// Check reads all that a state directory holds and returns what is wrong with
// it, in sentences; nothing, if it is sound. It changes nothing. Nobody else
// may have it open.
func Check(ctx context.Context, dir string, o Options) (problems []string, _ error) {
	s, err := openHome(dir, looking(o), false, &problems, lenient)
	if err != nil {
		if err = explain(dir, err); errors.Is(err, ErrCorrupt) {
			return append(problems, err.Error()), nil
		}
		return problems, err
	}
	err = s.check(ctx)
	return problems, explain(dir, errors.Join(err, s.Close()))
}

// lenient opens what there is, and leaves it as it is.
func lenient(p *pebble.Options) {
	p.ReadOnly = true
	p.DisableConsistencyCheck = true // what is missing is said when it is met
}

func (s *Store) check(ctx context.Context) error {
	s.checkBeside()
	return s.walk(ctx, func(e *entry) (bool, error) {
		if _, err := e.row(&s.seeds); err != nil {
			s.lose("%s: %v", e.url, err)
		}
		return true, nil
	})
}

func (s *Store) lose(format string, args ...any) {
	*s.lost = append(*s.lost, fmt.Sprintf(format, args...))
}

// checkBeside reads what is no URL.
func (s *Store) checkBeside() {
	for _, space := range []byte{spaceHost, spaceNote, spaceOwn} {
		it, err := s.space(space)
		if err == nil {
			for ok := it.First(); ok; ok = it.Next() {
			}
			err = it.Close()
		}
		if err != nil {
			s.note(space, err)
		}
	}
}
