package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/robots"
)

// Who asks about a rule that is too far down in a long file learns why it does
// not count.
func TestRobotsOfALongFile(t *testing.T) {
	const head, end = "User-agent: *\nDisallow: /a\n", "\nDisallow: /b\n"
	for _, tt := range []struct {
		filler int
		cut    bool
	}{
		{robots.MaxSize - len(head) - len(end), false},
		{robots.MaxSize, true},
	} {
		name := filepath.Join(t.TempDir(), "robots.txt")
		if err := os.WriteFile(name, []byte(head+"#"+strings.Repeat("x", tt.filler-1)+end), 0o666); err != nil {
			t.Fatal(err)
		}
		out := new(strings.Builder)
		root := newRoot([]string{"robots", "https://example.org/b", "--file", name})
		root.SetOut(out)
		_ = root.Execute() // the verdict is in the text as well
		allowed := strings.HasPrefix(out.String(), "allowed ")
		told := strings.Contains(out.String(), "\ntruncated   only the first 500 KiB of "+name+" count (RFC 9309 §2.5)\n")
		if allowed != tt.cut || told != tt.cut {
			t.Errorf("with %d bytes between: allowed %t, truncation told %t; want %t:\n%s", tt.filler, allowed, told, tt.cut, out)
		}
	}
}
