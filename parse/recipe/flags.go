package recipe

import (
	"fmt"
	"strings"
)

// Flags are fields, and links to follow, as the command line names them; each list has the values of one repeatable
// flag.
type Flags struct {
	CSS   []string // name=SELECTOR[@attr|@text|@raw|@html]
	XPath []string // name=EXPR
	Regex []string // name=RE
	JQ    []string // name=EXPR
	Meta  []string // NAME, or name=NAME

	Follow     []string // SELECTOR
	FollowAttr string   // where the reference of a followed element is; "" is href, or src
}

// FromFlags makes a recipe of flags: one item without a name for each page, whose fields are in the order CSS, XPath,
// Regex, JQ, Meta. A [] after a field's name takes all matches. Without flags it is nil. The error quotes the flag and
// its value, and says what is allowed.
func FromFlags(f Flags) (*Recipe, error) {
	b := flagReader{compiler: compiler{recipe: &Recipe{source: fmt.Sprintf("%q", f)}}, item: new(item)}
	for _, list := range []struct {
		flag, form string
		values     []string
		parse      func(string) (source, error)
	}{
		{"--css", "name=SELECTOR[@attr|@text|@raw|@html]", f.CSS, css},
		{"--xpath", "name=EXPR", f.XPath, xpathOf},
		{"--regex", "name=RE", f.Regex, regexOf},
		{"--jq", "name=EXPR", f.JQ, jqOf},
		{"--meta", "NAME or name=NAME", f.Meta, metaOf},
	} {
		for _, v := range list.values {
			if err := b.field(list.flag, list.form, v, list.parse); err != nil {
				return nil, err
			}
		}
	}
	if err := b.follow(f); err != nil {
		return nil, err
	}
	return b.result(), nil
}

// flagReader builds a recipe value by value.
type flagReader struct {
	compiler
	item *item
}

func (b *flagReader) result() *Recipe {
	if len(b.item.fields) > 0 {
		b.recipe.items = []*item{b.item}
	}
	if len(b.recipe.items)+len(b.recipe.follow) == 0 {
		return nil
	}
	return b.recipe
}

func (b *flagReader) field(flag, form, v string, parse func(string) (source, error)) error {
	name, expr, ok := strings.Cut(v, "=")
	if !ok && flag == "--meta" {
		name, expr, ok = v, strings.TrimSuffix(v, "[]"), true
	}
	if !ok {
		return fmt.Errorf("%s %q: no = after the field's name (write %s)", flag, v, form)
	}
	name, many := strings.CutSuffix(strings.TrimSpace(name), "[]")
	if err := checkFlagName(flag, name); err != nil {
		return fmt.Errorf("%s %q: position 1: %w (write %s)", flag, v, err, form)
	}
	for _, f := range b.item.fields {
		if f.name == name {
			return fmt.Errorf("%s %q: the field %q is there twice (for all matches write %s[]=…)", flag, v, name, name)
		}
	}
	s, err := parse(expr)
	if err != nil {
		return fmt.Errorf("%s %q: from position %d, %q: %w (write %s)", flag, v, len(v)-len(expr)+1, expr, err, form)
	}
	field := b.add(name, "")
	if field == nil {
		return fmt.Errorf("%s %q: more than %d fields", flag, v, maxFields)
	}
	field.source, field.many = s, many
	b.item.fields = append(b.item.fields, field)
	return nil
}

// checkFlagName lets metas keep names as article:tag.x has, which are their own field names.
func checkFlagName(flag, name string) error {
	if flag == "--meta" {
		name = strings.ReplaceAll(name, ".", "")
	}
	return checkFieldName(name)
}

func (b *flagReader) follow(f Flags) error {
	if f.FollowAttr != "" && !isName(f.FollowAttr) {
		return fmt.Errorf("--follow-attr %q is not the name of an attribute (allowed: one as data-url)", f.FollowAttr)
	}
	selectors := f.Follow
	if len(selectors) == 0 && f.FollowAttr != "" {
		selectors = []string{"[" + f.FollowAttr + "]"}
	}
	for _, v := range selectors {
		s, err := parseCSS(v)
		if err != nil {
			return fmt.Errorf("--follow %q: %w (write SELECTOR or SELECTOR@attr)", v, err)
		}
		r := new(rule)
		r.setSource(s)
		if r.attr == "" {
			r.attr = strings.ToLower(f.FollowAttr)
		}
		b.recipe.follow = append(b.recipe.follow, r)
	}
	return nil
}
