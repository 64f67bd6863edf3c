package dial

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Names without end, as redirects may bring them, are not all kept.
func TestNamesAreBounded(t *testing.T) {
	n, err := newNames(nil, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	for i := range maxNames + 1000 {
		n.cache.Set(strconv.Itoa(i)+".test", answer{})
	}
	n.cache.CleanUp()
	if kept := n.cache.EstimatedSize(); kept > maxNames {
		t.Errorf("%d names are kept, want %d at most", kept, maxNames)
	}
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
