// Package recrawl says what became of a page since the last visit, and when to
// visit it again. It is pure: the same past and the same observation give the
// same answer, and the time is an argument.
package recrawl

import (
	"time"
)

// A Visit is what a crawl keeps of a page, to compare the next one with. The
// zero Visit is a page that was never visited.
type Visit struct {
	At        time.Time // of the last answer or failure
	ChangedAt time.Time // when the page last was new, modified, gone or moved
	Since     time.Time // when the page was first there, or was back
	Interval  time.Duration

	Status       int // of the last answer that counted; 0 is none yet
	Fails        int // runs in a row without an answer that counts
	Gone         bool
	ETag         string
	LastModified string
	Body         uint64 // hash of the decoded body, or of a redirect's target
	Text         uint64 // hash of the main content
	Data         uint64 // hash of what was taken from it
	Plan         uint32 // what was to be taken from it, told apart by a sum; 0: nothing
}

// An Observation is what one visit found.
type Observation struct {
	At           time.Time
	Status       int // 0: no answer
	ETag         string
	LastModified string
	Body, Text   uint64 // 0: not known
	Data         uint64
	Plan         uint32
}

// Change is what became of a page since the last visit.
type Change string

// The changes.
const (
	New       Change = "new" // or back after it was gone
	Modified  Change = "modified"
	Unchanged Change = "unchanged"
	Gone      Change = "gone"
	Moved     Change = "moved"
)

// Policy is how a crawl judges and when it comes again.
type Policy struct {
	Mode     Mode
	Every    time.Duration // for Fixed
	Min, Max time.Duration // for Adaptive
	Compare  Compare
	Grace    int // failing runs that are forgiven before a page counts as gone; a 404 or 410 is not
}

// Mode is when a page is due again.
type Mode uint8

// The modes.
const (
	All      Mode = iota // in each run
	Fixed                // after Every
	Adaptive             // sooner after a change, later after none, between Min and Max
)

// Compare is what two visits are compared by.
type Compare uint8

// What may be compared.
const (
	Text Compare = iota // main content, and what is taken: a new timestamp or token is no change
	Body                // every byte
)

// Due tells whether a page is to be visited again. Lastmod is what a sitemap
// says of it; the zero time is nothing. A visit in the future says that the
// clock was set back, and nothing about when it was; one that failed, and is
// forgiven, says nothing of the page.
func (p *Policy) Due(v *Visit, now, lastmod time.Time) bool {
	switch {
	case v.At.IsZero() || p.Mode == All || v.At.After(now) || p.forgives(v):
		return true
	case lastmod.After(v.At):
		return true
	}
	return !now.Before(p.Next(v))
}

// Next is from when on a page is due by the time alone, unless all are. A tenth
// of its time may be left: runs begin at the same minute of an hour or a day, and
// visit a page some time after that. One that takes an hour would else find a
// page that was to be visited every day due every second one.
func (p *Policy) Next(v *Visit) time.Time {
	wait := v.Interval
	if p.Mode == Fixed {
		wait = p.Every
	}
	return v.At.Add(wait - wait/10)
}

// Judge compares an observation with the last visit and returns what changed
// and what to keep for the next time.
func (p *Policy) Judge(last Visit, o Observation) (Change, Visit) {
	change, next := p.compare(last, o)
	next.At = o.At
	if change != Unchanged {
		next.ChangedAt = o.At
	}
	if !p.forgives(&next) {
		next.Interval = p.interval(last.Interval, change)
	}
	return change, next
}

// forgives tells whether a page that failed may have done so by chance.
func (p *Policy) forgives(v *Visit) bool { return 0 < v.Fails && v.Fails <= p.Grace && !v.Gone }

func (p *Policy) compare(last Visit, o Observation) (Change, Visit) {
	if o.Status == 0 || o.Status >= 400 {
		return p.failed(last, o)
	}
	next := last
	next.Fails, next.Gone = 0, false
	if o.Status == 304 {
		return Unchanged, next
	}
	next.Status, next.ETag, next.LastModified = o.Status, o.ETag, o.LastModified
	next.Body, next.Text, next.Data, next.Plan = o.Body, o.Text, o.Data, o.Plan
	switch {
	case last.Status == 0 || last.Gone:
		next.Since = o.At
		return New, next
	case isRedirect(o.Status):
		if isRedirect(last.Status) && o.Body == last.Body {
			return Unchanged, next
		}
		return Moved, next
	case isRedirect(last.Status):
		return Modified, next
	case o.Body == last.Body, p.Compare == Text && last.Reads(&next):
		return Unchanged, next
	}
	return Modified, next
}

// Reads tells whether a page reads the same at two visits: in its main content,
// which numbers and dates are no part of, and in what was taken from it, which
// they may be. What was taken by another plan is not compared.
func (v *Visit) Reads(o *Visit) bool {
	return v.Text != 0 && v.Text == o.Text && (v.Data == o.Data || v.Plan != o.Plan)
}

// failed judges an answer that has no page. What is known of the page stays,
// to compare with when it is back.
func (p *Policy) failed(last Visit, o Observation) (Change, Visit) {
	next := last
	next.Fails++
	certain := o.Status == 404 || o.Status == 410
	switch {
	case last.Status == 0 && last.Fails == 0:
		return New, next // a broken link, seen for the first time
	case last.Status == 0 || last.Gone:
		return Unchanged, next
	case certain || next.Fails > p.Grace:
		next.Gone = true
		return Gone, next
	}
	return Unchanged, next
}

// interval shrinks to a half after a change and grows by a half without one. A
// run that is not adaptive, as a full one a week beside an adaptive one an hour,
// leaves it as it was.
func (p *Policy) interval(last time.Duration, change Change) time.Duration {
	if p.Mode != Adaptive {
		return last
	}
	switch {
	case last == 0:
		last = 24 * time.Hour
	case change == Unchanged:
		last += last / 2
	default:
		last /= 2
	}
	return min(max(last, p.Min), p.Max)
}

func isRedirect(status int) bool { return status >= 300 && status < 400 && status != 304 }
