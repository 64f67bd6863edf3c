package dial

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/testdata/heaptest"
)

// Names without end, as redirects may bring them, are not all kept.
func TestNamesAreBounded(t *testing.T) {
	n := newNames(nil, time.Second)
	defer n.close()
	for i := range maxNames + 1000 {
		n.cache.Set(strconv.Itoa(i)+".test", answer{}, foundFor)
	}
	if kept := n.cache.Len(); kept > maxNames {
		t.Errorf("%d names are kept, want %d at most", kept, maxNames)
	}
}

// A name whose addresses are without end is asked for again, and has all of them.
func TestAddressesAreBounded(t *testing.T) {
	const asked, addrs = 256, 4000
	n := newNames(manyAddresses(addrs), time.Second)
	defer n.close()
	kept := heaptest.Grown(n, func() {
		for i := range asked {
			if got, err := n.lookup(t.Context(), strconv.Itoa(i)+".test"); err != nil || len(got) != addrs {
				t.Fatalf("%d addresses, %v; want %d", len(got), err, addrs)
			}
		}
	})
	if kept > 1<<20 {
		t.Errorf("the %d addresses of %d names keep %d KiB", addrs, asked, kept>>10)
	}
}

// manyAddresses is a resolver that has so many of each name.
type manyAddresses int

func (m manyAddresses) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	addrs := make([]netip.Addr, m)
	for i := range addrs {
		addrs[i] = netip.AddrFrom4([4]byte{127, 0, byte(i >> 8), byte(i)})
	}
	return addrs, nil
}

// Nor is a name asked for twice by who did not find it in the cache just before the
// answer came.
func TestALookupThatIsLateFindsTheAnswer(t *testing.T) {
	var asked counted
	n := newNames(&asked, time.Second)
	defer n.close()
	const names = 10_000
	for i := range names {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { _, _ = n.lookup(t.Context(), strconv.Itoa(i)+".test") })
		}
		wg.Wait()
	}
	if got := asked.Load(); got != names {
		t.Errorf("asked the resolver %d times for %d names", got, names)
	}
}

// counted is a resolver, and how often it was asked.
type counted struct{ atomic.Int64 }

func (c *counted) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	c.Add(1)
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// Which address answers first says nothing about how long the answer holds: a
// site that moves is found again in time, however often it is dialed.
func TestPreferenceKeepsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked twoAddresses
		n := newNames(&asked, time.Second)
		defer n.close()
		for minute, want := range []int{0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2} {
			addrs, err := n.lookup(t.Context(), "two.test")
			if err != nil {
				t.Fatal(err)
			}
			n.prefer("two.test", addrs[1])
			if int(asked) != want {
				t.Errorf("in minute %d the resolver was asked %d times, want %d", minute, asked, want)
			}
			time.Sleep(time.Minute + time.Second)
		}
	})
}

// twoAddresses is a resolver, and how often it was asked.
type twoAddresses int

func (asked *twoAddresses) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	*asked++
	return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}, nil
}

// Close ends what is being asked, and with it the question whether anything can
// be looked up.
func TestCloseEndsTheSearchForAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNames(silentAbout("b.test"), time.Second)
		if _, err := n.lookup(t.Context(), "a.test"); err != nil {
			t.Fatal(err)
		}
		n.resolver = silentAbout("")
		began := time.Now()
		go func() {
			synctest.Wait()
			n.close()
		}()
		if _, err := n.lookup(t.Context(), "b.test"); err == nil || time.Since(began) > 0 {
			t.Errorf("%v after %v, want an error at once", err, time.Since(began))
		}
	})
}

// silentAbout is a resolver that never answers about one name, or about any.
type silentAbout string

func (s silentAbout) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	if s != "" && host != string(s) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	<-ctx.Done()
	return nil, &net.DNSError{Err: context.Cause(ctx).Error(), Name: host, IsTemporary: true}
}

func TestInterleave(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"1.1.1.1", "1.1.1.1"},
		{"1.1.1.1 1.1.1.2 ::1 ::2 ::3", "1.1.1.1 ::1 1.1.1.2 ::2 ::3"},
		{"::1 ::2 1.1.1.1", "::1 1.1.1.1 ::2"},
		{"::ffff:1.1.1.1 ::2", "1.1.1.1 ::2"},
	} {
		var in []netip.Addr
		for s := range strings.FieldsSeq(tt.in) {
			in = append(in, netip.MustParseAddr(s))
		}
		var got []string
		for _, a := range interleave(in) {
			got = append(got, a.String())
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("interleave(%s) = %s, want %s", tt.in, s, tt.want)
		}
	}
}
