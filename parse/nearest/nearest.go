// Package nearest guesses which word a person meant: of flags, fields and keys
// that do not exist.
package nearest

import "strings"

// Word is the word of list that word is most likely a misspelling of, or ""
// when none is near: at most a third of its letters wrong, or one. Case and _
// for - are no mistakes to speak of.
func Word(word string, list []string) string {
	word = fold(word)
	best, found := max(len(word)/3+1, 2), ""
	for _, w := range list {
		if d := distance(word, fold(w)); d < best {
			best, found = d, w
		}
	}
	return found
}

func fold(word string) string { return strings.ReplaceAll(strings.ToLower(word), "_", "-") }

// distance is how many bytes must be inserted, dropped, changed or swapped
// with their neighbour to get from a to b (optimal string alignment).
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
			same := above[j]
			if a[i] != b[j] {
				same++
			}
			row[j+1] = min(same, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
