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
//
// Reading a job is unpacking a block, so a block is about a chunk; a store that
// nobody crawls in takes less room in larger ones (Compact). A table is read often
// and is to stay open: at ten million URLs there are more than 500.
const (
	memTableSize = 4 << 20
	cacheSize    = 16 << 20
	blockSize    = 4 << 10
	blockPacked  = 16 << 10

	filesFew  = 256
	filesMost = 1000
)

func (o *Options) pebble(a *alarm) *pebble.Options {
	p := &pebble.Options{
		FS:                 alarmFS{FS: o.fs(), alarm: a},
		FormatMajorVersion: pebble.FormatNewest,
		Logger:             a,
		EventListener:      a.listener(),
		CacheSize:          cacheSize,
		MemTableSize:       memTableSize,
		MaxOpenFiles:       int(min(max(filesFew, openFiles()/8), filesMost)),

		// Jobs that were put again end in no order, so each merge of the first
		// level rewrites all there are: it is to be rare. A read finds its job
		// in one table nonetheless. A writer waits at the second number.
		L0CompactionThreshold: 32,
		L0StopWritesThreshold: 64,
	}
	blocks(p, blockSize)
	p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })

	// A table is of one space only, so that those of the spaces that only grow
	// do not overlap, and are moved down the levels and not rewritten.
	p.Experimental.SpanPolicyFunc = func(start []byte) (pebble.SpanPolicy, []byte, error) {
		return pebble.SpanPolicy{}, []byte{start[0] + 1}, nil
	}
	return p
}

func blocks(p *pebble.Options, size int) {
	for i := range p.Levels {
		p.Levels[i].BlockSize = size
		p.Levels[i].IndexBlockSize = 64 << 10
	}
}
