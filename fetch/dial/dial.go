// Package dial opens connections for the fetcher: names through one shared
// cache, every address judged before it is asked, the addresses of a name
// tried in turn.
//
// A name is resolved here and only addresses are dialed, so the address that
// Deny judged is the address that is asked: a second lookup cannot swap it.
package dial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Options of a Dialer. The zero value dials everything through the system's
// resolver.
type Options struct {
	Resolver Resolver          // nil is the system's
	Resolve  map[string]string // "host:port" → "addr:port", asked instead of the resolver
	Timeout  time.Duration     // of one Dial, lookup included; 0 is 10 s

	// Deny, when set, is asked for each address as it is about to be dialed,
	// those of Resolve too, and told the host that it is dialed for. Its error
	// refuses the address; see Policy.
	Deny func(host string, addr netip.AddrPort) error
}

// A Dialer dials TCP. It is safe for concurrent use; Close it after use.
type Dialer struct {
	opts  Options
	names *names
	proxy outage // of what DialTrusted is asked for
	net   net.Dialer
}

// New returns a Dialer. It refuses an entry of Options.Resolve that is not a
// pair of "host:port".
func New(opts Options) (*Dialer, error) {
	overrides := make(map[string]string, len(opts.Resolve))
	for from, to := range opts.Resolve {
		overrides[strings.ToLower(from)] = to
		for _, s := range []string{from, to} {
			if _, _, err := splitHostPort(s); err != nil {
				return nil, fmt.Errorf("resolve %q to %q: want host:port and address:port: %w", from, to, err)
			}
		}
	}
	opts.Resolve = overrides
	opts.Timeout = cmp.Or(opts.Timeout, 10*time.Second)
	if opts.Resolver == nil {
		opts.Resolver = &net.Resolver{}
	}
	return &Dialer{
		opts:  opts,
		names: newNames(opts.Resolver, opts.Timeout),
		net:   net.Dialer{KeepAlive: -1}, // a crawl's connections are too short for probes: four system calls saved
	}, nil
}

// Close ends lookups under way. Connections stay as they are.
func (d *Dialer) Close() { d.names.close() }

// A ForbiddenError says that Deny refused an address.
type ForbiddenError struct {
	Host string         // as asked: a name or an address
	Addr netip.AddrPort // not valid when Host could not be judged
	Err  error
}

func (e *ForbiddenError) Error() string {
	switch {
	case !e.Addr.IsValid():
		return fmt.Sprintf("%s may not be asked: %v", e.Host, e.Err)
	case e.Host == e.Addr.Addr().String():
		return fmt.Sprintf("%s may not be asked: %v", e.Addr, e.Err)
	}
	return fmt.Sprintf("%s of %s may not be asked: %v", e.Addr, e.Host, e.Err)
}

func (e *ForbiddenError) Unwrap() error { return e.Err }

// DialContext connects to address, a "host:port". It fails with a
// *net.DNSError, a *ForbiddenError or the *net.OpError of the last address
// tried.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d.dial(ctx, network, address, d.opts.Deny)
}

// DialTrusted is DialContext without Deny: for the address of a proxy, which
// the user named and no page did.
func (d *Dialer) DialTrusted(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, address, nil)
	switch {
	case err == nil:
		d.proxy.answered(address)
	case d.proxy.witness() == address:
		d.proxy.failed()
	}
	return conn, err
}

// Judge asks Deny about every address of a "host:port" without dialing, for
// a target that somebody else, a proxy, will dial. A name that does not
// resolve here cannot be judged and is refused, unless Deny lets it pass with
// the zero address; one of which nothing can be known for now is a *net.DNSError.
func (d *Dialer) Judge(ctx context.Context, address string) error {
	if d.opts.Deny == nil {
		return nil
	}
	host := hostOf(address)
	_, addrs, err := d.addresses(ctx, address)
	if err != nil {
		if d.opts.Deny(host, netip.AddrPort{}) == nil {
			return nil
		}
		if dns, ok := errors.AsType[*net.DNSError](err); ok && !dns.IsNotFound {
			return err
		}
		return &ForbiddenError{Host: host, Err: fmt.Errorf("it cannot be judged: %w", err)}
	}
	for _, a := range addrs {
		if err := d.opts.Deny(host, a); err != nil {
			return &ForbiddenError{Host: host, Addr: a, Err: err}
		}
	}
	return nil
}

func (d *Dialer) dial(ctx context.Context, network, address string, deny func(string, netip.AddrPort) error) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	defer cancel()
	name, addrs, err := d.addresses(ctx, address)
	if err != nil {
		return nil, err
	}
	if len(addrs) > maxTries {
		addrs = addrs[:maxTries]
	}
	var failed error
	for i, addr := range addrs {
		if deny != nil {
			if err := deny(hostOf(address), addr); err != nil {
				failed = cmp.Or[error](failed, &ForbiddenError{Host: hostOf(address), Addr: addr, Err: err})
				continue
			}
		}
		conn, err := d.try(ctx, network, addr, len(addrs)-i)
		if err == nil {
			if i > 0 {
				d.names.prefer(name, addr.Addr())
			}
			return conn, nil
		}
		failed = err
		if ctx.Err() != nil {
			break
		}
	}
	// Stale addresses are the likeliest cause that can be mended here.
	d.names.forget(name)
	return nil, failed
}

// maxTries is how many addresses of a name are tried.
const maxTries = 6

// patience is how long an address gets while another is left to try: longer
// than the first retransmission of a SYN (1 s), short enough that a dead IPv6
// route costs a name one wait, after which the address that answered is first.
const patience = 2 * time.Second

// try dials one address, with patience unless it is the last one left.
func (d *Dialer) try(ctx context.Context, network string, addr netip.AddrPort, left int) (net.Conn, error) {
	if left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	return d.net.DialContext(ctx, network, addr.String())
}

// hostOf is the host of a "host:port", as it was asked for.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// addresses gives the name that is looked up for a "host:port", and where it
// is to be dialed, in order.
func (d *Dialer) addresses(ctx context.Context, address string) (name string, addrs []netip.AddrPort, err error) {
	if to, ok := d.opts.Resolve[strings.ToLower(address)]; ok {
		address = to
	}
	name, port, err := splitHostPort(address)
	if err != nil {
		return name, nil, err
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return name, []netip.AddrPort{netip.AddrPortFrom(ip.Unmap(), port)}, nil
	}
	ips, err := d.names.lookup(ctx, name)
	if err != nil {
		return name, nil, err
	}
	addrs = make([]netip.AddrPort, len(ips))
	for i, ip := range ips {
		addrs[i] = netip.AddrPortFrom(ip, port)
	}
	return name, addrs, nil
}

func splitHostPort(s string) (string, uint16, error) {
	host, text, err := net.SplitHostPort(s)
	if err != nil {
		return s, 0, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return host, 0, fmt.Errorf("port %q of %q: want a number up to 65535", text, s)
	}
	if host == "" {
		return host, 0, errors.New("no host")
	}
	return host, uint16(port), nil
}
