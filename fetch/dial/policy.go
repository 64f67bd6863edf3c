package dial

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"code.dny.dev/ssrf"
	"golang.org/x/net/publicsuffix"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A Policy refuses the addresses that a page must not lead a crawl to: those
// of this machine, of the networks around it and of whatever else is not the
// public Internet. Its Deny is for Options.Deny. In this order:
//
//  1. An address in one of the denied networks is refused, whatever else holds.
//  2. One in an allowed network is not.
//  3. Nor is a public one. The IPv4 address in a NAT64 address (RFC 6052) is
//     judged in its place; a mapped one is the IPv4 address.
//  4. Nor is one of a class (see classes) that a seed opened.
//
// A seed opens the class of its address for the whole crawl: one that is an
// address at once, "localhost" at once too, and a name that is not below a
// public suffix ("wiki", "nas.local") with the first address that it is to be
// dialed at. A name that is below one is somebody's on the Internet to point
// where they like: it opens the class of its first address to itself alone,
// and only the first maxNamed of them do, since nobody has looked at each line
// of a longer list. So a name that is public first and 127.0.0.1 later
// (rebinding) is refused. Metadata services and link-local addresses are never
// opened by a name.
type Policy struct {
	allow, deny []netip.Prefix
	guard       *ssrf.Guardian // knows what is public

	mu    sync.Mutex
	open  map[*class]bool
	named map[string]bool   // the seeds' names, which a proxy may know and this machine not
	seeds map[string]*class // names; nil until the first address of one is known
}

// maxNamed is how many names below a public suffix may open their class.
const maxNamed = 100

// NewPolicy returns the policy of a crawl. It refuses a network that is not valid.
func NewPolicy(seeds []weburl.URL, allow, deny []netip.Prefix) (*Policy, error) {
	p := &Policy{
		guard: ssrf.New(ssrf.WithAnyNetwork(), ssrf.WithAnyPort()),
		open:  make(map[*class]bool),
		seeds: make(map[string]*class),
		named: make(map[string]bool),
	}
	var err error
	if p.allow, err = plain(allow); err != nil {
		return nil, fmt.Errorf("allowed networks: %w", err)
	}
	if p.deny, err = plain(deny); err != nil {
		return nil, fmt.Errorf("denied networks: %w", err)
	}
	p.vouch(seeds)
	return p, nil
}

// plain writes networks the way addresses are compared: mapped ones as IPv4.
func plain(networks []netip.Prefix) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(networks))
	for _, n := range networks {
		if n.Addr().Is4In6() && n.Bits() >= 96 {
			n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()-96)
		}
		if !n.IsValid() {
			return nil, fmt.Errorf("%q: want an address and a length in bits, as in 10.0.0.0/8", n)
		}
		out = append(out, n.Masked())
	}
	return out, nil
}

// vouch takes in what the seeds open.
func (p *Policy) vouch(seeds []weburl.URL) {
	public := 0
	for _, u := range seeds {
		host := seedHost(u.Hostname())
		if ip, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
			if c := classOf(ip.Unmap()); c != nil {
				p.open[c] = true
			}
			continue
		}
		if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761 §6.3
			p.open[loopback] = true
			continue
		}
		p.named[host] = true
		if _, known := p.seeds[host]; known || onInternet(host) && public == maxNamed {
			continue
		}
		if onInternet(host) {
			public++
		}
		p.seeds[host] = nil
	}
}

// seedHost is a host without the dot that may end it.
func seedHost(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// onInternet tells whether a name is below a public suffix: its registrant,
// not the user, says where it points.
func onInternet(name string) bool {
	suffix, icann := publicsuffix.PublicSuffix(name)
	return strings.Contains(name, ".") && (icann || strings.Contains(suffix, ".")) // one of a company, such as github.io, has a dot
}

// Deny gives the reason why host must not be dialed at addr, or nil. Without an
// address, when only a proxy can resolve the name, seeds alone may be asked.
func (p *Policy) Deny(host string, addr netip.AddrPort) error {
	if !addr.IsValid() {
		if p.named[seedHost(host)] {
			return nil
		}
		return errors.New("a name without an address, that no seed has")
	}
	ip := addr.Addr().WithZone("").Unmap() // no network contains an address with a zone
	inner, translated := nat64(ip)
	for _, n := range p.deny {
		if n.Contains(ip) || translated && n.Contains(inner) {
			return fmt.Errorf("an address of the denied network %s", n)
		}
	}
	c, public := p.judge(ip, inner, translated)
	if p.vouched(seedHost(host), c, public) || public {
		return nil
	}
	for _, n := range p.allow {
		if n.Contains(ip) {
			return nil
		}
	}
	return refusal(c)
}

// judge gives the class of an address, nil if it has none, and whether it is
// public. A translated address has no class: what is private behind a gateway
// is not what a seed here is.
func (p *Policy) judge(ip, inner netip.Addr, translated bool) (c *class, public bool) {
	if translated {
		return nil, classOf(inner) == nil && p.guard.SafeAddr(inner) == nil
	}
	c = classOf(ip)
	return c, c == nil && p.guard.SafeAddr(ip) == nil
}

// vouched tells whether a seed opened a class for host. With the first address
// of a seed's name it decides what the name opens.
func (p *Policy) vouched(host string, c *class, public bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	own, named := p.seeds[host]
	if named && own == nil {
		own = settled
		if c != nil && c.byName {
			own = c
		}
		p.seeds[host] = own
		if own != settled && !onInternet(host) {
			p.open[own] = true
		}
	}
	return c != nil && (p.open[c] || named && own == c)
}

// refusal says what an address is, and what would open it.
func refusal(c *class) error {
	if c == nil {
		return errors.New("not on the public Internet: asked only if its network is allowed")
	}
	return fmt.Errorf("%s: asked only if a seed is one, or its network is allowed", c.name)
}
