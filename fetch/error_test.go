package fetch_test

import (
	"errors"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
)

// What follows from each kind of failure: another try, or giving the host up.
func TestKinds(t *testing.T) {
	for _, tt := range []struct {
		kind                fetch.Kind
		temporary, hostDown bool
	}{
		{fetch.KindTimeout, true, true},
		{fetch.KindDNS, true, true},
		{fetch.KindConnect, true, true},
		{fetch.KindTLS, false, false},
		{fetch.KindReset, true, false},
		{fetch.KindProtocol, true, false},
		{fetch.KindDecode, false, false},
		{fetch.KindTooLarge, false, false},
		{fetch.KindProxy, true, false},
		{fetch.KindForbidden, false, false},
		{fetch.KindRobots, false, false},
		{fetch.KindUnavailable, true, false},
		{fetch.KindCanceled, false, false},
		{fetch.KindInternal, false, false},
	} {
		if tt.kind.Temporary() != tt.temporary || tt.kind.HostDown() != tt.hostDown {
			t.Errorf("%s: temporary %v, host down %v; want %v, %v", tt.kind, tt.kind.Temporary(), tt.kind.HostDown(), tt.temporary, tt.hostDown)
		}
	}
}

func TestErrorText(t *testing.T) {
	u, cause := parse(t, "http://a.test/b"), errors.New("no such host: a.test")
	err := &fetch.Error{Kind: fetch.KindDNS, URL: u, Err: cause}
	if got := err.Error(); got != "fetch http://a.test/b: dns: no such host: a.test" || !errors.Is(err, cause) {
		t.Errorf("%q", got)
	}
	if got := (&fetch.Error{Kind: fetch.KindRobots, URL: u}).Error(); got != "fetch http://a.test/b: robots" {
		t.Errorf("%q", got)
	}
}
