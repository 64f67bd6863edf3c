package frontier

import (
	"context"
	"iter"
	"time"

	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A Store keeps what must survive the process. The Queue is its only caller,
// from one goroutine at a time.
//
// Each method is one transaction: all of it happens or none of it. The suite
// in frontiertest states these duties as tests, crashes included.
type Store interface {
	// Commit makes a batch durable. Jobs in Put are new, or replace the job
	// with the same host and key; rows in Rows are final and end the pending
	// job with the same host and key, if there is one.
	Commit(ctx context.Context, b *Batch) error

	// Page returns up to n pending jobs of a host with keys after the given
	// one, in key order, in a slice that is the caller's. The zero key is before
	// every other.
	Page(ctx context.Context, host string, after Key, n int) ([]Job, error)

	// State returns what the next run starts from.
	State(ctx context.Context) (*State, error)

	// Close releases the store. What was committed stays.
	Close() error
}

// A Batch is one step of the crawl: what was found, what became of what was
// fetched, and how far the sink had got when that was so.
type Batch struct {
	Put   []Job
	Rows  []Row
	Hosts []HostState // each replaces what was kept of that host
	Notes []Note      // each replaces the note with that key
	Mark  output.Mark
}

// Len is the number of things in the batch.
func (b *Batch) Len() int { return len(b.Put) + len(b.Rows) + len(b.Hosts) + len(b.Notes) }

// reset empties the batch, to be filled again.
func (b *Batch) reset() {
	*b = Batch{Put: emptied(b.Put), Rows: emptied(b.Rows), Hosts: emptied(b.Hosts), Notes: emptied(b.Notes)}
}

// spareRoom is how many things a batch has room for at the most when it is
// empty: what a burst of them took, as of a sitemap's URLs, is given back.
const spareRoom = 4096

func emptied[T any](s []T) []T {
	if cap(s) > spareRoom {
		return nil
	}
	clear(s)
	return s[:0]
}

// A Row says what became of one URL.
type Row struct {
	Job     Job
	Outcome Outcome
	At      time.Time     // when that was decided
	Status  int           // HTTP status of a fetched one
	To      weburl.URL    // where it redirects to
	Error   string        // error kind of a failed one
	Message string        // … in words
	Skip    Skip          // rule of a skipped one
	Visit   recrawl.Visit // to compare the next visit with
}

// HostState is what must be known of a host when the crawl goes on: how long
// it is to be left alone, and why.
type HostState struct {
	Host        string
	PausedUntil time.Time
	Why         string
}

// A Note is a small thing that others keep with the frontier, so that it is
// durable in the same instant: a copy of robots.txt, a run's beginning.
type Note struct {
	Key   string
	Value []byte
}

// Notes is the part of a store that gives notes back. It is safe for use beside
// the Store's one caller. A note that was never written is nil.
type Notes interface {
	Note(ctx context.Context, key string) ([]byte, error)
}

// An Archive is a store that can tell of every URL it knows.
type Archive interface {
	Rows(ctx context.Context) iter.Seq2[Row, error]
}

// State is a store's content in outline. Known reads the store as it goes, so
// it is done with before the store's next method is called.
type State struct {
	Mark    output.Mark
	LastSeq uint64                  // the highest Key.Seq ever committed
	Hosts   []HostState             // of hosts whose pause may not be over
	Known   iter.Seq2[Known, error] // every URL there is a job or a row for

	// Backlog counts the pending jobs of each host. A store learns that as
	// Known is read, so it is quick after it.
	Backlog func(context.Context) (map[string]int, error)
}

// Known is the least that the Queue must know of a URL.
type Known struct {
	Fingerprint uint64 // the job's
	Kind        Kind
	Outcome     Outcome
	Final       bool // of a skipped one: its rule looked at nothing but the URL
}

// Counts says how many URLs are in which state.
type Counts struct {
	Known, Queued, Leased, Fetched, Failed, Skipped int64
}

// of is the count that an outcome belongs to.
func (c *Counts) of(o Outcome) *int64 {
	switch o {
	case Fetched:
		return &c.Fetched
	case Failed:
		return &c.Failed
	case Skipped:
		return &c.Skipped
	}
	return &c.Queued
}

// Conserved returns by how much the law of conservation is broken: it is 0,
// or there is a bug.
func (c Counts) Conserved() int64 {
	return c.Known - c.Queued - c.Leased - c.Fetched - c.Failed - c.Skipped
}
