package disk

import (
	"context"
	"iter"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// State implements frontier.Store. It reads the store twice: for the queues,
// and, as Known is iterated, for what is known.
func (s *Store) State(ctx context.Context) (*frontier.State, error) {
	state, err := s.state(ctx)
	return state, explain(s.dir, err)
}

func (s *Store) state(ctx context.Context) (*frontier.State, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	mark, err := s.get([]byte(keyMark))
	if err != nil {
		return nil, err
	}
	paused, err := s.pauses(time.Now())
	if err != nil {
		return nil, err
	}
	return &frontier.State{Mark: output.Mark(mark), LastSeq: s.lastSeq, Backlog: s.queues.backlog(), Hosts: paused, Known: s.known(ctx)}, nil
}

func (s *Store) space(name byte) (*pebble.Iterator, error) {
	return s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{name}, UpperBound: []byte{name + 1}})
}

func (s *Store) known(ctx context.Context) iter.Seq2[frontier.Known, error] {
	return func(yield func(frontier.Known, error) bool) {
		err := s.walk(ctx, func(e *entry) (bool, error) {
			k := frontier.Known{Fingerprint: e.fingerprint(), Kind: e.state.kind(), Outcome: e.state.outcome(), Final: e.state.final()}
			return yield(k, nil), nil
		})
		if err != nil {
			yield(frontier.Known{}, explain(s.dir, err))
		}
	}
}

// Rows returns what is known of every URL: first those that were admitted, in
// the order they were found, then those that a rule skipped. The row of a URL
// that waits to be fetched has the outcome Pending.
func (s *Store) Rows(ctx context.Context) iter.Seq2[frontier.Row, error] {
	return func(yield func(frontier.Row, error) bool) {
		err := s.usable()
		if err == nil {
			err = s.walk(ctx, func(e *entry) (bool, error) {
				row, err := e.row(&s.seeds)
				return err == nil && yield(row, nil), err
			})
		}
		if err != nil {
			yield(frontier.Row{}, explain(s.dir, err))
		}
	}
}

// Row returns what is known of a URL, and whether anything is. It looks
// through all that is known, about half a second a million URLs: quick enough
// for a person who asks, and the crawl is spared an index.
func (s *Store) Row(ctx context.Context, u weburl.URL) (row frontier.Row, found bool, _ error) {
	err := s.usable()
	if err == nil {
		err = s.walk(ctx, func(e *entry) (bool, error) {
			if string(e.url) != u.String() {
				return true, nil
			}
			var err error
			row, err = e.row(&s.seeds)
			found = err == nil
			return false, err
		})
	}
	return row, found, explain(s.dir, err)
}
