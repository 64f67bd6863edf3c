package budget

import (
	"context"
	"math"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"
	"testing/synctest"
)

func TestAvailable(t *testing.T) {
	t.Parallel()
	const meminfo, group = "proc/meminfo", "proc/self/cgroup"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no /proc":            {nil, unknown},
		"the machine's":       {map[string]string{meminfo: "MemTotal:       24683620 kB\nMemFree: 1 kB\n"}, 24683620 << 10},
		"a group's":           {map[string]string{meminfo: "MemTotal: 1024 kB\n", group: "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "4096\n"}, 4096},
		"that of one above":   {map[string]string{meminfo: "MemTotal: 1024 kB\n", group: "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "8192\n"}, 8192},
		"seen from within":    {map[string]string{group: "0::/far/away\n", "sys/fs/cgroup/memory.max": "4096\n"}, 4096},
		"of version 1":        {map[string]string{group: "5:cpu,cpuacct:/a\n4:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "4096\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 4096},
		"more than there is":  {map[string]string{meminfo: "MemTotal: 1024 kB\n", group: "0::/\n", "sys/fs/cgroup/memory.max": "9223372036854771712\n"}, 1 << 20},
		"nothing to be read":  {map[string]string{meminfo: "What: 1\n", group: "what", "sys/fs/cgroup/memory.max": "?"}, unknown},
		"of another resource": {map[string]string{group: "5:cpu:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "4096\n"}, unknown},
	} {
		root := make(fstest.MapFS)
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := availableIn(root); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
	if got := available(); got < Least {
		t.Errorf("this machine has %d bytes", got)
	}
	if got := Auto(); got < Least || got > math.MaxInt {
		t.Errorf("by default a crawl has %d bytes, with addresses of %d bits", got, strconv.IntSize)
	}
}

func TestDivide(t *testing.T) {
	t.Parallel()
	const mib, gib = 1 << 20, 1 << 30
	for _, c := range []struct {
		limit       int64
		concurrency int
		want        Plan
	}{
		{6 * gib, 64, Plan{6 * gib, 17 * mib, 64}},
		{6 * gib, 10_000, Plan{6 * gib, 16*mib + 10_000*16<<10, 10_000}},
		{256 * mib, 64, Plan{256 * mib, 17 * mib, 64}},
		{256 * mib, 10_000, Plan{256 * mib, 48 * mib, 2048}},
		{Least, 10_000, Plan{Least, 16 * mib, 512}},
	} {
		if got := Divide(c.limit, c.concurrency); got != c.want {
			t.Errorf("Divide(%d, %d) = %+v, want %+v", c.limit, c.concurrency, got, c.want)
		}
	}
}

// The nearer the limit, the less room there is for bodies, and never none: one
// at a time always passes.
func TestRoomShrinksBeforeTheLimit(t *testing.T) {
	t.Parallel()
	p := Plan{Limit: 1000, Bodies: 300}
	for used, want := range map[int64]int64{0: 300, 600: 300, 750: 150, 890: 9, 900: 1, 1000: 1, 5000: 1} {
		if got := p.room(used); got < want-1 || got > want+1 {
			t.Errorf("with %d of 1000 in use there is room for %d, want %d", used, got, want)
		}
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		used := []int64{0, 100, 750, 750, 2000, 500}
		ctx, stop := context.WithCancel(t.Context())
		var got []int64
		Plan{Limit: 1000, Bodies: 300}.watch(ctx, func() int64 {
			now := used[0]
			if used = used[1:]; len(used) == 0 {
				stop()
			}
			return now
		}, func(bodies int64) { got = append(got, bodies) }, func(int64) {})
		if want := []int64{150, 1, 300}; !slices.Equal(got, want) {
			t.Errorf("room for %d, want %d", got, want)
		}
	})
}

// The collector has half as much again as is in use, and never more than the limit.
func TestCollectorHasWhatItNeeds(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	p := Divide(1000*mib, 64)
	for used, want := range map[int64]int64{0: 128, 96: 128, 232: 300, 532: 750, 2000: 968} {
		if got := p.collect(used * mib); got != want*mib {
			t.Errorf("with %d MiB in use: %d MiB, want %d", used, got/mib, want)
		}
	}
	if got := Divide(Least, 64).collect(Least); got != Least-image {
		t.Errorf("of the least limit the collector has %d MiB", got/mib)
	}
	synctest.Test(t, func(t *testing.T) {
		used := []int64{0, 100, 240, 250, 2000, 2000, 0}
		ctx, stop := context.WithCancel(t.Context())
		var got []int64
		p.watch(ctx, func() int64 {
			now := used[0] * mib
			if used = used[1:]; len(used) == 0 {
				stop()
			}
			return now
		}, func(int64) {}, func(limit int64) { got = append(got, limit/mib) })
		if want := []int64{312, 968, 128}; !slices.Equal(got, want) {
			t.Errorf("the collector had %d MiB, want %d", got, want)
		}
	})
}

func TestInUse(t *testing.T) {
	t.Parallel()
	if n := inUse()(); n < image || n > 2<<30 {
		t.Errorf("%d bytes are in use", n)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*every)
	defer stop()
	Plan{Limit: 1, Bodies: 300}.Watch(ctx, func(bodies int64) {
		if bodies != 1 {
			t.Errorf("room for %d beyond the limit", bodies)
		}
		stop()
	})
}
