package crawler

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/output"
)

// Summary is what a crawl did. Its JSON form is what --summary writes.
type Summary struct {
	Finish   string           `json:"finish"` // complete, max-pages, …, interrupted, reader-gone, error
	Started  time.Time        `json:"started"`
	Elapsed  float64          `json:"elapsed_s"`
	Known    int64            `json:"known"` // = fetched + failed + skipped + left
	Fetched  int64            `json:"fetched"`
	Failed   int64            `json:"failed"`
	Skipped  int64            `json:"skipped"`
	Left     int64            `json:"left"`  // known, and not asked for before the end
	Bytes    int64            `json:"bytes"` // of decoded bodies
	Hosts    int              `json:"hosts"`
	Sitemaps int64            `json:"sitemaps"` // read
	Statuses map[string]int64 `json:"statuses"`
	Errors   map[string]int64 `json:"errors,omitempty"` // by kind
	Skips    map[string]int64 `json:"skips,omitempty"`  // by rule
	Limits   map[string]int64 `json:"limits,omitempty"` // URLs that went over a bound, by bound
	Broken   int64            `json:"broken"`           // failed, or answered with a status of 400 and above
	Seeds    SeedCount        `json:"seeds"`
	Slowest  []HostTime       `json:"slowest_hosts,omitempty"`
	Changes  map[string]int64 `json:"changes,omitempty"` // since the last run: new, modified, unchanged, gone, moved
	News     bool             `json:"news,omitempty"`    // some have changed, also if a process before this one, which was broken off, has found that
	Session  *Session         `json:"session,omitempty"` // of a crawl whose state is kept
	Data     *Harvested       `json:"data,omitempty"`    // what was taken from pages

	SelectErrors map[string]int64 `json:"select_errors,omitempty"` // records on which --select failed, by kind
}

// Visited is how many pages this run asked for; Fetched and Failed count those
// of earlier runs as well.
func (s *Summary) Visited() (n int64) {
	for _, counts := range []map[string]int64{s.Statuses, s.Errors} {
		for _, pages := range counts {
			n += pages
		}
	}
	return n
}

// SeedCount is how the seeds fared, each by the last hop of its redirects.
type SeedCount struct {
	Given  int64 `json:"given"`
	Failed int64 `json:"failed"` // no response, or a status of 400 and above
	Denied int64 `json:"denied"` // by robots.txt

	Why string `json:"why,omitempty"` // the first of them failed
}

// HostTime is one host's mean answer time.
type HostTime struct {
	Host     string  `json:"host"`
	Requests int64   `json:"requests"`
	Mean     float64 `json:"mean_ms"`
}

// tally counts for the summary. The committer alone writes it; bytes may be
// read by others.
type tally struct {
	began    time.Time
	bytes    atomic.Int64
	statuses map[int]int64
	errors   map[string]int64
	skips    map[string]int64
	limits   map[string]int64
	changes  map[string]int64
	broken   int64
	sitemaps int64 // read
	seeds    SeedCount
	data     *Harvested
	hosts    map[string]*hostTime
}

type hostTime struct {
	n     int64
	total time.Duration
}

func newTally() *tally {
	return &tally{
		began:    time.Now(),
		statuses: make(map[int]int64),
		errors:   make(map[string]int64),
		skips:    make(map[string]int64),
		limits:   make(map[string]int64),
		changes:  make(map[string]int64),
		hosts:    make(map[string]*hostTime),
	}
}

func (t *tally) seeded(given int64, skipped []frontier.Row) {
	t.seeds.Given += given
	t.skipped(skipped)
}

func (t *tally) skipped(rows []frontier.Row) {
	for i := range rows {
		t.skips[rows[i].Skip.Rule]++
	}
}

// count takes in one result.
func (t *tally) count(r *result, skipped []frontier.Row) {
	t.skipped(skipped)
	t.data.Add(&r.found)
	job := &r.lease.Job
	if r.page != nil {
		t.time(job.URL.Host(), r.page.Elapsed)
		t.bytes.Add(r.size)
	}
	if job.Kind == frontier.Sitemap {
		if r.done.Status == http.StatusOK {
			t.sitemaps++
		}
		return
	}
	if r.record != nil {
		t.recorded(r.record)
	}
	bad := false
	switch r.done.Outcome {
	case frontier.Fetched:
		t.statuses[r.done.Status]++
		bad = r.done.Status >= 400
	case frontier.Failed:
		t.errors[r.done.Error]++
		bad = true
	case frontier.Skipped:
		t.skips[r.done.Skip.Rule]++
	}
	if bad {
		t.broken++
	}
	if job.Depth == 0 && job.Kind == frontier.Page {
		t.seed(job, &r.done, bad)
	}
}

func (t *tally) recorded(r *output.Record) {
	if r.Change != "" {
		t.changes[r.Change]++
	}
	for _, bound := range r.Limits {
		t.limits[bound]++
	}
}

func (t *tally) seed(job *frontier.Job, done *frontier.Done, failed bool) {
	switch {
	case failed && t.seeds.Why == "":
		why := done.Message
		if done.Outcome == frontier.Fetched {
			why = fmt.Sprintf("status %d", done.Status)
		}
		t.seeds.Why = fmt.Sprintf("%s: %s", job.URL, why)
		fallthrough
	case failed:
		t.seeds.Failed++
	case done.Outcome == frontier.Skipped:
		t.seeds.Denied++
	}
}

// slowestOf hosts are timed; past that many, a new one is not.
const slowestOf = 100_000

func (t *tally) time(host string, d time.Duration) {
	h := t.hosts[host]
	if h == nil {
		if len(t.hosts) >= slowestOf {
			return
		}
		h = &hostTime{}
		t.hosts[strings.Clone(host)] = h // not the whole URL that it is of
	}
	h.n++
	h.total += d
}

func (t *tally) slowest(n int) []HostTime {
	all := make([]HostTime, 0, len(t.hosts))
	for host, h := range t.hosts {
		mean := h.total / time.Duration(h.n)
		all = append(all, HostTime{Host: host, Requests: h.n, Mean: float64(mean.Microseconds()) / 1000})
	}
	slices.SortFunc(all, func(a, b HostTime) int {
		return cmp.Or(cmp.Compare(b.Mean, a.Mean), cmp.Compare(a.Host, b.Host))
	})
	return all[:min(n, len(all))]
}

// summary is called when all loops have ended. It asserts the law of
// conservation: a URL that is in no state was lost, and that is a bug to be
// told of rather than hidden.
func (c *crawl) summary(err error) (Summary, error) {
	stats, t := c.queue.Stats(), c.tally
	n := stats.Counts
	s := Summary{
		Started:  t.began.UTC(),
		Elapsed:  time.Since(t.began).Seconds(),
		Known:    n.Known,
		Fetched:  n.Fetched,
		Failed:   n.Failed,
		Skipped:  n.Skipped,
		Left:     n.Queued + n.Leased,
		Bytes:    t.bytes.Load(),
		Hosts:    stats.Hosts,
		Sitemaps: t.sitemaps,
		Statuses: make(map[string]int64, len(t.statuses)),
		Errors:   t.errors,
		Skips:    t.skips,
		Limits:   t.limits,
		Broken:   t.broken,
		Seeds:    t.seeds,
		Slowest:  t.slowest(5),
		Changes:  t.changes,
		News:     c.news,
		Data:     t.data,
	}
	if len(c.runs) > 0 {
		s.Session = c.run()
	}
	for status, n := range t.statuses {
		s.Statuses[strconv.Itoa(status)] = n
	}
	if errors.Is(err, output.ErrReaderGone) {
		err = nil
	}
	if err == nil {
		err = accounted(n)
	}
	if s.Finish = c.end(); err != nil {
		s.Finish = broken // also of the last commit, when nothing was left to stop
	}
	return s, err
}

// Ends of a crawl that others are told from.
const (
	complete    = "complete"
	interrupted = "interrupted"
	broken      = "error"
	readerGone  = "reader-gone" // nobody takes the records
)

// end is why the crawl has ended. One that has nothing left to do when a limit is
// reached is complete: taken up again, it would be a run that visits nothing. Who
// interrupts it is told so all the same.
func (c *crawl) end() string {
	switch why := c.queue.Stopped(); {
	case why == broken, why == interrupted, why == readerGone, why != "" && !c.spent():
		return why
	}
	return complete
}

// spent tells whether nothing is left to do.
func (c *crawl) spent() bool { return c.queue.Left() == 0 && !c.lastmods.some() }

// accounted says by how much the law of conservation is broken, if it is.
func accounted(n frontier.Counts) error {
	if off := n.Conserved(); off != 0 {
		return fmt.Errorf("%d URLs are unaccounted for (%+v): this is a bug in trawl, please report it", off, n)
	}
	return nil
}
