package frontier

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// An oracle counts in a map. All that is done is small enough to grow the
// shards several times, and often enough for some to be found more than
// MaxFinds times.
func TestSeenIsASetThatCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s Seen
	oracle := make(map[uint64]int)
	for range 400_000 {
		fp := r.Uint64N(60_000) * 0x9E3779B97F4A7C15 // some twice, some never
		if r.IntN(3) == 0 {
			fp = r.Uint64N(300) // no high bits, each shard, and 0
		}
		n := oracle[fp]
		switch r.IntN(5) {
		case 0:
			if got := s.Has(fp); got != (n > 0) {
				t.Fatalf("Has(%#x) = %v, found %d times", fp, got, n)
			}
		case 1:
			if got := s.Finds(fp); got != n {
				t.Fatalf("Finds(%#x) = %d, want %d", fp, got, n)
			}
		case 2:
			if got := s.Add(fp); got != (n == 0) {
				t.Fatalf("Add(%#x) = %v, found %d times", fp, got, n)
			}
			oracle[fp] = max(n, 1)
		case 3:
			if got := s.Meet(fp); got != (n > 0) {
				t.Fatalf("Meet(%#x) = %v, found %d times", fp, got, n)
			}
			if n > 0 {
				oracle[fp] = min(n+1, MaxFinds)
			}
		default:
			to := 1 + r.IntN(MaxFinds)
			if r.IntN(50) > 0 {
				continue // or no count would ever get far
			}
			if got := s.SetFinds(fp, to); got != (n > 0) {
				t.Fatalf("SetFinds(%#x, %d) = %v, found %d times", fp, to, got, n)
			}
			if n > 0 {
				oracle[fp] = to
			}
		}
	}
	if s.Len() != len(oracle) {
		t.Errorf("Len() = %d, want %d", s.Len(), len(oracle))
	}
	for fp, n := range oracle {
		if got := s.Finds(fp); got != n {
			t.Fatalf("at the end Finds(%#x) = %d, want %d", fp, got, n)
		}
	}
}

func TestSeenCountsToMaxFinds(t *testing.T) {
	for _, fp := range []uint64{0, 1, 255, 256, 1<<64 - 1, 0xA1B2C3D4E5F60718} {
		var s Seen
		if s.Meet(fp) || s.Finds(fp) != 0 || s.SetFinds(fp, 2) {
			t.Fatalf("%#x is in an empty set", fp)
		}
		s.Add(fp)
		for n := 2; n <= 300; n++ {
			s.Meet(fp)
			if got := s.Finds(fp); got != min(n, MaxFinds) {
				t.Fatalf("%#x found %d times: Finds = %d", fp, n, got)
			}
		}
		if s.Add(fp) || s.Finds(fp) != MaxFinds || s.Len() != 1 {
			t.Errorf("%#x: a full count spills into what is beside it", fp)
		}
	}
}

func TestSeenGrowsWithItsCounts(t *testing.T) {
	const n = 100_000
	var s Seen
	r := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		fp := r.Uint64()
		s.Add(fp)
		s.SetFinds(fp, 1+i%MaxFinds)
	}
	r = rand.New(rand.NewPCG(3, 4))
	for i := range n {
		if fp := r.Uint64(); s.Finds(fp) != 1+i%MaxFinds {
			t.Fatalf("Finds(%#x) = %d after growing, want %d", fp, s.Finds(fp), 1+i%MaxFinds)
		}
	}
	slots := 0
	for i := range s.shards {
		slots += len(s.shards[i].slots)
	}
	if bytes := float64(slots*8) / n; bytes > 13 {
		t.Errorf("%.1f bytes a URL, want 13 at most", bytes)
	}
}

func BenchmarkSeen(b *testing.B) {
	const n = 1_000_000
	b.Run("Seen", func(b *testing.B) {
		for range b.N {
			var s Seen
			r := rand.New(rand.NewPCG(1, 2))
			for range n {
				s.Add(r.Uint64())
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		for range b.N {
			m := make(map[uint64]struct{})
			r := rand.New(rand.NewPCG(1, 2))
			for range n {
				m[r.Uint64()] = struct{}{}
			}
		}
	})
}

// BenchmarkApproach is what looking up a page's 33 links costs when ten million
// URLs are known, with and without approach.
func BenchmarkApproach(b *testing.B) {
	const known, links, pages = 10_000_000, 33, 10_000
	var s Seen
	url := func(n uint64) uint64 { return (n + 1) * 0x9E3779B97F4A7C15 }
	for n := range uint64(known) {
		s.Add(url(n))
	}
	r := rand.New(rand.NewPCG(1, 2))
	fps := make([]uint64, links*pages)
	for i := range fps {
		fps[i] = url(r.Uint64N(known))
	}
	for _, approach := range []bool{false, true} {
		b.Run(fmt.Sprint(approach), func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				page := fps[n%pages*links:][:links]
				if approach {
					s.approach(page)
				}
				for _, fp := range page {
					s.Meet(fp)
				}
			}
		})
	}
}
