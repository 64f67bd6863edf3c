// Package frontier holds what a crawl knows and has yet to fetch.
//
// A Queue hands out jobs: to each host in its turn, breadth first within a
// host, and only what may be fetched now. Waiting for a host happens here,
// in one time-ordered heap of hosts, and never in a worker. A Store keeps what
// must survive; the Queue holds a few jobs a host in memory and pages the rest
// in from the Store when their turn comes.
//
// Every URL ever known is in exactly one of five states, and the law of
// conservation holds at every moment (Counts.Conserved):
//
//	known = queued + leased + fetched + failed + skipped
//
// A crawl is over when nothing is queued and nothing is leased: by count,
// never because something was quiet for a while.
package frontier

import (
	"cmp"
	"strings"

	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Kind is what a URL is wanted for.
type Kind uint8

// The kinds of job.
const (
	Page    Kind = iota // fetched, recorded, its links followed
	Asset               // needed by a page: fetched and recorded, not followed
	Sitemap             // read for its entries; recorded only on request
)

// A Job is one URL to fetch, and how the crawl came by it.
type Job struct {
	URL       weburl.URL
	Via       weburl.URL // the page that first linked here; zero for a seed
	Raw       string     // the link there, as it was written
	Seed      weburl.URL // where the way here began
	Depth     int        // links from a seed
	Redirects int        // hops taken on the way here since the last link
	Attempts  int        // tries already made
	Trouble   string     // what the first and the last of them came to, one a line: the time, the error's kind or the status, and words
	Kind      Kind
	Key       Key
	Last      *recrawl.Visit // what an earlier run found; nil is never visited
	Chain     *Chain         // of redirects that lead here; nil when none do, or none is remembered: stores need not keep it
}

// LastTrouble is what the last try came to that Trouble tells of, without its time.
func (j *Job) LastTrouble() string {
	last := j.Trouble[strings.LastIndexByte(j.Trouble, '\n')+1:]
	_, words, _ := strings.Cut(last, " ")
	return words
}

// A Chain is what redirects have in common that lead from one to the next.
type Chain struct {
	First   Job  // the one where it began
	Cookies bool // one of the answers since has set any
}

// Size is about what the job takes in memory, in bytes. Texts that others have as
// well, as a page's links have its URL, count for each of them.
func (j *Job) Size() int {
	size := jobSize + len(j.URL.String()) + len(j.Via.String()) + len(j.Raw) + len(j.Trouble)
	if j.Chain != nil {
		size += j.Chain.First.Size()
	}
	return size
}

const jobSize = 200

// own has the job hold its own texts: those of a page's links share one.
func (j *Job) own() { j.URL, j.Raw = j.URL.Clone(), strings.Clone(j.Raw) }

// Fingerprint tells jobs apart: there is one of each URL, and a second one where
// it is read as a sitemap. What nothing but a guess, or robots.txt, has taken for
// one may be a page that others link to, and is one then, too.
func (j *Job) Fingerprint() uint64 { return j.Kind.Fingerprint(j.URL.Fingerprint()) }

// Fingerprint is that of a job of the kind whose URL has this one.
func (k Kind) Fingerprint(url uint64) uint64 {
	if k == Sitemap {
		return ^url
	}
	return url
}

// IsSeed tells whether the user named this URL.
func (j *Job) IsSeed() bool { return j.Depth == 0 && j.Via.IsZero() && j.Kind == Page }

// A Key orders the jobs of one host: breadth first, then as they were found.
// The Queue gives each job its key when it admits it; a key is used once.
type Key struct {
	Depth uint32 // of the link; of a prioritized crawl with the priority before it
	Seq   uint64
}

// MaxPriority is the highest priority of a [Candidate], and the lowest below 0.
const MaxPriority = 1000

// Level is the Depth of the key of a candidate. See [Options.Prioritized].
func (c *Candidate) Level(prioritized bool) uint32 {
	const most = 1<<16 - 1 // of depths that are told apart
	if !prioritized {
		return uint32(c.Job.Depth)
	}
	priority := max(-MaxPriority, min(c.Priority, MaxPriority))
	return uint32(MaxPriority-priority)<<16 + uint32(min(c.Job.Depth, most))
}

// Compare orders keys as cmp.Compare does.
func (k Key) Compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Depth, o.Depth), cmp.Compare(k.Seq, o.Seq))
}

// Outcome is what became of a URL. The zero value is not yet known.
type Outcome uint8

// The outcomes.
const (
	Pending Outcome = iota // queued or leased
	Fetched                // a response came, whatever its status
	Failed                 // no response after all tries
	Skipped                // not asked for: a rule decided
)

func (o Outcome) String() string {
	return [...]string{"pending", "fetched", "failed", "skipped"}[o]
}

// A Skip is the rule that kept a URL from being fetched.
type Skip struct {
	Rule   string // scope, depth, exclude, robots, …
	Detail string // the text of the rule
	Copy   string // of a line of robots.txt: a hash of the file

	// Final says that the rule looked at nothing but the URL, and is the same in
	// every run, so that it decides the same however the URL is found again. A
	// depth does not: the same URL may be found nearer to a seed later, and is
	// then admitted.
	Final bool
}
