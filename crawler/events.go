package crawler

import (
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/output"
)

// Events are told what happens, as it happens, by whichever goroutine did it:
// the functions must be safe for concurrent use and return at once. Each may
// be nil.
type Events struct {
	Started  func(stats func() frontier.Stats) // the crawl is under way; stats may be called until Run returns
	Fetched  func(*fetch.Page)
	Failed   func(job frontier.Job, err *fetch.Error, again bool) // err is nil for a status that is worth another try
	Robots   func(gate.Copy)
	Recorded func(*output.Record)          // a record is about to be written
	Warning  func(msg string, args ...any) // something the user should know; args as for slog
}

func (e *Events) started(stats func() frontier.Stats) {
	if e.Started != nil {
		e.Started(stats)
	}
}

func (e *Events) fetched(p *fetch.Page) {
	if e.Fetched != nil {
		e.Fetched(p)
	}
}

func (e *Events) failed(job frontier.Job, err *fetch.Error, again bool) {
	if e.Failed != nil {
		e.Failed(job, err, again)
	}
}

func (e *Events) robots(c gate.Copy) {
	if e.Robots != nil {
		e.Robots(c)
	}
}

func (e *Events) recorded(r *output.Record) {
	if e.Recorded != nil {
		e.Recorded(r)
	}
}

func (e *Events) warning(msg string, args ...any) {
	if e.Warning != nil {
		e.Warning(msg, args...)
	}
}
