package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/trawl-crawler/trawl/cmd/internal/config"
	"github.com/trawl-crawler/trawl/output"
)

func readme(t *testing.T) string {
	t.Helper()
	return document(t, "README.md")
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
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

// Every flag that the documents name is one, of some command, and each that
// bounds something is in the table of bounds.
func TestDocumentsNameFlagsThatThereAre(t *testing.T) {
	root := newRoot(nil)
	known := map[string]bool{"--help": true}
	for _, cmd := range root.Commands() {
		for _, line := range strings.Split(cmd.UsageString(), "\n") {
			for _, flag := range flagWord.FindAllString(line, -1) {
				known[flag] = true
			}
		}
	}
	for _, name := range []string{"README.md", "SECURITY.md"} {
		for _, line := range strings.Split(document(t, name), "\n") {
			if strings.Contains(line, "other crawlers use") || strings.Contains(line, "go test") {
				continue
			}
			for _, flag := range flagWord.FindAllString(line, -1) {
				if !known[flag] {
					t.Errorf("%s names %s, which is no flag: %q", name, flag, line)
				}
			}
		}
	}
	if len(known) < 30 {
		t.Errorf("only %d flags are known: %v", len(known), known)
	}
	crawl, _, err := root.Find([]string{"crawl"})
	if err != nil {
		t.Fatal(err)
	}
	crawl.Flags().VisitAll(func(f *pflag.Flag) {
		if config.SectionOf(f) == "Bounds" && !strings.Contains(document(t, "SECURITY.md"), "`--"+f.Name) {
			t.Errorf("SECURITY.md does not have --%s in its table of bounds", f.Name)
		}
	})
}

var flagWord = regexp.MustCompile(`--[a-z][a-z-]+`)

// Every file that the documents link to is there: each guarantee and each bound
// has its test.
func TestDocumentsLinkToFilesThatThereAre(t *testing.T) {
	for name, least := range map[string]int{"README.md": 20, "SECURITY.md": 30} {
		links := regexp.MustCompile(`\]\(([^):#]+)(#[^)]*)?\)`).FindAllStringSubmatch(document(t, name), -1)
		for _, link := range links {
			if _, err := os.Stat("../../" + link[1]); err != nil {
				t.Errorf("%s links to %s: %v", name, link[1], err)
			}
		}
		if len(links) < least {
			t.Errorf("%s has %d links, want those of its table", name, len(links))
		}
	}
}
