package frontier

import (
	"math/rand/v2"
	"testing"
)

func TestTurnsComeInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var h turns
	for range 5000 {
		h.push(turn{at: r.Int64N(1000)})
	}
	last := int64(-1)
	for len(h) > 0 {
		next := h.pop()
		if next.at < last {
			t.Fatalf("turn at %d came after %d", next.at, last)
		}
		last = next.at
		if r.IntN(3) == 0 {
			h.push(turn{at: last + r.Int64N(50)})
			if r.IntN(2) == 0 {
				h.pop()
				last = 0
			}
		}
	}
}
