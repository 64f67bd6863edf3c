package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/output"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReadmeHasTheFieldsThatRecordsHave(t *testing.T) {
	var want strings.Builder
	for _, f := range output.Fields() {
		fmt.Fprintf(&want, "| `%s` | %s | %s |\n", f.Name, f.Type, f.Doc)
	}
	if !strings.Contains(readme(t), want.String()) {
		t.Errorf("the README's table of fields should read:\n%s", want.String())
	}
}

func TestReadmeHasTheExitCodesOfHelp(t *testing.T) {
	table := regexp.MustCompile(`(?m)^\| ([0-9, ]+) \| .+ \|$`).FindAllStringSubmatch(readme(t), -1)
	var documented strings.Builder
	for _, row := range table {
		documented.WriteString(" " + strings.ReplaceAll(row[1], ",", ""))
	}
	for _, code := range regexp.MustCompile(`(?m)^  (\d+)`).FindAllStringSubmatch(exitCodes, -1) {
		if !strings.Contains(documented.String()+" ", " "+code[1]+" ") {
			t.Errorf("exit code %s of --help is not in the README", code[1])
		}
	}
}

// Every flag that the README names is one, of some command.
func TestReadmeNamesFlagsThatThereAre(t *testing.T) {
	root := newRoot(nil)
	known := map[string]bool{"--help": true}
	for _, cmd := range root.Commands() {
		for _, line := range strings.Split(cmd.UsageString(), "\n") {
			for _, flag := range flagWord.FindAllString(line, -1) {
				known[flag] = true
			}
		}
	}
	for _, line := range strings.Split(readme(t), "\n") {
		if strings.Contains(line, "other crawlers use") || strings.Contains(line, "go test") {
			continue
		}
		for _, flag := range flagWord.FindAllString(line, -1) {
			if !known[flag] {
				t.Errorf("the README names %s, which is no flag: %q", flag, line)
			}
		}
	}
	if len(known) < 30 {
		t.Errorf("only %d flags are known: %v", len(known), known)
	}
}

var flagWord = regexp.MustCompile(`--[a-z][a-z-]+`)

// Every file that the README links to is there: each guarantee has its test.
func TestReadmeLinksToFilesThatThereAre(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^):#]+)\)`).FindAllStringSubmatch(readme(t), -1)
	for _, link := range links {
		if _, err := os.Stat("../../" + link[1]); err != nil {
			t.Errorf("the README links to %s: %v", link[1], err)
		}
	}
	if len(links) < 20 {
		t.Errorf("%d links, want those of the table of guarantees", len(links))
	}
}
