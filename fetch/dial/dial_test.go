package dial_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/trawl-crawler/trawl/fetch/dial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// zone is a resolver with a fixed answer for each name; it counts questions.
type zone struct {
	addrs map[string][]string
	fails map[string]error
	asked atomic.Int32
}

func (z *zone) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	z.asked.Add(1)
	if err := z.fails[host]; err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, s := range z.addrs[host] {
		out = append(out, netip.MustParseAddr(s))
	}
	if out == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return out, nil
}

func newDialer(t *testing.T, opts dial.Options) *dial.Dialer {
	t.Helper()
	d, err := dial.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// listen gives a loopback listener that accepts and holds its port.
func listen(t *testing.T, addr string) string {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func portOf(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

func dialed(t *testing.T, d *dial.Dialer, address string) string {
	t.Helper()
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.RemoteAddr().String()
}

// One lookup serves everyone who asks at once and everyone after.
func TestNameIsAskedForOnce(t *testing.T) {
	addr := listen(t, "127.0.0.1:0")
	z := &zone{addrs: map[string][]string{"example.test": {"127.0.0.1"}}}
	d := newDialer(t, dial.Options{Resolver: z})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { dialed(t, d, "example.test:"+portOf(addr)) })
	}
	wg.Wait()
	dialed(t, d, "example.test:"+portOf(addr))
	if n := z.asked.Load(); n != 1 {
		t.Errorf("asked the resolver %d times, want 1", n)
	}
}

func TestHowLongAnswersServe(t *testing.T) {
	temporary := &net.DNSError{Err: "server misbehaving", Name: "broken.test", IsTemporary: true}
	for _, tt := range []struct {
		host        string
		fresh, gone time.Duration // asked again after gone, not after fresh
	}{
		{"found.test", 4*time.Minute + 50*time.Second, 5*time.Minute + 5*time.Second},
		{"missing.test", 25 * time.Second, 35 * time.Second},
		{"broken.test", -1, 0},
	} {
		t.Run(tt.host, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := &zone{addrs: map[string][]string{"found.test": {"127.0.0.1"}}, fails: map[string]error{"broken.test": temporary}}
				// Every address is refused: names are looked up, nothing is dialed.
				d, err := dial.New(dial.Options{Resolver: z, Deny: func(string, netip.AddrPort) error { return errors.New("no") }})
				if err != nil {
					t.Fatal(err)
				}
				defer d.Close()
				start := time.Now()
				at := func(after time.Duration) int32 {
					<-time.After(time.Until(start.Add(after)))
					d.Judge(t.Context(), tt.host+":80")
					return z.asked.Load()
				}
				at(0)
				if tt.fresh >= 0 {
					if n := at(tt.fresh); n != 1 {
						t.Errorf("after %v: asked %d times, want 1", tt.fresh, n)
					}
				}
				if n := at(tt.gone); n != 2 {
					t.Errorf("after %v: asked %d times, want 2", tt.gone, n)
				}
			})
		})
	}
}

// The second address answers where the first refuses, and is first next time.
func TestAddressesInTurn(t *testing.T) {
	addr := listen(t, "127.0.0.3:0")
	z := &zone{addrs: map[string][]string{"two.test": {"127.0.0.2", "127.0.0.3"}}}
	var judged []string
	d := newDialer(t, dial.Options{Resolver: z, Deny: func(_ string, a netip.AddrPort) error {
		judged = append(judged, a.Addr().String())
		return nil
	}})
	for range 2 {
		if got := dialed(t, d, "two.test:"+portOf(addr)); got != addr {
			t.Errorf("dialed %s, want %s", got, addr)
		}
	}
	if got, want := strings.Join(judged, " "), "127.0.0.2 127.0.0.3 127.0.0.3"; got != want {
		t.Errorf("tried %s, want %s", got, want)
	}
}

// A name with addresses without end is not tried at all of them.
func TestManyAddresses(t *testing.T) {
	z := &zone{addrs: map[string][]string{"many.test": {}}}
	for i := range 100 {
		z.addrs["many.test"] = append(z.addrs["many.test"], fmt.Sprintf("127.0.1.%d", i+1))
	}
	judged := 0
	d := newDialer(t, dial.Options{Resolver: z, Deny: func(string, netip.AddrPort) error { judged++; return errors.New("no") }})
	if _, err := d.DialContext(t.Context(), "tcp", "many.test:80"); err == nil || judged != 6 {
		t.Errorf("%d addresses judged, want 6 (%v)", judged, err)
	}
}

// When nothing answers, the name is looked up anew: it may have moved.
func TestFailedNameIsForgotten(t *testing.T) {
	addr := listen(t, "127.0.0.1:0")
	z := &zone{addrs: map[string][]string{"moved.test": {"127.0.0.2"}}}
	d := newDialer(t, dial.Options{Resolver: z})
	if _, err := d.DialContext(t.Context(), "tcp", "moved.test:"+portOf(addr)); err == nil {
		t.Fatal("nobody listens there")
	}
	z.addrs["moved.test"] = []string{"127.0.0.1"}
	dialed(t, d, "moved.test:"+portOf(addr))
}

func TestResolve(t *testing.T) {
	addr := listen(t, "127.0.0.1:0")
	d := newDialer(t, dial.Options{Resolver: &zone{}, Resolve: map[string]string{"Example.org:443": addr}})
	if got := dialed(t, d, "example.org:443"); got != addr {
		t.Errorf("dialed %s, want %s", got, addr)
	}
	var dns *net.DNSError
	if _, err := d.DialContext(t.Context(), "tcp", "example.org:80"); !errors.As(err, &dns) {
		t.Errorf("another port: %v, want the resolver's answer", err)
	}
	for _, bad := range []map[string]string{{"example.org": "127.0.0.1:80"}, {"example.org:80": "127.0.0.1"}, {"example.org:http": "127.0.0.1:80"}, {":80": "127.0.0.1:80"}} {
		if _, err := dial.New(dial.Options{Resolve: bad}); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

// An address is refused after the name is resolved, whatever the name.
func TestDeny(t *testing.T) {
	addr := listen(t, "127.0.0.1:0")
	private := errors.New("loopback")
	z := &zone{addrs: map[string][]string{"inside.test": {"127.0.0.1"}, "mapped.test": {"::ffff:127.0.0.1"}}}
	d := newDialer(t, dial.Options{Resolver: z, Deny: func(_ string, a netip.AddrPort) error {
		if !a.IsValid() || a.Addr().IsLoopback() {
			return private
		}
		return nil
	}})
	for _, host := range []string{"inside.test", "mapped.test", "127.0.0.1", "[::ffff:127.0.0.1]", "[::1]"} {
		address := host + ":" + portOf(addr)
		var forbidden *dial.ForbiddenError
		if _, err := d.DialContext(t.Context(), "tcp", address); !errors.As(err, &forbidden) || !errors.Is(err, private) {
			t.Errorf("dial %s: %v, want a refusal", address, err)
		}
		if err := d.Judge(t.Context(), address); !errors.As(err, &forbidden) {
			t.Errorf("judge %s: %v, want a refusal", address, err)
		}
	}
	if err := d.Judge(t.Context(), "missing.test:80"); err == nil || err.Error() != "missing.test may not be asked: it cannot be judged: lookup missing.test: no such host" {
		t.Errorf("a name that does not resolve: %v", err)
	}
	conn, err := d.DialTrusted(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatalf("trusted: %v", err)
	}
	conn.Close()
}

// A dial ends with its context while the resolver is silent.
func TestSilentResolver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := dial.New(dial.Options{Resolver: silent{new(atomic.Int32)}, Timeout: 3 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		start := time.Now()
		_, err = d.DialContext(t.Context(), "tcp", "slow.test:80")
		var dns *net.DNSError
		if !errors.As(err, &dns) || !dns.IsTimeout || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v, want a timeout after 3s", err, time.Since(start))
		}
	})
}

// A lookup whose asker has gone ends with the dialer, not with its own timeout.
func TestCloseEndsLookups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Int32
		d, err := dial.New(dial.Options{Resolver: silent{&ended}, Timeout: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := d.DialContext(ctx, "tcp", "slow.test:80"); err == nil {
			t.Fatal("the name does not resolve")
		}
		if ended.Load() != 0 {
			t.Error("the lookup ended with its asker: others may be waiting")
		}
		d.Close()
		synctest.Wait()
		if ended.Load() != 1 {
			t.Error("the lookup goes on after the dialer was closed")
		}
	})
}

// silent is a resolver that never answers; it counts who gave up.
type silent struct{ ended *atomic.Int32 }

func (s silent) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	<-ctx.Done()
	s.ended.Add(1)
	return nil, &net.DNSError{Err: ctx.Err().Error(), Name: host, IsTimeout: true}
}
