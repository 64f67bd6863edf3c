package disk

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
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

// Sizes found by measurement (Benchmark… in scale_test.go): memtables are
// charged to the block cache, so a cache below eight of them caches no blocks.
const (
	memTableSize = 8 << 20
	cacheSize    = 64 << 20
)

func (o *Options) pebble(a *alarm) *pebble.Options {
	p := &pebble.Options{
		FS:                          o.fs(),
		FormatMajorVersion:          pebble.FormatNewest,
		Logger:                      a,
		EventListener:               a.listener(),
		CacheSize:                   cacheSize,
		MemTableSize:                memTableSize,
		MemTableStopWritesThreshold: 2,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       12,
		MaxOpenFiles:                256,
	}
	for i := range p.Levels {
		p.Levels[i].BlockSize = 16 << 10
		p.Levels[i].IndexBlockSize = 64 << 10
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
	return p
}
