package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/recipe"
)

// The recipes of the README are those of testdata/recipes, and compile.
func TestReadmeRecipes(t *testing.T) {
	names, err := filepath.Glob("../../testdata/recipes/*.yaml")
	if err != nil || len(names) != 3 {
		t.Fatalf("%d recipes, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := recipe.Compile(filepath.Base(name), text); err != nil {
			t.Error(err)
		}
		if !strings.Contains(readme(t), "```yaml\n"+string(text)+"```") {
			t.Errorf("the README does not show %s as it is", name)
		}
	}
}
