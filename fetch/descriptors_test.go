package fetch

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
)

func TestFitDescriptors(t *testing.T) {
	for _, tt := range []struct {
		want  int
		limit uint64
		fit   int
	}{
		{64, 1 << 20, 64},
		{64, 64 + 2*256 + 256, 64},
		{64, 64 + 2*256 + 256 - 1, 63},
		{10_000, 15_256, 10_000},
		{10_000, 15_000, 9830},
		{10_000, 1024, 85},
		{10_000, 256, 1},
		{0, 1024, 0},
	} {
		if got := fitDescriptors(tt.want, tt.limit); got != tt.fit {
			t.Errorf("%d exchanges with %d descriptors: %d fit, want %d", tt.want, tt.limit, got, tt.fit)
		}
	}
	// What the process really has: a few always fit, and asking twice changes nothing.
	for range 2 {
		if fit, err := FitDescriptors(8); fit != 8 || err != nil {
			t.Errorf("%d of 8 fit: %v", fit, err)
		}
	}
}

// Few connections read far ahead; many hold little.
func TestReadAhead(t *testing.T) {
	for concurrency, want := range map[int]int{1: 16 << 10, 64: 16 << 10, 1024: 4 << 10, 10_000: 2 << 10} {
		if got := readAhead(concurrency); got != want {
			t.Errorf("%d exchanges at a time read %d bytes ahead, want %d", concurrency, got, want)
		}
	}
}

// The error of a connection that there is no descriptor for says what to do.
func TestOutOfDescriptors(t *testing.T) {
	at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.3:443"))
	kind, words := classify(&net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: os.NewSyscallError("socket", syscall.EMFILE)})
	const want = "connect to 127.0.0.3:443: too many open files: raise the limit (ulimit -n) or ask for fewer pages at a time"
	if kind != KindConnect || words != want {
		t.Errorf("%s: %s; want %s", kind, words, want)
	}
}
