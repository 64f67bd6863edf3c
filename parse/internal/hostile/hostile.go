// Package hostile has bodies for fuzzers to begin with: what the cases of
// fetch/zoo send.
package hostile

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Bodies are the beginnings of what the cases of the zoo send, as its own test
// keeps them.
func Bodies(tb testing.TB) (bodies [][]byte) {
	tb.Helper()
	file, err := os.ReadFile(sent(tb))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(file)) {
		_, answer, _ := strings.Cut(line, " ")
		quoted, err := strconv.QuotedPrefix(answer)
		if err != nil {
			continue // not an answer, but how it failed
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			tb.Fatalf("%s: %v", quoted, err)
		}
		if _, body, ok := strings.Cut(text, "\r\n\r\n"); ok && body != "" {
			bodies = append(bodies, []byte(body))
		}
	}
	if len(bodies) < 100 {
		tb.Fatalf("%d bodies, want those of most cases", len(bodies))
	}
	return bodies
}

// sent finds the golden file from a package of any depth.
func sent(tb testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; filepath.Dir(dir) != dir; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	return filepath.Join(dir, "fetch", "zoo", "testdata", "sent.golden")
}
