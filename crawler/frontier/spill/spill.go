// Package spill is a frontier.Store for a crawl that will not be taken up
// again: in memory while it is small, and in another store, on disk, once it
// is not.
//
// Why not the disk at once: a store on disk costs a one-page crawl its opening
// and every page some ten microseconds, and nearly all crawls without --state
// are small. Why not memory alone: a pending job takes about 220 bytes, so ten
// million of them would take more than two gigabytes, and the frontier is the
// one buffer of a crawl that nothing else bounds. At Limit they take about
// 55 MB; of URLs of some KiB each, fewer than that come to maxSize.
package spill

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
)

// Limit is how many pending jobs are kept in memory.
const Limit = 250_000

// maxSize is how many bytes they may have there, all of their texts included.
const maxSize = 128 << 20

// A Store begins in memory and moves once.
type Store struct {
	frontier.Store // where the jobs are now

	small *memory.Store // nil once they have moved
	limit int
	open  func() (frontier.Store, error)
}

// New returns an empty store that moves to the one that open opens when it
// holds more than limit jobs, or fewer that are large. The opened store is closed with it.
func New(limit int, open func() (frontier.Store, error)) *Store {
	small := memory.New()
	return &Store{Store: small, small: small, limit: limit, open: open}
}

// Commit implements frontier.Store.
func (s *Store) Commit(ctx context.Context, b *frontier.Batch) error {
	if err := s.Store.Commit(ctx, b); err != nil {
		return err
	}
	if s.small == nil || s.small.Len() <= s.limit && s.small.Size() <= maxSize {
		return nil
	}
	if err := s.move(ctx); err != nil {
		return fmt.Errorf("move the frontier of %d URLs from memory to disk: %w", s.small.Len(), err)
	}
	return nil
}

// moveBatch jobs are moved at once.
const moveBatch = 1000

func (s *Store) move(ctx context.Context) error {
	large, err := s.open()
	if err != nil {
		return err
	}
	if err := s.copyInto(ctx, large); err != nil {
		return errors.Join(err, large.Close())
	}
	s.Store, s.small = large, nil
	return nil
}

func (s *Store) copyInto(ctx context.Context, large frontier.Store) error {
	state, err := s.small.State(ctx)
	if err != nil {
		return err
	}
	if err := large.Commit(ctx, &frontier.Batch{Hosts: state.Hosts, Mark: state.Mark}); err != nil {
		return err
	}
	for jobs := range slices.Chunk(slices.Collect(s.small.Pending()), moveBatch) {
		if err := large.Commit(ctx, &frontier.Batch{Put: jobs}); err != nil {
			return err
		}
	}
	return nil
}
