package dial

import (
	"context"
	"errors"
	"net"
	"time"
)

// An outage is a time in which no name can be looked up: the resolver's fault,
// or this machine's, and not that of the hosts.
type outage struct {
	known string    // a name that was found
	since time.Time // the first failure; zero outside of an outage
	last  time.Time // … and the last one
}

const (
	// outageEnds: so long after the last failed lookup nothing is known.
	outageEnds = time.Minute

	// maxOutage is how long an outage may last before failures count as those
	// of the hosts.
	maxOutage = 3 * time.Hour
)

// Offline tells whether names cannot be looked up at all: one could not be just
// now, and neither could one that was found before. A dialer that never found
// a name cannot tell.
func (d *Dialer) Offline() bool {
	d.names.mu.Lock()
	defer d.names.mu.Unlock()
	o, now := &d.names.outage, time.Now()
	return !o.since.IsZero() && now.Sub(o.last) < outageEnds && now.Sub(o.since) < maxOutage
}

// answered takes in that the resolver works.
func (n *names) answered(host string, found bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.outage.since, n.outage.last = time.Time{}, time.Time{}
	if found {
		n.outage.known = host
	}
}

// failed takes in that host could not be looked up, which is no answer. To know
// whose fault it is, a name that was found before is asked for.
func (n *names) failed(ctx context.Context, host string) {
	n.mu.Lock()
	known := n.outage.known
	n.mu.Unlock()
	if known == "" {
		return
	}
	if known != host {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.timeout)
		defer cancel()
		n.underWay(host, cancel)
		_, err := n.resolver.LookupNetIP(ctx, "ip", known)
		if dns, ok := errors.AsType[*net.DNSError](err); err == nil || ok && dns.IsNotFound {
			n.answered(known, err == nil)
			return
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.outage.last = time.Now()
	if n.outage.since.IsZero() {
		n.outage.since = n.outage.last
	}
}
