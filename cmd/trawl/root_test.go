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
