package config

import (
	"fmt"
	"strings"
)

// DidYouMean is a hint at the allowed word that s is most likely a misspelling
// of, with a space before it, or "" when none is near.
func DidYouMean(s string, allowed []string) string {
	if near := nearest(s, allowed); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}

// nearest is the closest of some words, if no more than a third of s is wrong,
// or one letter. Case and _ for - are no mistakes to speak of.
func nearest(s string, words []string) string {
	best, found := max(len(s)/3+1, 2), ""
	s = strings.ReplaceAll(strings.ToLower(s), "_", "-")
	for _, w := range words {
		if d := distance(s, w); d < best {
			best, found = d, w
		}
	}
	return found
}

// distance is how many bytes must be inserted, dropped, changed or swapped
// with their neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	var before []int // two rows up
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			change := above[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
