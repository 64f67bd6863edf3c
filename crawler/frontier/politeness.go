package frontier

import (
	"math/rand/v2"
	"time"

	"golang.org/x/time/rate"
)

// Politeness is what a host may expect. The zero value of a field means no
// limit, or the default that its comment names.
type Politeness struct {
	Rate            rate.Limit // requests started to one host a second; 0 is no limit
	TotalRate       rate.Limit // … to all hosts together
	HostConcurrency int        // requests in flight to one host; default 2
	CrawlDelayCap   time.Duration

	// PauseBase is the first pause after a 429 or 503 without Retry-After;
	// each one that follows doubles, with jitter, up to PauseCap. So long is,
	// too, what a page may ask for that was had.
	PauseBase, PauseCap time.Duration // default 1s, 5m

	// AskedCap is the longest pause that a 429 or 503 gets for the asking.
	AskedCap time.Duration // default 1h

	// After Strikes failures in a row to reach a host it is parked for
	// ParkBase, doubling up to PauseCap; after GiveUp parks without one answer,
	// or after Strikes×GiveUp pushbacks in a row, or when it asks for more after
	// it got AskedCap in a row, it is given up. One that has answered is there,
	// and restarts: its parks must add up to Patience, too.
	Strikes  int           // default 5
	ParkBase time.Duration // default 10s
	GiveUp   int           // default 3
	Patience time.Duration // default 15m
}

func (p Politeness) withDefaults() Politeness {
	setDefault(&p.HostConcurrency, 2)
	setDefault(&p.CrawlDelayCap, 30*time.Second)
	setDefault(&p.PauseBase, time.Second)
	setDefault(&p.PauseCap, 5*time.Minute)
	setDefault(&p.AskedCap, time.Hour)
	setDefault(&p.Strikes, 5)
	setDefault(&p.ParkBase, 10*time.Second)
	setDefault(&p.GiveUp, 3)
	setDefault(&p.Patience, 15*time.Minute)
	return p
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Health is what an exchange said about its host.
type Health uint8

// The verdicts on a host.
const (
	Untold   Health = iota // nothing: the host was not asked
	Healthy                // it answered
	Pushback               // it asked for less: 429, 503
	Down                   // it could not be reached
	Offline                // nothing: no host can be asked for now
)

func (h Health) String() string {
	return [...]string{"untold", "asked to wait", "asked for less", "out of reach", "not asked: nobody can be"}[h]
}

// strain is how a host has been doing.
type strain struct {
	downs, pushbacks int           // in a row
	answered         bool          // ever, be it to ask for less
	parks            int           // in a row, without an answer between
	parked           time.Duration // … in all
	granted          time.Duration // of the pauses it asked for by pushbacks in a row
	latency          time.Duration
	best             time.Duration // the least smoothed latency so far
}

// fine tells whether the host has no trouble behind it.
func (s *strain) fine() bool { return s.downs+s.pushbacks+s.parks == 0 }

// probes tells whether the host has yet to answer after a pause: until it does,
// one request at a time finds out as much as many.
func (s *strain) probes() bool { return s.pushbacks > 0 || s.parks > 0 }

// note takes in what an exchange said of a host that is paused for so much
// longer. It returns the pause that follows, and why the host must be given up,
// if it must.
func (s *strain) note(p *Politeness, x Exchange, paused time.Duration) (pause time.Duration, givenUp string) {
	switch x.Health {
	case Healthy:
		*s = strain{answered: true, latency: s.latency, best: s.best}
		return min(x.Pause, p.PauseCap), ""
	case Pushback:
		s.answered = true
		return s.pushback(p, min(x.Pause, p.AskedCap), max(paused, 0))
	case Offline:
		return jitter(p.ParkBase), ""
	case Down:
		if paused > 0 {
			return 0, "" // it was under way when the host was parked
		}
		s.downs++
		if s.downs < p.Strikes {
			return 0, ""
		}
		s.downs = p.Strikes - 1 // one probe after the park decides
		if s.parks >= p.GiveUp && (!s.answered || s.parked >= p.Patience) {
			return 0, "it could not be reached"
		}
		pause = jitter(doubled(p.ParkBase, s.parks, p.PauseCap))
		s.parks++
		s.parked += pause
		return pause, ""
	}
	return 0, ""
}

// pushback takes in a 429 or 503. Many requests may have been under way when the
// first of them came: the others are no further strikes, or a host that is asked
// by twenty at a time would be given up at once.
func (s *strain) pushback(p *Politeness, asked, paused time.Duration) (pause time.Duration, givenUp string) {
	if paused == 0 {
		s.pushbacks++
		if s.pushbacks >= p.Strikes*p.GiveUp || s.granted >= p.AskedCap {
			return 0, "it kept asking for less (429 or 503)"
		}
		if asked == 0 {
			return jitter(doubled(p.PauseBase, s.pushbacks-1, p.PauseCap)), ""
		}
	}
	s.granted += max(asked-paused, 0)
	return asked, ""
}

// slowdown is the gap that a host's latency asks for: none while it answers
// about as fast as it ever did, and one answer's time once it takes four times
// as long and more than a second, so that a host in trouble gets one request
// at a time.
func (s *strain) slowdown(elapsed time.Duration) time.Duration {
	if s.latency == 0 {
		s.latency, s.best = elapsed, elapsed
		return 0
	}
	s.latency += (elapsed - s.latency) / 8
	s.best = min(s.best, s.latency)
	if s.latency > time.Second && s.latency > 4*s.best {
		return s.latency
	}
	return 0
}

// maxBackoff is what doubling a wait leads to; one that is longer by itself stays.
const maxBackoff = 5 * time.Minute

// Backoff is the wait before try number attempt+1 of one URL: base, doubling,
// with jitter.
func Backoff(base time.Duration, attempt int) time.Duration {
	base = min(base, longestGap)
	return jitter(doubled(base, attempt, max(base, maxBackoff)))
}

func doubled(base time.Duration, times int, limit time.Duration) time.Duration {
	d := base
	for range times {
		if d >= limit/2 { // twice as much may be more than a Duration holds
			return limit
		}
		d *= 2
	}
	return min(d, limit)
}

// jitter spreads waits over [d, 1.25 d): never less than what was promised.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return d + rand.N(d/4+1)
}
