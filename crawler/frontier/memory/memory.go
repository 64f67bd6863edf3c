// Package memory is a frontier.Store in maps: for tests, and for one-off crawls
// small enough to start over.
package memory

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
)

// A Store lives as long as the process.
type Store struct {
	mark    output.Mark
	lastSeq uint64
	pending map[string][]frontier.Job // by host, in key order
	hosts   map[string]frontier.HostState
	paused  int                     // how many of hosts had to be kept
	rows    map[uint64]frontier.Row // by fingerprint; nil: what became of a URL is not kept
	count   int                     // of pending jobs
	size    int                     // … in bytes
	ended   map[uint64]struct{}     // scratch of Commit

	mu    sync.Mutex
	notes map[string][]byte
}

// New returns an empty store that forgets a job when it has ended: all that a
// crawl which cannot be taken up again needs.
func New() *Store {
	return &Store{
		pending: make(map[string][]frontier.Job),
		hosts:   make(map[string]frontier.HostState),
		ended:   make(map[uint64]struct{}),
		notes:   make(map[string][]byte),
	}
}

// Remember has the store keep a row of every URL, as one that outlives the
// process does, and returns it. A row costs some hundred bytes.
func (s *Store) Remember() *Store {
	s.rows = make(map[uint64]frontier.Row)
	return s
}

// Commit implements frontier.Store.
func (s *Store) Commit(_ context.Context, b *frontier.Batch) error {
	clear(s.ended)
	for i := range b.Rows {
		s.ended[b.Rows[i].Job.Key.Seq] = struct{}{}
	}
	for i := range b.Put {
		s.put(&b.Put[i])
	}
	for i := range b.Rows {
		s.end(&b.Rows[i])
	}
	s.pause(b.Hosts)
	s.keep(b.Notes)
	if b.Mark != "" {
		s.mark = b.Mark
	}
	return nil
}

// pause takes in how long hosts are to be left alone. Whenever there are twice as
// many as had to be when it last looked, it forgets those of which that is over:
// any host has one with each request that has a Crawl-delay of a second.
func (s *Store) pause(hosts []frontier.HostState) {
	for _, h := range hosts {
		s.hosts[h.Host] = h
	}
	if len(s.hosts) < 2*s.paused+fewHosts {
		return
	}
	now := time.Now()
	maps.DeleteFunc(s.hosts, func(_ string, h frontier.HostState) bool { return !h.PausedUntil.After(now) })
	s.paused = len(s.hosts)
}

const fewHosts = 1000

func (s *Store) keep(notes []frontier.Note) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range notes {
		s.notes[n.Key] = n.Value
	}
}

func (s *Store) put(j *frontier.Job) {
	s.lastSeq = max(s.lastSeq, j.Key.Seq)
	if s.rows != nil {
		s.rows[j.Fingerprint()] = frontier.Row{Job: *j}
	}
	if _, over := s.ended[j.Key.Seq]; over {
		return // it begins and ends in this batch
	}
	host := j.URL.Host()
	jobs := s.pending[host]
	i, found := slices.BinarySearchFunc(jobs, j.Key, byKey)
	s.size += j.Size()
	if found {
		s.size -= jobs[i].Size()
		jobs[i] = *j
	} else {
		if len(jobs) == cap(jobs) { // append would grow by a quarter, and the front is given up
			jobs = slices.Grow(jobs, max(16, len(jobs)))
		}
		s.pending[host] = slices.Insert(jobs, i, *j)
		s.count++
	}
}

func (s *Store) end(r *frontier.Row) {
	if s.rows != nil {
		s.rows[r.Job.Fingerprint()] = *r
	}
	host := r.Job.URL.Host()
	jobs := s.pending[host]
	i, found := slices.BinarySearchFunc(jobs, r.Job.Key, byKey)
	if !found {
		return
	}
	s.size -= jobs[i].Size()
	// Moves the few jobs before it, none in the usual case, as jobs end about in the
	// order they began, and not the many behind: with 20,000 pending jobs of a host
	// that is 48 µs a page.
	copy(jobs[1:i+1], jobs[:i])
	jobs[0] = frontier.Job{}
	s.pending[host] = jobs[1:]
	s.count--
	if len(s.pending[host]) == 0 {
		delete(s.pending, host)
	}
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

// State implements frontier.Store. What is known without rows is what is
// pending.
func (s *Store) State(ctx context.Context) (*frontier.State, error) {
	backlog := func(context.Context) (map[string]int, error) {
		backlog := make(map[string]int, len(s.pending))
		for host, jobs := range s.pending {
			backlog[host] = len(jobs)
		}
		return backlog, nil
	}
	known := func(yield func(frontier.Known, error) bool) {
		for row := range s.all() {
			k := frontier.Known{Fingerprint: row.Job.Fingerprint(), Kind: row.Job.Kind, Outcome: row.Outcome, Final: row.Skip.Final}
			if !yield(k, nil) {
				return
			}
		}
	}
	hosts := slices.Collect(maps.Values(s.hosts))
	return &frontier.State{Mark: s.mark, LastSeq: s.lastSeq, Backlog: backlog, Hosts: hosts, Known: known}, nil
}

// Rows implements frontier.Archive.
func (s *Store) Rows(context.Context) iter.Seq2[frontier.Row, error] {
	return func(yield func(frontier.Row, error) bool) {
		for row := range s.all() {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func (s *Store) all() iter.Seq[frontier.Row] {
	if s.rows != nil {
		return maps.Values(s.rows)
	}
	return func(yield func(frontier.Row) bool) {
		for j := range s.Pending() {
			if !yield(frontier.Row{Job: j}) {
				return
			}
		}
	}
}

// Pending yields the jobs that have not ended, by host, in key order.
func (s *Store) Pending() iter.Seq[frontier.Job] {
	return func(yield func(frontier.Job) bool) {
		for _, jobs := range s.pending {
			for _, j := range jobs {
				if !yield(j) {
					return
				}
			}
		}
	}
}

// Len is the number of jobs that have not ended.
func (s *Store) Len() int { return s.count }

// Size is about what they take in memory, in bytes.
func (s *Store) Size() int { return s.size }

// Note implements frontier.Notes.
func (s *Store) Note(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes[key], nil
}

// Close implements frontier.Store.
func (s *Store) Close() error { return nil }

func byKey(j frontier.Job, k frontier.Key) int { return j.Key.Compare(k) }
