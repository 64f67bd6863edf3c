package frontier

import (
	"math/rand/v2"
	"testing"
)

func TestSeenIsASet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s Seen
	oracle := make(map[uint64]bool)
	for range 200_000 {
		fp := r.Uint64N(60_000) * 0x9E3779B97F4A7C15 // some twice, some never
		if r.IntN(2) == 0 {
			if got, want := s.Has(fp), oracle[fp]; got != want {
				t.Fatalf("Has(%#x) = %v, want %v", fp, got, want)
			}
			continue
		}
		if got, want := s.Add(fp), !oracle[fp]; got != want {
			t.Fatalf("Add(%#x) = %v, want %v", fp, got, want)
		}
		oracle[fp] = true
	}
	if s.Len() != len(oracle) {
		t.Errorf("Len() = %d, want %d", s.Len(), len(oracle))
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
