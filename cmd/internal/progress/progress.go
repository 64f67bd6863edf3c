// Package progress is what a person sees on stderr while a crawl runs and when
// it has ended. It listens to crawler.Events and never makes the crawl wait.
//
// On a terminal the last line is a status line, redrawn in place; whatever is
// logged meanwhile goes above it. Elsewhere there are only whole lines. Nothing
// that a page or a server said reaches the terminal as a control character.
package progress

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/fetch"
)

// A Display shows how a crawl is going.
type Display struct {
	terminal *Terminal // nil: no status line
	log      *slog.Logger
	verbose  bool

	began time.Time
	bytes atomic.Int64
	stats atomic.Pointer[func() frontier.Stats]
	speed speed // only Watch uses it
}

// New returns a display that draws on the terminal, if it is not nil, and
// writes everything else to the log.
func New(terminal *Terminal, log *slog.Logger, verbose bool) *Display {
	d := &Display{terminal: terminal, log: log, verbose: verbose, began: time.Now()}
	d.speed.at(d.began, 0)
	return d
}

// Events are what the display listens to.
func (d *Display) Events() crawler.Events {
	e := crawler.Events{
		Started: func(stats func() frontier.Stats) { d.stats.Store(&stats) },
		Fetched: func(p *fetch.Page) { d.bytes.Add(int64(len(p.Body))) },
		Warning: func(msg string, args ...any) { d.log.Warn(Plain(msg), args...) },
	}
	if d.verbose {
		e.Failed = d.failed
	}
	return e
}

func (d *Display) failed(job frontier.Job, err *fetch.Error, again bool) {
	// A job that will be tried again has this try among those it counts.
	msg, attempt := "failed", job.Attempts+1
	if again {
		msg, attempt = "failed, will be tried again", job.Attempts
	}
	args := []any{"url", job.URL.String(), "attempt", attempt}
	if err != nil {
		args = append(args, "kind", string(err.Kind), "error", err.Message())
	} else {
		args = append(args, "status", job.LastTrouble())
	}
	d.log.Info(msg, args...)
}

const (
	redrawEvery = 200 * time.Millisecond
	lineEvery   = 10 * time.Second // without a terminal, at --verbose
)

// Watch shows the crawl's state until ctx ends.
func (d *Display) Watch(ctx context.Context) {
	every, show := lineEvery, d.line
	if d.terminal != nil {
		every, show = redrawEvery, d.redraw
		defer d.terminal.Clear()
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if stats := d.stats.Load(); stats != nil {
			show(d.picture((*stats)()))
		}
	}
}

func (d *Display) picture(s frontier.Stats) picture {
	now := time.Now()
	done := s.Counts.Fetched + s.Counts.Failed
	return picture{
		Stats:   s,
		rate:    d.speed.at(now, done),
		bytes:   d.bytes.Load(),
		elapsed: now.Sub(d.began),
	}
}

func (d *Display) redraw(p picture) { d.terminal.Draw(p.status(d.terminal.Columns())) }

func (d *Display) line(p picture) {
	if !d.verbose {
		return
	}
	d.log.Info("progress", "pages", p.Counts.Fetched, "queued", p.Counts.Queued+p.Counts.Leased,
		"per_second", p.perSecond(), "errors", p.Counts.Failed, "hosts", p.Hosts, "bytes", p.bytes,
		"elapsed_s", int(p.elapsed.Seconds()), "paused_hosts", p.Paused, "next_s", int(p.Next.Seconds()))
}

// speed is pages a second over the last seconds: since the beginning would say
// nothing about now, since the last redraw would flicker.
type speed struct {
	samples [16]sample // a ring
	n       int
}

type sample struct {
	at   time.Time
	done int64
}

func (s *speed) at(now time.Time, done int64) float64 {
	s.samples[s.n%len(s.samples)] = sample{now, done}
	s.n++
	oldest := s.samples[max(0, s.n-len(s.samples))%len(s.samples)]
	if d := now.Sub(oldest.at).Seconds(); d > 0 {
		return float64(done-oldest.done) / d
	}
	return 0
}
