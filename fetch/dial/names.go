package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/jellydator/ttlcache/v3"
	"golang.org/x/sync/singleflight"
)

// A Resolver finds the addresses of a name; *net.Resolver is one. A name that
// does not exist is a *net.DNSError with IsNotFound.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// How long an answer serves. The system's resolver does not tell the TTL;
// these are short enough for a site that moves and long enough that a crawl
// asks a name once for hundreds of pages.
const (
	foundFor    = 5 * time.Minute
	notFoundFor = 30 * time.Second
	maxNames    = 16 << 10

	// maxAddrs is how many addresses an answer has that is kept. No site has as
	// many; of 4,000, as there is room for, each name would take 100 KB.
	maxAddrs = 64
)

// names is the shared cache in front of a Resolver: a name is asked for once,
// however many want it at the same time.
type names struct {
	resolver Resolver
	timeout  time.Duration
	cache    *ttlcache.Cache[string, answer]
	flight   singleflight.Group

	mu      sync.Mutex
	lookups map[string]context.CancelFunc // those under way, by the name that is wanted
	closed  bool
	outage  outage
}

// answer is what the resolver said of one name: addresses, or that there are none.
type answer struct {
	addrs    []netip.Addr
	notFound *net.DNSError
}

func newNames(r Resolver, timeout time.Duration) *names {
	cache := ttlcache.New(ttlcache.WithCapacity[string, answer](maxNames), ttlcache.WithDisableTouchOnHit[string, answer]())
	return &names{resolver: r, timeout: timeout, cache: cache, lookups: make(map[string]context.CancelFunc)}
}

// close ends the lookups that nobody waits for any more.
func (n *names) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for _, cancel := range n.lookups {
		cancel()
	}
}

// lookup gives the addresses of host. The lookup itself does not end with
// ctx: others may be waiting for the same answer.
func (n *names) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if known := n.cache.Get(host); known != nil {
		return known.Value().result()
	}
	ch := n.flight.DoChan(host, func() (any, error) {
		if known := n.cache.Get(host); known != nil { // since a moment ago, by a flight that has ended
			return known.Value(), nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.timeout)
		n.underWay(host, cancel)
		defer func() {
			cancel()
			n.underWay(host, nil)
		}()
		return n.ask(ctx, host)
	})
	select {
	case r := <-ch:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(answer).result()
	case <-ctx.Done():
		return nil, &net.DNSError{Err: ctx.Err().Error(), Name: host, IsTimeout: true, IsTemporary: true}
	}
}

// underWay notes how to end the lookup of host; nil that it has ended.
func (n *names) underWay(host string, cancel context.CancelFunc) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if cancel == nil {
		delete(n.lookups, host)
		return
	}
	n.lookups[host] = cancel
	if n.closed {
		cancel()
	}
}

// ask asks the resolver and keeps what may be kept: a failure that is not an
// answer (a timeout, SERVFAIL) is asked again next time.
func (n *names) ask(ctx context.Context, host string) (answer, error) {
	addrs, err := n.resolver.LookupNetIP(ctx, "ip", host)
	var a answer
	switch dns, ok := errors.AsType[*net.DNSError](err); {
	case err == nil && len(addrs) > 0:
		a.addrs = interleave(addrs)
	case err == nil:
		a.notFound = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	case ok && dns.IsNotFound:
		a.notFound = dns
	default:
		n.failed(ctx, host)
		return answer{}, err
	}
	n.answered(host, len(a.addrs) > 0)
	if len(a.addrs) <= maxAddrs {
		n.cache.Set(host, a, a.serves())
	}
	return a, nil
}

func (a answer) serves() time.Duration {
	if a.notFound != nil {
		return notFoundFor
	}
	return foundFor
}

func (a answer) result() ([]netip.Addr, error) {
	if a.notFound != nil {
		return nil, a.notFound
	}
	return a.addrs, nil
}

// prefer puts the address that answered first, for the name's next dial.
func (n *names) prefer(host string, addr netip.Addr) {
	known := n.cache.Get(host)
	if known == nil {
		return
	}
	addrs, left := known.Value().addrs, time.Until(known.ExpiresAt())
	if i := slices.Index(addrs, addr); i > 0 && left > 0 {
		addrs = slices.Delete(slices.Clone(addrs), i, i+1)
		n.cache.Set(host, answer{addrs: slices.Insert(addrs, 0, addr)}, left)
	}
}

func (n *names) forget(host string) { n.cache.Delete(host) }

// interleave alternates the families, the resolver's first one first
// (RFC 8305 §4), so that a family that does not work costs one try.
func interleave(addrs []netip.Addr) []netip.Addr {
	var first, second []netip.Addr
	for _, a := range addrs {
		a = a.Unmap()
		if a.Is4() == addrs[0].Unmap().Is4() {
			first = append(first, a)
		} else {
			second = append(second, a)
		}
	}
	out := make([]netip.Addr, 0, len(addrs))
	for i := range max(len(first), len(second)) {
		if i < len(first) {
			out = append(out, first[i])
		}
		if i < len(second) {
			out = append(out, second[i])
		}
	}
	return out
}
