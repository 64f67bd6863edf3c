package nearest

import "testing"

func TestWord(t *testing.T) {
	words := []string{"type", "transform", "many", "css", "Max-Pages"}
	for word, want := range map[string]string{
		"tpye": "type", "TYPE": "type", "transfrom": "transform", "mny": "many", "cs": "css", "max-page": "Max-Pages",
		"": "", "x": "", "price": "", "mxny": "many", "xpath": "",
	} {
		if got := Word(word, words); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if d := distance("abcd", "badc"); d != 2 {
		t.Errorf("two swaps are %d steps", d)
	}
}
