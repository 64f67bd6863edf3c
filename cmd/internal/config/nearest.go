package config

import (
	"fmt"

	"github.com/trawl-crawler/trawl/parse/nearest"
)

// DidYouMean is a hint at the allowed word that s is most likely a misspelling
// of, with a space before it, or "" when none is near.
func DidYouMean(s string, allowed []string) string {
	if near := nearest.Word(s, allowed); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}
