package dial

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// An outage is a time in which nobody can be asked, by no fault of theirs: no
// name can be looked up, or the proxy is out of reach.
type outage struct {
	mu    sync.Mutex
	known string    // what has answered before: a name that was found, a proxy's address
	since time.Time // the first failure; zero outside of an outage
	last  time.Time // … and the last one
}

const (
	// outageEnds: so long after the last failure nothing is known.
	outageEnds = time.Minute

	// maxOutage is how long an outage may last before failures count as those
	// of the hosts.
	maxOutage = 3 * time.Hour
)

// answered ends the outage. What answers if all is well is known by it, unless
// it is "".
func (o *outage) answered(known string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since, o.last = time.Time{}, time.Time{}
	if known != "" {
		o.known = known
	}
}

// failed takes in that what is known does not answer.
func (o *outage) failed() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = time.Now()
	if o.since.IsZero() {
		o.since = o.last
	}
}

func (o *outage) witness() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known
}

func (o *outage) lasts() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	return !o.since.IsZero() && now.Sub(o.last) < outageEnds && now.Sub(o.since) < maxOutage
}

// Offline tells whether names cannot be looked up at all: one could not be just
// now, and neither could one that was found before. A dialer that never found
// a name cannot tell.
func (d *Dialer) Offline() bool { return d.names.outage.lasts() }

// ProxyDown tells whether the address that DialTrusted was asked for could not be
// connected to just now, and could be before.
func (d *Dialer) ProxyDown() bool { return d.proxy.lasts() }

// answered takes in that the resolver works.
func (n *names) answered(host string, found bool) {
	if !found {
		host = ""
	}
	n.outage.answered(host)
}

// failed takes in that host could not be looked up, which is no answer. To know
// whose fault it is, a name that was found before is asked for.
func (n *names) failed(ctx context.Context, host string) {
	known := n.outage.witness()
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
	n.outage.failed()
}
