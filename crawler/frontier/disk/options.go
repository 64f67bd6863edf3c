package disk

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options is what a Store is opened with.
type Options struct {
	FS vfs.FS // default: the operating system's
}

func (o *Options) fs() vfs.FS {
	if o.FS == nil {
		return vfs.Default
	}
	return o.FS
}

// Sizes found by measurement (BenchmarkScale). Memtables are charged to the
// cache, so two of these leave half of it to blocks: what is large is written
// once and in order, and a job is read once, so more of either bought no time
// and cost its size in memory.
const (
	memTableSize = 4 << 20
	cacheSize    = 16 << 20
)

func (o *Options) pebble(a *alarm) *pebble.Options {
	p := &pebble.Options{
		FS:                 alarmFS{FS: o.fs(), alarm: a},
		FormatMajorVersion: pebble.FormatNewest,
		Logger:             a,
		EventListener:      a.listener(),
		CacheSize:          cacheSize,
		MemTableSize:       memTableSize,
		MaxOpenFiles:       256,

		// Jobs that were put again end in no order, so each merge of the first
		// level rewrites all there are: it is to be rare. A read finds its job
		// in one table nonetheless. A writer waits at the second number.
		L0CompactionThreshold: 32,
		L0StopWritesThreshold: 64,
	}
	for i := range p.Levels {
		p.Levels[i].BlockSize = 16 << 10
		p.Levels[i].IndexBlockSize = 64 << 10
	}
	p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })

	// A table is of one space only, so that those of the spaces that only grow
	// do not overlap, and are moved down the levels and not rewritten.
	p.Experimental.SpanPolicyFunc = func(start []byte) (pebble.SpanPolicy, []byte, error) {
		return pebble.SpanPolicy{}, []byte{start[0] + 1}, nil
	}
	return p
}
