package trap

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTexts compares what is found through the quarters with a look at all
// of the sums that are remembered.
func TestTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const most = 500
	var all []uint64 // the newest last
	quick, known := texts{most: most}, 0
	for i := range 20 * most {
		sum := random.Uint64()
		if random.IntN(3) == 0 && len(all) > 0 { // one of before, with up to five bits changed
			sum = all[random.IntN(len(all))]
			for range random.IntN(6) {
				sum ^= 1 << random.IntN(64)
			}
		}
		if random.IntN(4) == 0 {
			sum &= 0xffff << (16 * random.IntN(4)) // quarters that many share
		}
		isNew := !slices.ContainsFunc(all, func(s uint64) bool { return near(s, sum) })
		if got := quick.add(sum); got != isNew {
			t.Fatalf("sum %d, %#x: new is %t, want %t", i, sum, got, isNew)
		}
		if !isNew {
			known++
			continue
		}
		all = append(all, sum)
		if len(all) > most {
			all = all[1:]
		}
	}
	if known < most || len(all) < most {
		t.Fatalf("%d were known and %d remembered: the test tried too little", known, len(all))
	}
}
