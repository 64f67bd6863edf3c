package simhash

import "testing"

// The way of the short words and that of all words have the same sum.
func FuzzExact(f *testing.F) {
	for _, page := range []string{
		"Harbour, office a b c", "office2 and a b", "aZ[{@`/:0 and so on", "r\u00e9sum\u00e9 is there", "longest of all words", "cut",
		"<p>3 May 2024 at 5 pm, may we <b>go</b> on&amp;on?", "it is may 5 now may we",
	} {
		f.Add([]byte(page))
	}
	f.Fuzz(func(t *testing.T, page []byte) {
		if got, want := Exact(page), Of(page).Exact; got != want {
			t.Errorf("%q: %#x by short words, %#x by all", page, got, want)
		}
	})
}
