package disk

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Whatever bytes a value has, decoding gives a row that comes out the same
// when it is written again, or says that they are damaged.
func FuzzDecode(f *testing.F) {
	seeds := new(seedBook)
	seeds.add(weburl.FromCanonical("http://seed/"))
	f.Add([]byte{})
	f.Add(appendSkip(nil, &frontier.Row{Job: frontier.Job{URL: weburl.FromCanonical("http://h/"), Via: weburl.FromCanonical("http://h/via")}, Error: "dns"}, seeds))
	f.Add(appendJob(nil, &frontier.Job{URL: weburl.FromCanonical("http://h/"), Last: &recrawl.Visit{Gone: true, At: time.Unix(1, 2)}}, seeds))
	f.Fuzz(func(t *testing.T, value []byte) {
		var row, again frontier.Row
		if err := decode(&row, value, seeds); err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("error %v is not ErrCorrupt", err)
			}
			return
		}
		if err := decode(&again, appendSkip(nil, &row, seeds), seeds); err != nil {
			t.Fatalf("%+v is written in a way that cannot be read: %v", row, err)
		}
		wantSame(t, again, row)
	})
}

// Every row that is written is read back.
func FuzzRow(f *testing.F) {
	f.Add("http://h/a", "http://h/b", "http://h/", "etag", "dns", "depth", 3, uint32(3), uint64(9), int64(1e18), uint8(0x1b), true)
	f.Fuzz(func(t *testing.T, url, via, seed, etag, kind, rule string, depth int, keyDepth uint32, seq uint64, at int64, state uint8, final bool) {
		seeds := new(seedBook)
		j := frontier.Job{
			URL: weburl.FromCanonical(url), Via: weburl.FromCanonical(via), Seed: weburl.FromCanonical(seed),
			Raw: kind, Depth: depth, Redirects: depth / 2, Attempts: depth / 3, Trouble: etag, Kind: frontier.Kind(state >> 2 & 15),
			Key: frontier.Key{Depth: keyDepth, Seq: seq},
		}
		visit := recrawl.Visit{At: time.Unix(0, at).UTC(), Status: depth, ETag: etag, Body: seq, Gone: final}
		j.Last = &visit
		row := frontier.Row{
			Job: j, Outcome: frontier.Outcome(state & 3), At: time.Unix(0, at).UTC(), Status: depth, Error: kind, Message: etag,
			Skip: frontier.Skip{Rule: rule, Detail: kind, Copy: etag, Final: final}, Visit: visit, To: weburl.FromCanonical(via),
		}
		if state&1 == 1 {
			seeds.add(j.Seed)
		}
		got := frontier.Row{Job: frontier.Job{Key: frontier.Key{Seq: seq}}}
		if err := decode(&got, appendSkip(nil, &row, seeds), seeds); err != nil {
			t.Fatal(err)
		}
		wantSame(t, got, row)
	})
}

func wantSame(t *testing.T, got, want frontier.Row) {
	t.Helper()
	if (got.Job.Last == nil) != (want.Job.Last == nil) || got.Job.Last != nil && *got.Job.Last != *want.Job.Last {
		t.Fatalf("the last visit is %+v, want %+v", got.Job.Last, want.Job.Last)
	}
	got.Job.Last, want.Job.Last = nil, nil
	if got != want {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// A chunk gives back what was packed, and any other bytes end.
func FuzzChunk(f *testing.F) {
	f.Add(uint64(7), []byte{0, 1, 'a', 3, 0})
	f.Fuzz(func(t *testing.T, first uint64, packed []byte) {
		steps := 0
		for c := (chunk{first: first, rest: packed}); len(c.rest) > 0; steps++ {
			if _, _, err := c.next(); err != nil {
				break
			}
		}
		if steps > len(packed) {
			t.Fatalf("%d values in %d bytes", steps, len(packed))
		}
		var p packer
		p.first, p.value = first, binary.AppendUvarint(nil, 5)
		p.value = append(binary.AppendUvarint(p.value, uint64(len(packed))), packed...)
		if got, err := unpack(p.value, first, first+5); err != nil || string(got) != string(packed) {
			t.Fatalf("unpack: %q, %v, want %q", got, err, packed)
		}
	})
}

// The queues hand out what waits, in order, as a sorted list of it does.
func FuzzQueues(f *testing.F) {
	f.Add([]byte{1, 2, 3, 0x81, 2, 0x41, 3})
	f.Fuzz(func(t *testing.T, ops []byte) {
		q, waits := newQueues(), make(map[frontier.Key]bool)
		for i, op := range ops {
			k := frontier.Key{Depth: uint32(op % 3), Seq: uint64(op) + 1}
			if i%2 == 0 {
				if err := q.add("h", k); err != nil {
					t.Fatal(err)
				}
				waits[k] = true
			} else {
				q.end("h", k)
				delete(waits, k)
			}
		}
		want := slices.SortedFunc(maps.Keys(waits), frontier.Key.Compare)
		if got := q.page("h", frontier.Key{}, 1000); !slices.Equal(got, want) {
			t.Fatalf("page %v, want %v", got, want)
		}
		if got := q.backlog()["h"]; got != len(want) {
			t.Fatalf("backlog %d, want %d", got, len(want))
		}
		for i, k := range want {
			if got := q.page("h", k, 2); !slices.Equal(got, want[i+1:min(i+3, len(want))]) {
				t.Fatalf("page after %v: %v of %v", k, got, want)
			}
		}
	})
}

// The store hashes a URL's bytes as weburl hashes its text.
func TestFingerprintIsThatOfTheURL(t *testing.T) {
	u := weburl.FromCanonical("http://example.org/a?b")
	if e := (entry{url: []byte(u.String())}); e.fingerprint() != u.Fingerprint() {
		t.Errorf("fingerprint %x, want %x", e.fingerprint(), u.Fingerprint())
	}
}
