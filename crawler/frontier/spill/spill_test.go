package spill_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/frontiertest"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/frontier/spill"
)

func TestJobsMoveWhenTheyAreTooMany(t *testing.T) {
	disk, opened := memory.New(), 0
	s := spill.New(50, func() (frontier.Store, error) { opened++; return disk, nil })
	var want []frontier.Job
	for seq := range uint64(120) {
		j := frontiertest.Job(fmt.Sprintf("h%d", seq%3), 0, seq+1)
		if seq%3 == 1 {
			want = append(want, j)
		}
		b := frontier.Batch{Put: []frontier.Job{j}, Mark: "m"}
		if seq == 20 { // one that has ended does not move
			b.Rows = []frontier.Row{{Job: want[0], Outcome: frontier.Fetched}}
			want = want[1:]
		}
		if err := s.Commit(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if spilled := opened > 0; spilled != (seq >= 51) {
			t.Fatalf("after %d jobs: spilled %v", seq+1, spilled)
		}
	}
	for name, store := range map[string]frontier.Store{"spill": s, "disk": disk} {
		got, err := store.Page(t.Context(), "h1", frontier.Key{}, 1000)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %d jobs, %v; want %d", name, len(got), err, len(want))
		}
	}
	if opened != 1 {
		t.Errorf("opened %d times", opened)
	}
}

// Few jobs move, too, when they have as many bytes as no crawl should. What ends or
// is put again does not count on.
func TestJobsMoveWhenTheyAreTooLarge(t *testing.T) {
	opened := 0
	s := spill.New(spill.Limit, func() (frontier.Store, error) { opened++; return memory.New(), nil })
	mib := strings.Repeat("a", 1<<20)
	for seq := range uint64(400) {
		j := frontiertest.Job("h", 0, seq+1)
		j.Raw = mib
		b := frontier.Batch{Put: []frontier.Job{j}}
		if err := s.Commit(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if seq < 200 { // as if it had been tried again, and then was done
			b.Rows = []frontier.Row{{Job: j, Outcome: frontier.Fetched}}
			for _, again := range []frontier.Batch{{Put: b.Put}, {Rows: b.Rows}} {
				if err := s.Commit(t.Context(), &again); err != nil {
					t.Fatal(err)
				}
			}
		}
		if spilled := opened > 0; spilled != (seq >= 200+127) {
			t.Fatalf("after %d jobs of 1 MiB: spilled %v", seq+1, spilled)
		}
	}
}

// A whole crawl's queue does not notice the move.
func TestTheQueuePagesThroughTheMove(t *testing.T) {
	s := spill.New(100, func() (frontier.Store, error) { return memory.New(), nil })
	q, _, err := frontier.Open(t.Context(), s, frontier.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		q.Add([]frontier.Candidate{frontier.Seed(frontiertest.URL(fmt.Sprintf("http://h/%d", i)))})
		if i%100 == 0 {
			if err := q.Commit(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 1000 {
		l, err := q.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("http://h/%d", i); l.Job.URL.String() != want {
			t.Fatalf("job %d is %s, want %s", i, l.Job.URL, want)
		}
		l.Ended(frontier.Exchange{Health: frontier.Healthy})
		q.Done(l, &frontier.Done{Outcome: frontier.Fetched})
		if i%70 == 0 {
			if err := q.Commit(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := q.Next(t.Context()); !errors.Is(err, frontier.ErrDrained) {
		t.Errorf("at the end: %v, want drained", err)
	}
}

func TestADiskThatDoesNotOpenIsAnErrorOfTheCommit(t *testing.T) {
	full := errors.New("no space left on device")
	s := spill.New(0, func() (frontier.Store, error) { return nil, full })
	err := s.Commit(t.Context(), &frontier.Batch{Put: []frontier.Job{frontiertest.Job("h", 0, 1)}})
	if !errors.Is(err, full) {
		t.Errorf("err %v, want the reason", err)
	}
}

// fullStore is a disk without room for jobs.
type fullStore struct {
	frontier.Store
	full   error
	closed int
}

func (s *fullStore) Commit(context.Context, *frontier.Batch) error { return s.full }
func (s *fullStore) Close() error                                  { s.closed++; return nil }

// What was opened, a directory for instance, is not left behind.
func TestADiskThatIsFullIsClosed(t *testing.T) {
	full := &fullStore{full: errors.New("no space left on device")}
	s := spill.New(0, func() (frontier.Store, error) { return full, nil })
	err := s.Commit(t.Context(), &frontier.Batch{Put: []frontier.Job{frontiertest.Job("h", 0, 1)}})
	if !errors.Is(err, full.full) {
		t.Errorf("err %v, want the reason", err)
	}
	if err := s.Close(); err != nil || full.closed != 1 {
		t.Errorf("closed %d times, %v; want once", full.closed, err)
	}
}
