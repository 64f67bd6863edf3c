package crawler_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/dial"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

// named is a fake web whose hosts must be looked up before they are asked.
type named struct {
	*web
	dialer *dial.Dialer
}

func (n named) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	if err := n.dialer.Judge(ctx, net.JoinHostPort(req.URL.Hostname(), req.URL.Port())); err != nil {
		return nil, &fetch.Error{Kind: fetch.KindDNS, URL: req.URL, Err: err, Offline: n.dialer.Offline()}
	}
	return n.web.Fetch(ctx, req)
}

// flaky is a resolver that answers nothing from one moment to another, and
// nothing about broken.test ever.
type flaky struct{ from, to time.Time }

func (f flaky) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if now := time.Now(); host == "broken.test" || now.After(f.from) && now.Before(f.to) {
		return nil, &net.DNSError{Err: "server misbehaving", Name: host, IsTemporary: true}
	}
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}

// crawlNames crawls a site on each of some hosts, slowly, whose names cannot be
// looked up for an hour in the middle.
func crawlNames(t *testing.T, outage time.Duration, seeds ...string) crawler.Summary {
	t.Helper()
	began := time.Now().Add(30 * time.Second)
	dialer, err := dial.New(dial.Options{
		Resolver: flaky{began, began.Add(outage)},
		Deny: func(_ string, addr netip.AddrPort) error {
			if !addr.IsValid() {
				return errors.New("not looked up")
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer dialer.Close()
	w := &web{Web: fetchtest.Generate(fetchtest.Site{Pages: 100, Links: 5, Size: 500, Seed: 1}), latency: 10 * time.Second}
	o := options(w, &sink{}, seeds...)
	o.Fetcher, o.Concurrency = named{w, dialer}, 8
	o.Scope = scope.New(scope.Host, nil, nil, o.Seeds...)
	sum, err := crawler.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// DNS that fails for an hour and then is back costs a crawl an hour, and no page.
func TestDNSFailsForAnHour(t *testing.T) {
	for _, seeds := range [][]string{
		{"http://a.test/p/0", "http://b.test/p/0", "http://c.test/p/0"},
		{"http://a.test/p/0"}, // and the one name is its own witness
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			sum := crawlNames(t, time.Hour, seeds...)
			if sum.Fetched != int64(100*len(seeds)) || sum.Failed != 0 {
				t.Errorf("%d fetched and %d failed of %d hosts, want all of 100 pages each", sum.Fetched, sum.Failed, len(seeds))
			}
			if took := time.Since(began); took < time.Hour || took > 2*time.Hour {
				t.Errorf("it took %v, want little more than an hour", took)
			}
		})
	}
}

// A name that cannot be looked up while others can is its own fault, and soon
// given up.
func TestOneNameFailsForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		sum := crawlNames(t, 0, "http://a.test/p/0", "http://broken.test/p/0")
		if sum.Fetched != 100 || sum.Failed != 1 || time.Since(began) > 20*time.Minute {
			t.Errorf("%d fetched and %d failed after %v, want 100 and 1 without a long wait", sum.Fetched, sum.Failed, time.Since(began))
		}
	})
}

// Names that can never be looked up again do not keep a crawl for ever.
func TestDNSFailsForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		sum := crawlNames(t, 1000*time.Hour, "http://a.test/p/0")
		if sum.Failed == 0 || time.Since(began) > 4*time.Hour {
			t.Errorf("%d fetched and %d failed after %v", sum.Fetched, sum.Failed, time.Since(began))
		}
	})
}
