// Package memory is a frontier.Store in maps: for tests, and for one-off crawls
// small enough to start over.
package memory

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
)

// A Store lives as long as the process.
type Store struct {
	mark    output.Mark
	lastSeq uint64
	pending map[string][]frontier.Job // by host, in key order
	known   map[uint64]frontier.Known
	hosts   map[string]frontier.HostState
	rows    map[uint64]frontier.Row // nil: what became of a URL is not kept

	mu    sync.Mutex
	notes map[string][]byte
}

// New returns an empty store.
func New() *Store {
	return &Store{
		pending: make(map[string][]frontier.Job),
		known:   make(map[uint64]frontier.Known),
		hosts:   make(map[string]frontier.HostState),
		notes:   make(map[string][]byte),
	}
}

// Remember has the store keep a row of every URL, as one that outlives the
// process does, and returns it. It is for tests: it costs some hundred bytes
// a URL.
func (s *Store) Remember() *Store {
	s.rows = make(map[uint64]frontier.Row)
	return s
}

// Rows implements frontier.Archive, for a store that remembers.
func (s *Store) Rows(context.Context) iter.Seq2[frontier.Row, error] {
	return func(yield func(frontier.Row, error) bool) {
		for fp, row := range s.rows {
			if s.known[fp].Outcome == frontier.Pending {
				row.Outcome = frontier.Pending
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Commit implements frontier.Store.
func (s *Store) Commit(_ context.Context, b *frontier.Batch) error {
	for _, j := range b.Put {
		s.put(j)
	}
	for i := range b.Rows {
		s.end(&b.Rows[i])
	}
	for _, h := range b.Hosts {
		s.hosts[h.Host] = h
	}
	s.keep(b.Notes)
	if b.Mark != "" {
		s.mark = b.Mark
	}
	return nil
}

func (s *Store) keep(notes []frontier.Note) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range notes {
		s.notes[n.Key] = n.Value
	}
}

func (s *Store) put(j frontier.Job) {
	host := j.URL.Host()
	jobs := s.pending[host]
	i, found := slices.BinarySearchFunc(jobs, j.Key, byKey)
	if found {
		jobs[i] = j
	} else {
		s.pending[host] = slices.Insert(jobs, i, j)
	}
	s.lastSeq = max(s.lastSeq, j.Key.Seq)
	s.known[j.URL.Fingerprint()] = frontier.Known{Kind: j.Kind, Outcome: frontier.Pending}
}

func (s *Store) end(r *frontier.Row) {
	host := r.Job.URL.Host()
	jobs := s.pending[host]
	switch i, found := slices.BinarySearchFunc(jobs, r.Job.Key, byKey); {
	case !found:
	case i == 0: // the usual case: jobs end about in the order they began
		jobs[0] = frontier.Job{}
		s.pending[host] = jobs[1:]
	default:
		s.pending[host] = slices.Delete(jobs, i, i+1)
	}
	if len(s.pending[host]) == 0 {
		delete(s.pending, host)
	}
	if s.rows != nil {
		s.rows[r.Job.URL.Fingerprint()] = *r
	}
	s.known[r.Job.URL.Fingerprint()] = frontier.Known{Kind: r.Job.Kind, Outcome: r.Outcome, Final: r.Skip.Final}
}

// Page implements frontier.Store.
func (s *Store) Page(_ context.Context, host string, after frontier.Key, n int) ([]frontier.Job, error) {
	jobs := s.pending[host]
	i, found := slices.BinarySearchFunc(jobs, after, byKey)
	if found {
		i++
	}
	return slices.Clone(jobs[i:min(i+n, len(jobs))]), nil
}

// State implements frontier.Store.
func (s *Store) State(context.Context) (*frontier.State, error) {
	backlog := make(map[string]int, len(s.pending))
	for host, jobs := range s.pending {
		backlog[host] = len(jobs)
	}
	known := func(yield func(frontier.Known, error) bool) {
		for fp, k := range s.known {
			k.Fingerprint = fp
			if !yield(k, nil) {
				return
			}
		}
	}
	hosts := slices.Collect(maps.Values(s.hosts))
	return &frontier.State{Mark: s.mark, LastSeq: s.lastSeq, Backlog: backlog, Hosts: hosts, Known: known}, nil
}

// Note implements frontier.Notes.
func (s *Store) Note(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes[key], nil
}

// Close implements frontier.Store.
func (s *Store) Close() error { return nil }

func byKey(j frontier.Job, k frontier.Key) int { return j.Key.Compare(k) }
