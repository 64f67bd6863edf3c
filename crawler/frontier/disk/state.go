package disk

import (
	"bytes"
	"context"
	"iter"

	"github.com/cockroachdb/pebble/v2"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// State implements frontier.Store. It reads the store twice: once for the
// hosts' backlogs, and once, as Known is iterated, for what is known.
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
	backlog, err := s.backlog(ctx)
	if err != nil {
		return nil, err
	}
	return &frontier.State{Mark: output.Mark(mark), LastSeq: s.lastSeq, Backlog: backlog, Known: s.known(ctx)}, nil
}

func (s *Store) backlog(ctx context.Context) (map[string]int, error) {
	it, err := s.space(spacePending)
	if err != nil {
		return nil, err
	}
	backlog := make(map[string]int)
	var host []byte
	n := 0
	for ok := it.First(); ok && err == nil; ok = it.Next() {
		var h []byte
		if h, _, err = splitKey(it.Key()); err == nil && !bytes.Equal(h, host) {
			if n > 0 {
				backlog[string(host)] = n
			}
			host, n = append(host[:0], h...), 0
			err = ctx.Err()
		}
		n++
	}
	if n > 0 {
		backlog[string(host)] = n
	}
	return backlog, closed(it, err)
}

func (s *Store) space(name byte) (*pebble.Iterator, error) {
	return s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{name}, UpperBound: []byte{name + 1}})
}

func (s *Store) known(ctx context.Context) iter.Seq2[frontier.Known, error] {
	return func(yield func(frontier.Known, error) bool) {
		err := s.walk(ctx, func(e *entry) (bool, error) {
			return yield(frontier.Known{Fingerprint: e.fingerprint, Kind: e.state.kind(), Outcome: e.state.outcome(), Final: e.state.final()}, nil), nil
		})
		if err != nil {
			yield(frontier.Known{}, explain(s.dir, err))
		}
	}
}

// Rows returns what is known of every URL, by host. The row of a URL that
// waits to be fetched has the outcome Pending.
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

// Row returns what is known of a URL, and whether anything is. One that waits
// to be fetched is looked for among all that its host has waiting, which is
// quick enough for a person who asks, and saves the crawl an index.
func (s *Store) Row(ctx context.Context, u weburl.URL) (frontier.Row, bool, error) {
	row, found, err := s.row(ctx, u)
	return row, found, explain(s.dir, err)
}

func (s *Store) row(ctx context.Context, u weburl.URL) (row frontier.Row, found bool, err error) {
	if err := s.usable(); err != nil {
		return row, false, err
	}
	key, _ := rowKey(nil, u)
	value, err := s.get(key)
	if err != nil {
		return row, false, err
	}
	if value != nil {
		host, rest, err := splitKey(key)
		if err == nil {
			row, err = decodeRow(host, rest, value, &s.seeds)
		}
		if err != nil || !state(value[0]).passed() {
			return row, err == nil, err
		}
	}
	waiting, pending, err := s.waiting(ctx, u)
	if err != nil || pending {
		return frontier.Row{Job: waiting}, pending, err
	}
	return row, value != nil, nil
}

// waiting returns the pending job of a URL.
func (s *Store) waiting(ctx context.Context, u weburl.URL) (frontier.Job, bool, error) {
	var after frontier.Key
	for ctx.Err() == nil {
		jobs, err := s.page(u.Host(), after, 1000)
		if err != nil || len(jobs) == 0 {
			return frontier.Job{}, false, err
		}
		for _, j := range jobs {
			if j.URL == u {
				return j, true, nil
			}
		}
		after = jobs[len(jobs)-1].Key
	}
	return frontier.Job{}, false, ctx.Err()
}
