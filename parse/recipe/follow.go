package recipe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Target is a link that the recipe wants followed.
type Target struct {
	URL      weburl.URL
	Priority int  // higher comes first; 0 when the recipe says nothing
	NoFollow bool // the element's rel has nofollow
}

// Follow returns the links that the recipe's follow names on this page, each once with its highest priority, in the
// order of the rules and of the page; those that the recipe skips are not among them. What is no http reference is
// left out. The errors are those of single rules, Field being "follow[0]", and the others' links are there.
func (r *Recipe) Follow(ctx context.Context, p *Page) ([]Target, []FieldError) {
	f := follower{run: newRun(ctx, p), recipe: r, at: map[weburl.URL]int{}}
	var errs []FieldError
	for i, rule := range r.follow {
		if !rule.from.match(p.url) {
			continue
		}
		if err := f.rule(rule); err != nil {
			errs = append(errs, fieldError(fmt.Sprintf("follow[%d]", i), err))
		}
	}
	return f.out, errs
}

type follower struct {
	*run
	recipe *Recipe
	out    []Target
	at     map[weburl.URL]int // index into out
}

func (f *follower) rule(r *rule) error {
	found, err := r.source.find(f.run, scope{}, maxValues)
	if err != nil {
		return err
	}
	for _, v := range found {
		ref, nofollow := r.reference(v)
		if ref == "" {
			continue
		}
		u, err := f.page.resolve(ref)
		if err != nil || len(r.to) > 0 && !r.to.match(u) || f.recipe.Skips(u) {
			continue
		}
		f.add(Target{u, r.priority, nofollow})
	}
	return nil
}

func (f *follower) add(t Target) {
	i, known := f.at[t.URL]
	if !known {
		f.at[t.URL] = len(f.out)
		f.out = append(f.out, t)
		return
	}
	old := &f.out[i]
	old.Priority = max(old.Priority, t.Priority)
	old.NoFollow = old.NoFollow && t.NoFollow
}

// reference is where a value leads; "" is nowhere.
func (r *rule) reference(v value) (ref string, nofollow bool) {
	if v.node == nil {
		s, _ := v.data.(string)
		return strings.TrimSpace(s), false
	}
	rel, _ := attribute(v.node, "rel")
	nofollow = slices.ContainsFunc(strings.Fields(rel), func(s string) bool { return strings.EqualFold(s, "nofollow") })
	names := []string{r.attr}
	if r.attr == "" {
		names = []string{"href", "src"}
	}
	for _, name := range names {
		if s, ok := attribute(v.node, name); ok && strings.TrimSpace(s) != "" {
			return s, nofollow
		}
	}
	return "", nofollow
}
