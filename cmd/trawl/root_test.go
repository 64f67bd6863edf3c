package main

import (
	"strings"
	"testing"
)

// Each command is found by the name it has in the table, and alone says the
// same of itself as among the others.
func TestCommandsAlone(t *testing.T) {
	help := func(args ...string) string {
		var b strings.Builder
		root := newRoot(args)
		root.SetOut(&b)
		if err := root.Execute(); err != nil {
			t.Errorf("%q: %v", args, err)
		}
		return b.String()
	}
	for _, c := range commands() {
		if name := c.make().Name(); name != c.name {
			t.Errorf("the table calls %s %s", name, c.name)
		}
		if alone, among := help(c.name, "--help"), help("help", c.name); alone != among {
			t.Errorf("trawl %s --help:\n%s\ntrawl help %s:\n%s", c.name, alone, c.name, among)
		}
	}
}

// These listen to no signals, since they are over at once; all others do.
func TestInstantCommands(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"config", "show"}} {
		if cmd, _, err := newRoot(args).Find(args); err != nil || cmd.Annotations[instant] == "" {
			t.Errorf("trawl %s listens to signals, which takes longer than it does (%v)", strings.Join(args, " "), err)
		}
	}
	for _, args := range [][]string{{"crawl"}, {"fetch"}, {"status"}, {"docs", "man"}} {
		if cmd, _, err := newRoot(args).Find(args); err != nil || cmd.Annotations[instant] != "" {
			t.Errorf("trawl %s cannot be interrupted in good order (%v)", strings.Join(args, " "), err)
		}
	}
}
