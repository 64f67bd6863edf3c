package disk

import (
	"os"
	"strconv"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/sstable/block"
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

func envInt(name string, d int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return d
}

func (o *Options) pebble(a *alarm) *pebble.Options {
	p := &pebble.Options{
		FS:                          o.fs(),
		FormatMajorVersion:          pebble.FormatNewest,
		Logger:                      a,
		EventListener:               a.listener(),
		CacheSize:                   int64(envInt("CACHE", 64)) << 20,
		MemTableSize:                uint64(envInt("MEM", 8)) << 20,
		MemTableStopWritesThreshold: 2,
		L0CompactionThreshold:       envInt("L0", 8),
		L0StopWritesThreshold:       24,
		MaxOpenFiles:                256,
		LBaseMaxBytes:               int64(envInt("LBASE", 64)) << 20,
	}
	if os.Getenv("TD") == "" {
		p.Experimental.TombstoneDenseCompactionThreshold = -1
	}
	for i := range p.Levels {
		p.Levels[i].BlockSize = envInt("BLOCK", 16) << 10
		p.Levels[i].IndexBlockSize = 64 << 10
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
	if n := envInt("NOCOMP", 0); n > 0 {
		for i := range n {
			p.Levels[i].Compression = func() *sstable.CompressionProfile { return block.NoCompression }
		}
	}
	if os.Getenv("ZSTD") != "" {
		p.Levels[6].Compression = func() *sstable.CompressionProfile { return block.BalancedCompression }
	}
	if os.Getenv("BLOOM") != "1" {
		for i := range p.Levels {
			p.Levels[i].FilterPolicy = nil
		}
	}
	if n := envInt("TARGET", 0); n > 0 {
		p.TargetFileSizes[0] = int64(n) << 20
	}
	if os.Getenv("SPLIT") != "" {
		p.FlushSplitBytes = int64(envInt("SPLIT", 4)) << 20
	}
	if os.Getenv("NOSPAN") == "" {
		p.Experimental.SpanPolicyFunc = func(start []byte) (pebble.SpanPolicy, []byte, error) {
			return pebble.SpanPolicy{}, []byte{start[0] + 1}, nil
		}
	}
	if n := envInt("VALSEP", 0); n > 0 {
		p.Experimental.ValueSeparationPolicy = func() pebble.ValueSeparationPolicy {
			return pebble.ValueSeparationPolicy{Enabled: true, MinimumSize: n, MaxBlobReferenceDepth: envInt("BLOBDEPTH", 10), RewriteMinimumAge: time.Minute, TargetGarbageRatio: 0.4}
		}
	}
	return p
}
