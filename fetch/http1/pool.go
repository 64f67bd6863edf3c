package http1

import (
	"container/list"
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
	of      map[origin][]*conn // the one that was used last is last
	all     list.List          // of *conn, so too
	tidying *time.Timer        // nil when there is nothing to tidy
	closed  bool
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
	kept := p.of[key]
	if len(kept) == 0 {
		return nil
	}
	c := kept[len(kept)-1]
	p.remove(c)
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
	if p.closed || len(p.of[c.key]) >= limits.MaxIdlePerHost {
		return c
	}
	if p.of == nil {
		p.of = make(map[origin][]*conn)
	}
	c.since = time.Now()
	c.place = p.all.PushBack(c)
	p.of[c.key] = append(p.of[c.key], c)
	if p.all.Len() > limits.MaxIdle {
		over = p.all.Front().Value.(*conn)
		p.remove(over)
	}
	if p.tidying == nil {
		p.tidying = time.AfterFunc(tidyEvery, func() { p.tidy(limits.IdleTimeout) })
	}
	return over
}

func (p *pool) remove(c *conn) {
	p.all.Remove(c.place)
	kept := p.of[c.key]
	i := slices.Index(kept, c)
	if kept = slices.Delete(kept, i, i+1); len(kept) > 0 {
		p.of[c.key] = kept
		return
	}
	delete(p.of, c.key)
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
	for e := p.all.Front(); e != nil; {
		c := e.Value.(*conn)
		e = e.Next()
		if time.Since(c.since) >= timeout || !c.quiet() {
			p.remove(c)
			stale = append(stale, c)
		}
	}
	if p.all.Len() > 0 {
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
	for e := p.all.Front(); e != nil; e = e.Next() {
		e.Value.(*conn).net.Close()
	}
	p.all.Init()
	clear(p.of)
	if p.tidying != nil {
		p.tidying.Stop()
	}
}
