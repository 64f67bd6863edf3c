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

// State implements frontier.Store. It reads little: all there is is read once,
// as Known is, and the queues are made then.
func (s *Store) State(ctx context.Context) (*frontier.State, error) {
	state, err := s.state(ctx)
	return state, explain(s.dir, err)
}

func (s *Store) state(ctx context.Context) (*frontier.State, error) {
	if err := s.usable(); err != nil {
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
	return &frontier.State{Mark: output.Mark(mark), LastSeq: s.lastSeq, Hosts: paused, Known: s.known(ctx), Backlog: s.backlog}, nil
}

func (s *Store) backlog(ctx context.Context) (map[string]int, error) {
	if err := s.ready(ctx); err != nil {
		return nil, explain(s.dir, err)
	}
	return s.queues.backlog(), nil
}

func (s *Store) space(name byte) (*pebble.Iterator, error) {
	return s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{name}, UpperBound: []byte{name + 1}})
}

func (s *Store) known(ctx context.Context) iter.Seq2[frontier.Known, error] {
	return func(yield func(frontier.Known, error) bool) {
		q, whole := newQueues(), true
		err := s.walk(ctx, func(e *entry) (bool, error) {
			if err := q.learn(e); err != nil {
				return false, err
			}
			k := frontier.Known{Fingerprint: e.fingerprint(), Kind: e.state.kind(), Outcome: e.state.outcome(), Final: e.state.final()}
			whole = yield(k, nil)
			return whole, nil
		})
		if err != nil {
			yield(frontier.Known{}, explain(s.dir, err))
		} else if whole && s.queues == nil {
			s.queues = q
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
