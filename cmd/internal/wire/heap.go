package wire

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Beyond largeHeap the collector lets half as much garbage lie as there is in
// use, and not as much again. The heap of a crawl that large is mostly its
// tables, which are quick to mark and never garbage: at a million known URLs
// it is 60 MB of memory for three microseconds of a page.
const (
	largeHeap    = 64 << 20
	largePercent = 50
)

// TendHeap keeps the collector to that until ctx ends, unless GOGC has it
// otherwise.
func TendHeap(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if metrics.Read(live); live[0].Value.Kind() == metrics.KindUint64 && live[0].Value.Uint64() > largeHeap {
			debug.SetGCPercent(largePercent) // for good: a table never shrinks
			return
		}
	}
}
