package statedir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/fetch"
)

// Status is how a crawl stands: what status.json holds while it runs.
type Status struct {
	Running  bool             `json:"running"`
	PID      int              `json:"pid,omitempty"`
	At       time.Time        `json:"at"`
	Session  *crawler.Session `json:"session,omitempty"`
	Known    int64            `json:"known"` // = fetched + failed + skipped + queued + leased
	Fetched  int64            `json:"fetched"`
	Failed   int64            `json:"failed"`
	Skipped  int64            `json:"skipped"`
	Queued   int64            `json:"queued"`
	Leased   int64            `json:"leased"`
	Hosts    int              `json:"hosts"`
	Paused   int              `json:"paused_hosts"`
	Waits    []Wait           `json:"waits,omitempty"`         // some of the paused hosts
	Leases   []Lease          `json:"leases,omitempty"`        // the oldest of them
	Failures []Failure        `json:"recent_errors,omitempty"` // the newest last
}

// A Wait is a host that is left alone.
type Wait struct {
	Host  string    `json:"host"`
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
}

// A Lease is a page that is being fetched.
type Lease struct {
	URL string  `json:"url"`
	Age float64 `json:"age_s"`
}

// A Failure is a page that could not be fetched.
type Failure struct {
	At      time.Time `json:"at"`
	URL     string    `json:"url"`
	Kind    string    `json:"kind,omitempty"`
	Message string    `json:"message,omitempty"`
	Again   bool      `json:"again"` // it will be tried again
}

func statusFile(dir string) string { return filepath.Join(dir, "status.json") }

// ReadStatus returns what the process that has a directory says of its crawl:
// fs.ErrNotExist if nothing, though one that was killed may have left word.
func ReadStatus(dir string, pid int) (Status, error) {
	var s Status
	text, err := os.ReadFile(statusFile(dir))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err == nil && s.PID != pid {
		return Status{}, fs.ErrNotExist
	}
	return s, err
}

// Status is how the crawl stands that nobody runs now.
func (d *Dir) Status(ctx context.Context) (Status, error) {
	s := Status{At: time.Now().UTC()}
	if n := len(d.Runs); n > 0 {
		s.Session = &d.Runs[n-1]
	}
	state, err := d.State(ctx)
	if err != nil {
		return s, err
	}
	for _, h := range state.Hosts {
		s.Waits = append(s.Waits, Wait{Host: h.Host, Until: h.PausedUntil, Why: h.Why})
	}
	s.Paused = len(s.Waits)
	hosts := make(names)
	for row, err := range d.Rows(ctx) {
		if err != nil {
			return s, err
		}
		if row.Outcome != frontier.Skipped {
			hosts.add(row.Job.URL.Host())
		}
		s.count(&row)
	}
	s.Hosts = len(hosts)
	s.trim()
	return s, nil
}

// names are those of hosts.
type names map[string]struct{}

func (n names) add(host string) {
	if _, known := n[host]; !known {
		n[strings.Clone(host)] = struct{}{} // not the whole URL that it is of
	}
}

func (s *Status) count(row *frontier.Row) {
	if row.Job.Kind == frontier.Sitemap {
		return
	}
	s.Known++
	switch row.Outcome {
	case frontier.Fetched:
		s.Fetched++
	case frontier.Failed:
		s.Failed++
		s.Failures = append(s.Failures, Failure{At: row.At, URL: row.Job.URL.String(), Kind: row.Error, Message: row.Message})
		if len(s.Failures) > 2*maxFailures {
			s.trim()
		}
	case frontier.Skipped:
		s.Skipped++
	default:
		s.Queued++
	}
}

const maxFailures = 10

func (s *Status) trim() {
	slices.SortFunc(s.Failures, func(a, b Failure) int { return a.At.Compare(b.At) })
	s.Failures = s.Failures[max(0, len(s.Failures)-maxFailures):]
}

// A Reporter writes status.json while a crawl runs.
type Reporter struct {
	dir     string
	session *crawler.Session

	mu       sync.Mutex
	stats    func() frontier.Stats
	failures []Failure
}

// NewReporter returns the reporter of a directory that is open.
func (d *Dir) NewReporter() *Reporter {
	return &Reporter{dir: d.Path, session: &crawler.Session{Number: d.Session(), Started: time.Now().UTC()}}
}

// Listen has the reporter told of events, beside those who are already.
func (r *Reporter) Listen(e *crawler.Events) {
	started, failed := e.Started, e.Failed
	e.Started = func(stats func() frontier.Stats) {
		r.mu.Lock()
		r.stats = stats
		r.mu.Unlock()
		if started != nil {
			started(stats)
		}
	}
	e.Failed = func(job frontier.Job, err *fetch.Error, again bool) {
		r.failed(&job, err, again)
		if failed != nil {
			failed(job, err, again)
		}
	}
}

func (r *Reporter) failed(job *frontier.Job, err *fetch.Error, again bool) {
	f := Failure{At: time.Now().UTC(), URL: job.URL.String(), Message: job.LastTrouble(), Again: again} // a status is no error
	if err != nil {
		f.Kind, f.Message = string(err.Kind), err.Message()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures[max(0, len(r.failures)+1-maxFailures):], f)
}

// Watch writes the status every so often until ctx ends, and removes it then:
// the store knows better. A crawl does not fail because its status cannot be
// written.
func (r *Reporter) Watch(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	defer os.Remove(statusFile(r.dir))
	for {
		if s, ok := r.status(); ok {
			_ = r.write(&s)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (r *Reporter) status() (s Status, ok bool) {
	r.mu.Lock()
	stats, failures := r.stats, slices.Clone(r.failures)
	r.mu.Unlock()
	if stats == nil {
		return s, false
	}
	now, q := time.Now().UTC(), stats()
	s = Status{
		Running: true, PID: os.Getpid(), At: now, Session: r.session,
		Known: q.Counts.Known, Fetched: q.Counts.Fetched, Failed: q.Counts.Failed,
		Skipped: q.Counts.Skipped, Queued: q.Counts.Queued, Leased: q.Counts.Leased,
		Hosts: q.Hosts, Paused: q.Paused, Failures: failures,
	}
	for _, w := range q.Waits {
		s.Waits = append(s.Waits, Wait{Host: w.Host, Until: w.PausedUntil.UTC(), Why: w.Why})
	}
	for _, l := range q.Leases {
		s.Leases = append(s.Leases, Lease{URL: l.URL, Age: now.Sub(l.Since).Seconds()})
	}
	return s, true
}

// write replaces the file, so that a reader has the old or the new one.
func (r *Reporter) write(s *Status) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	name := statusFile(r.dir)
	if err := os.WriteFile(name+".new", append(text, '\n'), 0o666); err != nil {
		return errors.Join(fmt.Errorf("status: %w", err), os.Remove(name+".new"))
	}
	return os.Rename(name+".new", name)
}
