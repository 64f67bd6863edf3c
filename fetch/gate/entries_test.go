package gate

import (
	"slices"
	"testing"
)

func TestEntriesForgetTheUnused(t *testing.T) {
	es := newEntries()
	es.maxOrigins, es.maxBytes = 3, 10_000
	for _, origin := range []string{"a", "b", "c"} {
		es.put(origin, &entry{})
	}
	es.get("a")
	es.put("d", &entry{})
	check(t, es, "b was used the longest ago", "a", "c", "d")

	es.put("c", &entry{size: 1})
	check(t, es, "replaced, not added", "a", "c", "d")

	es.put("e", &entry{size: 1100})
	check(t, es, "e leaves bytes for one more", "c", "e")

	es.put("f", &entry{size: 1 << 20})
	check(t, es, "the newest stays, whatever its size", "f")

	es.put("f", &entry{})
	if want := (&item{"f", &entry{}}).weight(); es.bytes != want {
		t.Errorf("%d bytes are counted, want %d", es.bytes, want)
	}
}

func check(t *testing.T, es *entries, why string, want ...string) {
	t.Helper()
	var got []string
	for element := es.order.Front(); element != nil; element = element.Next() {
		got = append(got, element.Value.(*item).origin)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) || len(es.byOrigin) != len(want) {
		t.Errorf("%s: got %v, want %v", why, got, want)
	}
}
