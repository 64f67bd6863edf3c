package disk

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/cockroachdb/pebble/v2"
)

// Metrics describes the store's levels in one line.
func (s *Store) Metrics() string {
	m := s.db.Metrics()
	total := m.Total()
	if os.Getenv("LSM") != "" {
		return m.String()
	}
	return fmt.Sprintf("readamp %d, L0 %d files, in %d MB, flushed %d MB, compacted %d MB, hit %d miss %d", m.ReadAmp(), m.Levels[0].TablesCount, m.WAL.BytesIn>>20, total.TableBytesFlushed>>20, total.TableBytesCompacted>>20, m.BlockCache.Hits, m.BlockCache.Misses)
}

// Compact rewrites the store to the least space.
func Compact(ctx context.Context, dir string, o Options) error {
	s, err := openHome(dir, o, false, func(p *pebble.Options) {
		p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionGood })
	})
	if err != nil {
		return explain(dir, err)
	}
	err = s.db.Compact(ctx, []byte{0}, []byte{0xff}, false)
	return explain(dir, errors.Join(err, s.Close()))
}
