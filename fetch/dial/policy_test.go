package dial_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/fetch/dial"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func newPolicy(t *testing.T, seeds, allow, deny string) *dial.Policy {
	t.Helper()
	var urls []weburl.URL
	for _, s := range strings.Fields(seeds) {
		u, err := weburl.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		urls = append(urls, u)
	}
	nets := func(text string) (out []netip.Prefix) {
		for _, s := range strings.Fields(text) {
			out = append(out, netip.MustParsePrefix(s))
		}
		return out
	}
	p, err := dial.NewPolicy(urls, nets(allow), nets(deny))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Each address is asked for by a name that no seed has.
func TestPolicy(t *testing.T) {
	for _, tt := range []struct {
		name, seeds, allow, deny string
		asks                     string // addresses that may be asked
		refused                  string // addresses that may not
		words                    string // what is said of each refused one
	}{
		{name: "public", seeds: "https://example.org/",
			asks: "93.184.215.14 2606:2800:21f:cb07::1 ::ffff:93.184.215.14 64:ff9b::5db8:d70e"},
		{name: "loopback", seeds: "https://example.org/", words: "a loopback address",
			refused: "127.0.0.1 127.255.255.254 ::1 ::1%lo ::ffff:127.0.0.1 ::ffff:7f00:1"},
		{name: "private", seeds: "http://127.0.0.1/", words: "a private address",
			refused: "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 ::ffff:192.168.1.1 fd12::1 fc00::1 fec0::1"},
		{name: "link-local", seeds: "http://10.0.0.1/", words: "a link-local address",
			refused: "169.254.1.1 fe80::1 fe80::1%eth0"},
		{name: "carrier's", seeds: "http://10.0.0.1/", words: "a carrier's shared address", refused: "100.64.0.1 100.127.255.255"},
		{name: "multicast", seeds: "http://10.0.0.1/", words: "a multicast address", refused: "224.0.0.1 239.1.1.1 ff02::1 255.255.255.255"},
		{name: "unspecified", seeds: "http://127.0.0.1/", words: "the unspecified address", refused: "0.0.0.0 0.1.2.3 ::"},
		{name: "metadata", seeds: "http://169.254.1.1/ http://[fd00::1]/ http://100.64.0.1/", words: "the address of a metadata service",
			refused: "169.254.169.254 ::ffff:169.254.169.254 fd00:ec2::254 fd20:ce::254 100.100.100.200 192.0.0.192 168.63.129.16 169.254.170.2"},
		{name: "reserved", seeds: "http://127.0.0.1/ http://10.0.0.1/", words: "not on the public Internet",
			refused: "192.0.2.1 198.18.0.1 203.0.113.9 240.0.0.1 2001:db8::1 4000::1"},
		{name: "IPv4 within IPv6", seeds: "http://127.0.0.1/ http://10.0.0.1/", words: "not on the public Internet",
			refused: "64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1 2002:7f00:1:: 2002:5db8:d70e:: ::7f00:1 2001::1 ::ffff:0:7f00:1"},

		{name: "loopback seed", seeds: "http://127.0.0.1:8080/a", asks: "127.0.0.1 127.9.9.9 ::1 ::1%lo ::ffff:127.0.0.1", refused: "10.0.0.1"},
		{name: "IPv6 loopback seed", seeds: "http://[::1]/", asks: "127.0.0.1 ::1"},
		{name: "mapped loopback seed", seeds: "http://[::ffff:127.0.0.1]/", asks: "127.0.0.1"},
		{name: "odd spellings of a seed", seeds: "http://0x7f.1/ http://167772161/", asks: "127.0.0.1 10.0.0.9", refused: "169.254.1.1"},
		{name: "localhost", seeds: "http://localhost:3000/", asks: "127.0.0.1 ::1", refused: "192.168.0.1"},
		{name: "below localhost", seeds: "http://app.LOCALHOST./", asks: "127.0.0.1"},
		{name: "private seed", seeds: "http://192.168.1.1/", asks: "192.168.1.1 10.1.1.1 fd00::1", refused: "127.0.0.1 169.254.169.254 100.64.0.1"},
		{name: "unspecified seed", seeds: "http://0.0.0.0:8000/", asks: "0.0.0.0", refused: "127.0.0.1"},
		{name: "link-local seed", seeds: "http://169.254.1.1/", asks: "169.254.1.1 fe80::1%eth0", refused: "169.254.169.254"},
		{name: "metadata seed", seeds: "http://169.254.169.254/", asks: "169.254.169.254", refused: "169.254.1.1"},

		{name: "allowed", allow: "10.0.0.0/8 fe80::/10 2001:db8::/32", asks: "10.1.2.3 ::ffff:10.1.2.3 fe80::1%eth0 2001:db8::1", refused: "192.168.0.1 127.0.0.1"},
		{name: "allowed as mapped", allow: "::ffff:10.0.0.0/104", asks: "10.1.2.3", refused: "127.0.0.1"},
		{name: "denied", deny: "93.184.0.0/16 2606:2800::/32", asks: "8.8.8.8",
			refused: "93.184.215.14 ::ffff:93.184.215.14 64:ff9b::5db8:d70e 2606:2800::1", words: "an address of the denied network "},
		{name: "denied and allowed", allow: "10.0.0.0/8", deny: "10.0.0.0/16", asks: "10.1.0.1", refused: "10.0.0.1"},
		{name: "denied and a seed", seeds: "http://127.0.0.1/", deny: "127.0.0.0/8", refused: "127.0.0.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPolicy(t, tt.seeds, tt.allow, tt.deny)
			for _, a := range strings.Fields(tt.asks) {
				if err := p.Deny("page.example.com", netip.AddrPortFrom(netip.MustParseAddr(a), 80)); err != nil {
					t.Errorf("%s is refused: %v", a, err)
				}
			}
			for _, a := range strings.Fields(tt.refused) {
				err := p.Deny("page.example.com", netip.AddrPortFrom(netip.MustParseAddr(a), 80))
				if err == nil || !strings.HasPrefix(err.Error(), tt.words) {
					t.Errorf("%s: %v, want refused: %s", a, err, tt.words)
				}
			}
		})
	}
	if _, err := dial.NewPolicy(nil, []netip.Prefix{{}}, nil); err == nil {
		t.Error("a network that is none is taken")
	}
}

// A seed's name opens what its first address is: to all if nobody else can
// have made the name point there, else to itself.
func TestPolicyOfNames(t *testing.T) {
	type ask struct {
		host, addr string
		asks       bool
	}
	for _, tt := range []struct {
		name, seeds string
		asked       []ask
	}{
		{"a name of the house", "http://wiki/ http://files.lan/", []ask{
			{"other.example.com", "10.0.0.9", false},
			{"wiki", "10.0.0.5", true},
			{"other.example.com", "10.0.0.9", true},
			{"other.example.com", "127.0.0.1", false},
			{"files.lan", "127.0.0.1", true},
			{"other.example.com", "127.0.0.1", true},
		}},
		{"a public name", "https://wiki.example.com/", []ask{
			{"WIKI.example.com.", "10.0.0.5", true},
			{"wiki.example.com", "10.0.0.6", true},
			{"wiki.example.com", "127.0.0.1", false},
			{"other.example.com", "10.0.0.5", false},
		}},
		{"rebinding", "http://evil.example.com/ http://rebind.test/", []ask{
			{"evil.example.com", "93.184.215.14", true},
			{"evil.example.com", "127.0.0.1", false},
			{"rebind.test", "93.184.215.14", true},
			{"rebind.test", "127.0.0.1", false},
		}},
		{"both at once", "http://evil.test/", []ask{
			{"evil.test", "127.0.0.1", true},
			{"evil.test", "10.0.0.1", false},
		}},
		{"metadata", "http://metadata/ http://meta.example.com/", []ask{
			{"metadata", "169.254.169.254", false},
			{"meta.example.com", "169.254.169.254", false},
			{"metadata", "127.0.0.1", false},
		}},
		{"a suffix that is no registry's", "http://me.github.io/", []ask{
			{"me.github.io", "127.0.0.1", true},
			{"other.example.com", "127.0.0.1", false},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPolicy(t, tt.seeds, "", "")
			for _, a := range tt.asked {
				if err := p.Deny(a.host, netip.AddrPortFrom(netip.MustParseAddr(a.addr), 80)); (err == nil) != a.asks {
					t.Errorf("%s at %s: %v", a.host, a.addr, err)
				}
			}
		})
	}
}

// Nobody has looked at each line of a long list.
func TestPolicyOfManyNames(t *testing.T) {
	var seeds strings.Builder
	for i := range 101 {
		fmt.Fprintf(&seeds, "http://s%d.example.com/ ", i)
	}
	p := newPolicy(t, seeds.String()+"http://wiki/", "", "")
	for _, a := range []struct { // in this order: a local name opens its class to all
		host string
		asks bool
	}{{"s99.example.com", true}, {"s100.example.com", false}, {"wiki", true}} {
		if err := p.Deny(a.host, netip.MustParseAddrPort("127.0.0.1:80")); (err == nil) != a.asks {
			t.Errorf("%s: %v", a.host, err)
		}
	}
}

// changing is a resolver whose answer is another each time.
type changing []string

func (c *changing) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	addr := netip.MustParseAddr((*c)[0])
	*c = (*c)[1:]
	return []netip.Addr{addr}, nil
}

// A name that is public when it is looked up first and 127.0.0.1 when the
// answer has grown old reaches nothing here, be it a seed's or not.
func TestRebinding(t *testing.T) {
	for _, seed := range []string{"rebind.test", "rebind.example.com", "other.test"} {
		synctest.Test(t, func(t *testing.T) {
			p := newPolicy(t, "http://"+seed+"/", "", "")
			d, err := dial.New(dial.Options{Resolver: &changing{"93.184.215.14", "127.0.0.1", "::ffff:127.0.0.1"}, Deny: p.Deny})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.Judge(t.Context(), "rebind.test:80"); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				<-time.After(6 * time.Minute)
				var forbidden *dial.ForbiddenError
				if _, err := d.DialContext(t.Context(), "tcp", "rebind.test:80"); !errors.As(err, &forbidden) {
					t.Errorf("seed %s: %v, want a refusal", seed, err)
				}
			}
		})
	}
}
