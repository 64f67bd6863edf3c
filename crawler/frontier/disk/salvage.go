package disk

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/batchrepr"
	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// salvageDir is where salvage builds what Repair then reads.
const salvageDir = "salvaged"

// salvage opens the content of a store whose list of its own files cannot be
// read: it takes every table and log that lies there, and of each key what was
// written last. What Pebble had merged away and not deleted yet may come back:
// an older outcome, which is one page fetched again.
func salvage(ctx context.Context, dir string, o Options, lost *[]string) (_ *Store, err error) {
	h, err := enter(o.fs(), dir, false)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, home: h, lost: lost, alarm: newAlarm(), ended: make(map[uint64]struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.release())
		}
	}()
	path := h.path(salvageDir)
	if err := h.fs.RemoveAll(path); err != nil {
		return nil, err
	}
	if s.db, err = pebble.Open(path, o.pebble(s.alarm)); err != nil {
		return nil, err
	}
	v := salvager{store: s, fs: h.fs, from: h.path(storeDir)}
	if err = v.files(ctx); err == nil {
		*lost = append(*lost, "the store's list of its own files: all tables and logs that lie there were read instead")
		err = s.restore()
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// salvager copies keys. A copy begins with the number of the write it is of.
type salvager struct {
	store *Store
	fs    vfs.FS
	from  string
}

// files reads all there are, and then takes the numbers off.
func (v *salvager) files(ctx context.Context) error {
	names, err := v.fs.List(v.from)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, kind, _ := strings.Cut(name, ".")
		number, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			continue
		}
		path := v.fs.PathJoin(v.from, name)
		switch kind {
		case "sst":
			err = v.table(ctx, path)
		case "log":
			err = v.log(path, number)
		}
		if err != nil {
			v.store.lose("the rest of file %s: %v", name, plain(err))
		}
	}
	return v.strip()
}

func (v *salvager) table(ctx context.Context, path string) error {
	f, err := v.fs.Open(path)
	if err != nil {
		return err
	}
	readable, err := sstable.NewSimpleReadable(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	o := (&Options{FS: v.fs}).pebble(v.store.alarm)
	o.EnsureDefaults()
	r, err := sstable.NewReader(ctx, readable, o.MakeReaderOptions())
	if err != nil {
		return errors.Join(err, readable.Close())
	}
	it, err := r.NewIter(sstable.NoTransforms, nil, nil, sstable.AssertNoBlobHandles)
	if err != nil {
		return errors.Join(err, r.Close())
	}
	for kv := it.First(); kv != nil && err == nil; kv = it.Next() {
		var value []byte
		if value, _, err = kv.Value(nil); err == nil {
			err = v.keep(kv.K.UserKey, uint64(kv.K.SeqNum()), kv.K.Kind(), value)
		}
	}
	return errors.Join(err, it.Error(), it.Close(), r.Close())
}

// log reads what was not in tables yet. It ends where it was torn.
func (v *salvager) log(path string, number uint64) error {
	f, err := v.fs.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // it is only read
	for r := numberedLog(record.NewReader, f, number); ; {
		next, err := r.Next()
		var repr []byte
		if err == nil {
			repr, err = io.ReadAll(next)
		}
		if err != nil || !v.batch(repr) {
			return nil // the end, or what a crash leaves of one
		}
	}
}

// numberedLog is open with a number of a type that Pebble does not name to
// others.
func numberedLog[N ~uint64](open func(io.Reader, N) *record.Reader, f io.Reader, number uint64) *record.Reader {
	return open(f, N(number))
}

func (v *salvager) batch(repr []byte) (whole bool) {
	h, ok := batchrepr.ReadHeader(repr)
	if !ok {
		return false
	}
	r := batchrepr.Read(repr)
	for seq := uint64(h.SeqNum); ; seq++ {
		kind, key, value, ok, err := r.Next()
		if !ok || err != nil {
			return err == nil
		}
		if v.keep(key, seq, kind, value) != nil {
			return false
		}
	}
}

// keep writes a key, unless something later of it is there.
func (v *salvager) keep(key []byte, seq uint64, kind pebble.InternalKeyKind, value []byte) error {
	was, err := v.store.get(key)
	if err != nil || len(was) >= 9 && binary.BigEndian.Uint64(was) > seq {
		return err
	}
	set := kind == pebble.InternalKeyKindSet || kind == pebble.InternalKeyKindSetWithDelete
	copied := append(binary.BigEndian.AppendUint64(nil, seq), 0)
	if set {
		copied[8] = 1
	}
	return v.store.db.Set(key, append(copied, value...), pebble.NoSync)
}

// strip leaves the values alone, and nothing of what was deleted.
func (v *salvager) strip() error {
	it, err := v.store.db.NewIter(nil)
	if err != nil {
		return err
	}
	for ok := it.First(); ok && err == nil; ok = it.Next() {
		key, value := bytes.Clone(it.Key()), it.Value()
		if len(value) < 9 {
			err = fmt.Errorf("%w: %q was not salvaged whole", ErrCorrupt, key)
		} else if value[8] == 0 {
			err = v.store.db.Delete(key, pebble.NoSync)
		} else {
			err = v.store.db.Set(key, value[9:], pebble.NoSync)
		}
	}
	return closed(it, err)
}
