package http1

import (
	"slices"
	"sync"
	"time"
)

// An origin is what connections are kept for (RFC 9110 §4.3.1).
type origin struct{ scheme, host string }

// tidyEvery is how often the connections that are kept are looked at, so that
// those that the server has closed are closed here too.
const tidyEvery = 10 * time.Second

// A pool keeps connections that nobody uses.
type pool struct {
	mu      sync.Mutex
	of      map[origin]*stack
	all     chain
	tidying *time.Timer // nil when there is nothing to tidy
	closed  bool
}

// A stack has the connections to one origin, the one that was used last on top.
// When it is empty it stays until the pool is tidied, as its connections come back
// in a moment.
type stack struct{ conns []*conn }

// A chain has connections in the order in which they were used, by their own
// links: a list's element would be made for each time that one is kept.
type chain struct {
	oldest, newest *conn
	n              int
}

func (l *chain) add(c *conn) {
	c.older, c.newer = l.newest, nil
	if l.newest == nil {
		l.oldest = c
	} else {
		l.newest.newer = c
	}
	l.newest = c
	l.n++
}

func (l *chain) remove(c *conn) {
	if c.older == nil {
		l.oldest = c.newer
	} else {
		c.older.newer = c.newer
	}
	if c.newer == nil {
		l.newest = c.older
	} else {
		c.newer.older = c.older
	}
	c.older, c.newer = nil, nil
	l.n--
}

// atOnce is for how short a time a connection is idle that is not looked at
// before it is used again: without limits of politeness they all are, and the
// system call is 2 % of a page's CPU.
const atOnce = time.Millisecond

// take gives a connection to an origin that is idle for no longer than the
// timeout, and on which nothing has come meanwhile; nil if there is none.
func (p *pool) take(key origin, timeout time.Duration) *conn {
	for {
		c := p.pop(key)
		if c == nil {
			return nil
		}
		idle := time.Since(c.since)
		if idle < atOnce || idle < timeout && c.quiet() {
			return c
		}
		c.net.Close()
	}
}

func (p *pool) pop(key origin) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.of[key]
	if s == nil || len(s.conns) == 0 {
		return nil
	}
	last := len(s.conns) - 1
	c := s.conns[last]
	s.conns[last], s.conns = nil, s.conns[:last]
	p.all.remove(c)
	return c
}

// put keeps a connection, or closes one: this one if there are enough to its
// origin, otherwise the one that has been idle for longest.
func (p *pool) put(c *conn, limits *Transport) {
	if over := p.keep(c, limits); over != nil {
		over.net.Close()
	}
}

func (p *pool) keep(c *conn, limits *Transport) (over *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.of[c.key]
	if p.closed || s != nil && len(s.conns) >= limits.MaxIdlePerHost {
		return c
	}
	if s == nil {
		s = &stack{}
		if p.of == nil {
			p.of = make(map[origin]*stack)
		}
		p.of[c.key] = s
	}
	c.since = time.Now()
	s.conns = append(s.conns, c)
	p.all.add(c)
	if p.all.n > limits.MaxIdle {
		over = p.all.oldest
		p.remove(over)
	}
	if p.tidying == nil {
		p.tidying = time.AfterFunc(tidyEvery, func() { p.tidy(limits.IdleTimeout) })
	}
	return over
}

func (p *pool) remove(c *conn) {
	p.all.remove(c)
	s := p.of[c.key]
	i := slices.Index(s.conns, c)
	s.conns = slices.Delete(s.conns, i, i+1)
}

// tidy closes what has been idle for too long or was closed by the server.
func (p *pool) tidy(timeout time.Duration) {
	for _, c := range p.stale(timeout) {
		c.net.Close()
	}
}

func (p *pool) stale(timeout time.Duration) (stale []*conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, next := p.all.oldest, (*conn)(nil); c != nil; c = next {
		next = c.newer
		if time.Since(c.since) >= timeout || !c.quiet() {
			p.remove(c)
			stale = append(stale, c)
		}
	}
	for key, s := range p.of {
		if len(s.conns) == 0 {
			delete(p.of, key)
		}
	}
	if p.all.n > 0 {
		p.tidying.Reset(tidyEvery)
	} else {
		p.tidying = nil
	}
	return stale
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for c := p.all.oldest; c != nil; c = c.newer {
		c.net.Close()
	}
	p.all = chain{}
	clear(p.of)
	if p.tidying != nil {
		p.tidying.Stop()
	}
}
