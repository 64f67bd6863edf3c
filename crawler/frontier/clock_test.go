package frontier

import (
	"context"
	"iter"
	"testing"
	"time"
	"unsafe"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// What waits does so for as long as it was to, also when the system's clock is
// set back an hour meanwhile.
func TestAClockThatIsSetBackHoldsNothingUp(t *testing.T) {
	q, _, err := Open(t.Context(), empty{}, Options{Politeness: Politeness{Rate: 1}})
	if err != nil {
		t.Fatal(err)
	}
	q.Add([]Candidate{Seed(weburl.FromCanonical("http://h/1")), Seed(weburl.FromCanonical("http://h/2"))})
	first, _, _, _ := q.try(time.Now())
	first.Started(time.Now())
	first.Ended(Exchange{Health: Healthy})
	q.Done(first, &Done{Retry: 2 * time.Second})
	second, _, wait, _ := q.try(setBack(time.Now().Add(1500*time.Millisecond), time.Hour))
	if second == nil {
		t.Fatalf("the host's turn is %v later", wait)
	}
	second.Started(time.Now())
	second.Ended(Exchange{Health: Healthy})
	q.Done(second, &Done{Outcome: Fetched})
	if third, _, wait, _ := q.try(setBack(time.Now().Add(3*time.Second), time.Hour)); third == nil {
		t.Errorf("the other try is %v later", wait)
	}
}

// setBack is t on a clock that was set back since: its time of day is earlier,
// what it says of the time that has passed is as it was.
func setBack(t time.Time, d time.Duration) time.Time {
	const seconds = 30 // the bit at which they begin
	wall := (*uint64)(unsafe.Pointer(&t))
	*wall -= uint64(d/time.Second) << seconds
	return t
}

// empty is a Store of nothing.
type empty struct{ Store }

func (empty) State(context.Context) (*State, error) {
	return &State{
		Known:   iter.Seq2[Known, error](func(func(Known, error) bool) {}),
		Backlog: func(context.Context) (map[string]int, error) { return nil, nil },
	}, nil
}
