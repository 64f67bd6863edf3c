package robots

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// wildcardFile has n rules with wildcards, as far as MaxSize lets them be read.
func wildcardFile(n int) []byte {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for i := range n {
		fmt.Fprintf(&b, "Disallow: /*a%d*b$\n", i)
	}
	return []byte(b.String())
}

// manyNames has n agents in one group, and as many Crawl-delay lines.
func manyNames(n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "User-agent: a%d\n", i)
	}
	return []byte(b.String() + strings.Repeat("Crawl-delay: 1\n", n))
}

// The bound is dozens of times what it takes, for slow machines and the race detector; a regular expression a rule, or sorting
// by insertion, is beyond it.
func TestHostileFilesCostLittle(t *testing.T) {
	uri := "/" + strings.Repeat("a1/", 700)
	for name, body := range map[string][]byte{
		"many wildcard rules":    wildcardFile(100_000),
		"many short rules":       []byte("User-agent: *\n" + strings.Repeat("Allow:*a\n", 60_000)),
		"many stars":             []byte("User-agent: *\nDisallow: /" + strings.Repeat("*a", 240_000) + "\n"),
		"many agents and delays": []byte(strings.Repeat("User-agent: a\nUser-agent: *\nCrawl-delay: 1\n", 12_000)),
		"one agent named often":  []byte(strings.Repeat("User-agent: *\n", 15_000) + strings.Repeat("Disallow: /*b\n", 18_000)),
		"many names":             manyNames(12_000),
		"many groups":            []byte(strings.Repeat("User-agent: *\nDisallow: /*b\n", 18_000)),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			rules := Parse(body).Rules("trawl")
			parsed := time.Since(start)
			rules.Test(uri)
			tested := time.Since(start) - parsed
			t.Logf("parse %v, test %v", parsed, tested)
			if max(parsed, tested) > 5*time.Second {
				t.Errorf("parse %v, test %v", parsed, tested)
			}
		})
	}
}

func BenchmarkTest10000Wildcards(b *testing.B) {
	rules := Parse(wildcardFile(10_000)).Rules("trawl")
	for b.Loop() {
		rules.Test("/shop/a12/items/page.html?sort=price&page=3")
	}
}

func BenchmarkParse10000Wildcards(b *testing.B) {
	body := wildcardFile(10_000)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		Parse(body)
	}
}

func BenchmarkTestUsual(b *testing.B) {
	rules := Parse([]byte("User-agent: *\nDisallow: /admin/\nDisallow: /*?s=\nDisallow: /*.pdf$\nAllow: /admin/ajax\nDisallow: /cart")).Rules("trawl")
	for b.Loop() {
		rules.Test("/shop/items/page.html?sort=price&page=3")
	}
}
