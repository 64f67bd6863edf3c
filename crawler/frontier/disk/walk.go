package disk

import (
	"bytes"
	"context"

	"github.com/cockroachdb/pebble/v2"
	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// entry is one URL that the store knows. Its bytes are good until the walk
// goes on.
type entry struct {
	pending     bool
	host, rest  []byte // of the key
	value       []byte
	state       state
	fingerprint uint64 // as weburl.URL.Fingerprint
	text        []byte // of the URL; scratch
}

func (e *entry) row(seeds *seedBook) (frontier.Row, error) {
	if e.pending {
		j, err := decodePending(e.host, e.rest, e.value, seeds)
		return frontier.Row{Job: j}, err
	}
	return decodeRow(e.host, e.rest, e.value, seeds)
}

// load reads the entry that the iterator is at.
func (e *entry) load(it *pebble.Iterator) (err error) {
	key := it.Key()
	e.pending = key[0] == spacePending
	if e.host, e.rest, err = splitKey(key); err != nil {
		return err
	}
	if e.value, err = it.ValueAndErr(); err != nil {
		return err
	}
	s, f, err := open(e.value)
	if err != nil {
		return err
	}
	e.state = s
	secured, uri := s.scheme(), []byte(nil)
	if !e.pending {
		var whole bool
		if secured, uri, whole, err = rowURI(e.rest); err != nil {
			return err
		}
		if whole {
			f = nil
		}
	}
	e.text = appendURL(e.text[:0], secured, e.host, uri, f.leadingURI())
	e.fingerprint = xxh3.Hash(e.text)
	return nil
}

// walk visits every known URL once, host by host. A URL that a rule skipped
// for the time being and that was admitted later has both a row and a job; it
// is visited as the job.
//
// What it holds in memory is the fingerprints of such rows of one host.
func (s *Store) walk(ctx context.Context, visit func(*entry) (more bool, err error)) error {
	jobs, err := s.space(spacePending)
	if err != nil {
		return err
	}
	rows, err := s.space(spaceRow)
	if err != nil {
		return closed(jobs, err)
	}
	w := walker{store: s, jobs: jobs, rows: rows, visit: visit}
	return closed(jobs, closed(rows, w.hosts(ctx)))
}

type walker struct {
	store      *Store
	jobs, rows *pebble.Iterator
	visit      func(*entry) (bool, error)
	entry      entry
	passed     map[uint64]bool // of this host's skipped rows: whether it is a job by now
}

func (w *walker) hosts(ctx context.Context) error {
	w.jobs.First()
	w.rows.First()
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		host, both, err := w.nextHost()
		if host == nil || err != nil {
			return err
		}
		clear(w.passed)
		if both {
			if err = w.scout(host); err != nil {
				return err
			}
		}
		for _, it := range []*pebble.Iterator{w.jobs, w.rows} {
			if more, err = w.one(it, host); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// nextHost returns the first host that either iterator is at, and whether both
// are.
func (w *walker) nextHost() (first []byte, both bool, _ error) {
	for _, it := range []*pebble.Iterator{w.jobs, w.rows} {
		if !it.Valid() {
			if err := it.Error(); err != nil {
				return nil, false, err
			}
			continue
		}
		host, _, err := splitKey(it.Key())
		if err != nil {
			return nil, false, err
		}
		both = first != nil && bytes.Equal(host, first)
		if first == nil || bytes.Compare(host, first) < 0 {
			first = host
		}
	}
	return bytes.Clone(first), both, nil
}

// scout collects the host's rows that may be jobs as well.
func (w *walker) scout(host []byte) error {
	lower := hostKey(nil, spaceRow, string(host))
	upper := bytes.Clone(lower)
	upper[len(upper)-1]++
	it, err := w.store.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err
	}
	var e entry
	for ok := it.First(); ok && err == nil; ok = it.Next() {
		if err = e.load(it); err == nil && e.state.passed() {
			if w.passed == nil {
				w.passed = make(map[uint64]bool)
			}
			w.passed[e.fingerprint] = false
		}
	}
	return closed(it, err)
}

// one visits what the iterator has of the host.
func (w *walker) one(it *pebble.Iterator, host []byte) (more bool, _ error) {
	e := &w.entry
	for ; it.Valid(); it.Next() {
		if at, _, err := splitKey(it.Key()); err != nil || !bytes.Equal(at, host) {
			return true, err
		}
		if err := e.load(it); err != nil {
			return false, err
		}
		if admitted, skipped := w.passed[e.fingerprint]; skipped {
			if !e.pending && admitted {
				continue
			}
			w.passed[e.fingerprint] = e.pending
		}
		if more, err := w.visit(e); err != nil || !more {
			return false, err
		}
	}
	return true, it.Error()
}
