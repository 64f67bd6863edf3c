package dial

import (
	"net/netip"

	"code.dny.dev/ssrf"
)

// A class is the addresses that mean the same kind of place. What is not
// public and in no class is opened by no seed.
type class struct {
	name     string // "a …", for a person
	byName   bool   // a seed that is a name opens it too
	networks []netip.Prefix
}

// The classes, by the registries of special-purpose addresses of IANA.
var (
	loopback = &class{"a loopback address", true, networks("127.0.0.0/8", "::1/128")}
	private  = &class{"a private address", true, networks( // RFC 1918, RFC 4193; site-local was that before
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")}
	shared      = &class{"a carrier's shared address", true, networks("100.64.0.0/10")} // RFC 6598
	unspecified = &class{"the unspecified address", false, networks("0.0.0.0/8", "::/128")}
	linkLocal   = &class{"a link-local address", false, networks("169.254.0.0/16", "fe80::/10")}
	multicast   = &class{"a multicast address", false, networks("224.0.0.0/4", "255.255.255.255/32", "ff00::/8")}

	// metadata are the services that give a machine in a cloud its keys: AWS,
	// Azure, Google and most others; ECS and EKS; Alibaba; Oracle; Azure's
	// fabric. The classes around them do not open them.
	metadata = &class{"the address of a metadata service", false, networks(
		"169.254.169.254/32", "fd00:ec2::254/128", "fd20:ce::254/128",
		"169.254.170.2/32", "169.254.170.23/32", "fd00:ec2::23/128",
		"100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32")}

	// settled is the class of a seed's name that opens nothing.
	settled = &class{}

	classes = [...]*class{metadata, loopback, private, shared, unspecified, linkLocal, multicast}
)

func networks(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// classOf gives the class of an address without zone, or nil.
func classOf(ip netip.Addr) *class {
	for _, c := range classes {
		for _, n := range c.networks {
			if n.Contains(ip) {
				return c
			}
		}
	}
	return nil
}

// nat64 gives the IPv4 address in a NAT64 one with the well-known prefix
// (RFC 6052 §2.1). Other ways to put one into an IPv6 address (6to4, Teredo,
// a network's own NAT64 prefix 64:ff9b:1::/48) lead nowhere by now and are not
// public as they are.
func nat64(ip netip.Addr) (inner netip.Addr, ok bool) {
	if !ssrf.IPv6NAT64Prefix.Contains(ip) {
		return netip.Addr{}, false
	}
	b := ip.As16()
	return netip.AddrFrom4([4]byte(b[12:])), true
}
