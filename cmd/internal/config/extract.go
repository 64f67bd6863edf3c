package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/recipe"
)

// Data is what to take out of pages.
type Data struct {
	Flags        recipe.Flags
	RecipeFiles  []string
	Take         extract.Plan // the toggles; Plan has the rest, too
	Select       *recipe.Select
	SelectErrors string // keep or drop
	CSVRaw       bool

	// Plan is all of that, made by Load; nil is nothing.
	Plan *extract.Plan
}

// What becomes of a record on which --select fails.
const (
	SelectKeep = "keep"
	SelectDrop = "drop"
)

// dataTable are the rows of the table's section for data.
func (d *Data) table() []setting {
	return []setting{
		{name: "css", value: each(&d.Flags.CSS, "name=SELECTOR[@attr|@text|@raw|@html]", plain),
			usage: "a field of the record's data: what the first match has as text, as attribute, as HTML or (@raw) as all its text, spaces and scripts included; name[]= takes all matches; repeatable"},
		{name: "xpath", value: each(&d.Flags.XPath, "name=EXPR", plain),
			usage: "… by XPath, over the same tree; names in any case"},
		{name: "regex", value: each(&d.Flags.Regex, "name=RE", plain),
			usage: "… by a regular expression over the page's source: its first group, or its named groups as an object"},
		{name: "jq", value: each(&d.Flags.JQ, "name=EXPR", plain),
			usage: "… by jq, of a body that is JSON"},
		{name: "meta", value: each(&d.Flags.Meta, "NAME", plain),
			usage: "… of the page's meta of that name or property"},
		{name: "structured", value: toggle(&d.Take.Structured), bare: "true",
			usage: "JSON-LD, microdata, RDFa, OpenGraph, Twitter cards"},
		{name: "text", value: toggle(&d.Take.Text), bare: "true", usage: "the main text"},
		{name: "markdown", value: toggle(&d.Take.Markdown), bare: "true", usage: "the main text as Markdown, its links absolute"},
		{name: "article", value: toggle(&d.Take.Article), bare: "true", usage: "title, author, date, language, image"},
		{name: "html", value: toggle(&d.Take.HTML), bare: "true", usage: "the body itself, in UTF-8: trawl extract reads it again"},
		{name: "feed", value: toggle(&d.Take.Feed), bare: "true", usage: "the items of RSS, Atom and JSON feeds, each a record of its own"},
		{name: "recipe", value: each(&d.RecipeFiles, "FILE", plain),
			usage: "take the items that this YAML file describes, each a record of its own; repeatable. See trawl recipe"},
		{name: "select", value: of(&d.Select, "JQ", "", recipe.CompileSelect),
			usage: "filter and reshape each record before it is written: 'select(.status == 200) | {url, title}'"},
		{name: "select-errors", value: words(&d.SelectErrors, SelectKeep, SelectKeep, SelectDrop),
			usage: "what becomes of a record on which --select fails"},
		{name: "follow", value: each(&d.Flags.Follow, "SELECTOR", plain), crawl: true,
			usage: "follow only the links of these elements; repeatable"},
		{name: "follow-attr", value: text(&d.Flags.FollowAttr, "NAME", ""), crawl: true,
			usage: "… which are in this attribute, instead of href or src"},
	}
}

// settleData reads the recipes and makes the plan, before anything is fetched.
func (s *Set) settleData() error {
	d := &s.Data
	plan := d.Take
	var err error
	if plan.Fields, err = recipe.FromFlags(d.Flags); err != nil {
		return &UsageError{err}
	}
	for _, name := range d.RecipeFiles {
		r, err := ReadRecipe(name)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(plan.Recipes, func(other *recipe.Recipe) bool { return other.Name() == r.Name() }) {
			return usagef("--recipe %q: there is another recipe named %q; their items could not be told apart", name, r.Name())
		}
		plan.Recipes = append(plan.Recipes, r)
	}
	if !plan.Nothing() {
		d.Plan = &plan
	}
	for _, c := range s.Report.FailOn.Fill {
		if d.Plan == nil || !d.Plan.Has(c.Field) {
			return usagef("--fail-on %q: no recipe and no flag has a field %q", c.Text, c.Field)
		}
	}
	return nil
}

// ReadRecipe compiles a recipe file. All its mistakes are in the error.
func ReadRecipe(name string) (*recipe.Recipe, error) {
	text, err := readFile(name)
	if err != nil {
		return nil, usagef("recipe %q: %w", name, FileError(err))
	}
	r, err := recipe.Compile(name, text)
	if err != nil {
		return nil, &UsageError{err}
	}
	return r, nil
}

// A FillLimit is a share of pages on which a field must be found: fill:price<90%
// fails the command when it is less.
type FillLimit struct {
	Text  string
	Field string
	Share float64 // in [0, 1]
}

var errFill = errors.New("want fill:FIELD<N%, N from 0 to 100, such as fill:price<90%")

func parseFill(s string) (FillLimit, error) {
	field, digits, ok := strings.Cut(strings.TrimPrefix(s, "fill:"), "<")
	n, err := percent(digits)
	if !ok || err != nil || field == "" {
		return FillLimit{}, errFill
	}
	return FillLimit{Text: s, Field: field, Share: n}, nil
}

// names are those of the recipes.
func (d *Data) names() []string { return d.Plan.Named() }
