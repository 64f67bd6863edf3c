package recipe

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// urlPattern is a regular expression on the URL, or a glob: * is any characters but "/", ** any at all. A glob that
// starts with "/" is compared with path and query, another with the whole URL; one without "?" leaves the query aside.
type urlPattern struct {
	re            *regexp.Regexp
	path, noQuery bool
}

// urlPatterns match when one of them does; none at all match every URL.
type urlPatterns []urlPattern

func (ps urlPatterns) match(u weburl.URL) bool {
	for _, p := range ps {
		if p.match(u) {
			return true
		}
	}
	return len(ps) == 0
}

func (p urlPattern) match(u weburl.URL) bool {
	text := u.String()
	if p.path {
		text = u.RequestURI()
	}
	if p.noQuery {
		text, _, _ = strings.Cut(text, "?")
	}
	return p.re.MatchString(text)
}

// Elsewhere names the items that are not looked for on a page with this URL, whatever it holds.
func (r *Recipe) Elsewhere(u weburl.URL) (names []string) {
	for _, it := range r.items {
		if !it.match.urls.match(u) {
			names = append(names, it.name)
		}
	}
	return names
}

// A Pattern is one of a recipe's patterns of URLs in a form that can be kept.
type Pattern struct {
	Regexp  string `json:"regexp"`
	Path    bool   `json:"path,omitempty"`     // it is compared with path and query, not with the whole URL
	NoQuery bool   `json:"no_query,omitempty"` // the query is left aside
}

// Skip lists the patterns of the URLs that are not to be fetched.
func (r *Recipe) Skip() (all []Pattern) {
	for _, p := range r.skip {
		all = append(all, Pattern{p.re.String(), p.path, p.noQuery})
	}
	return all
}

// Match tells whether a URL is one of the pattern's.
func (p Pattern) Match(u weburl.URL) (bool, error) {
	re, err := regexp.Compile(p.Regexp)
	if err != nil {
		return false, fmt.Errorf("pattern %q of a recipe: %w", p.Regexp, err)
	}
	return urlPattern{re, p.Path, p.NoQuery}.match(u), nil
}

func parseGlob(glob string) (urlPattern, error) {
	if err := checkLength(glob); err != nil {
		return urlPattern{}, err
	}
	path := strings.HasPrefix(glob, "/")
	switch {
	case glob == "":
		return urlPattern{}, errors.New("empty pattern (allowed: a path as /p/*, a URL as https://example.org/**, or regex: RE)")
	case !path && !strings.Contains(glob, "://"):
		return urlPattern{}, fmt.Errorf("the pattern %q starts with neither / nor a scheme (write %q, or a URL as https://example.org/**)", glob, "/"+glob)
	}
	var b strings.Builder
	b.WriteString(`\A`)
	for i := 0; i < len(glob); i++ {
		switch {
		case strings.HasPrefix(glob[i:], "**"):
			b.WriteString(`.*`)
			i++
		case glob[i] == '*':
			b.WriteString(`[^/]*`)
		default:
			b.WriteString(regexp.QuoteMeta(glob[i : i+1]))
		}
	}
	b.WriteString(`\z`)
	re, err := regexp.Compile(b.String())
	if err != nil {
		return urlPattern{}, fmt.Errorf("the pattern %q has bytes that no URL has (percent-encode them)", glob)
	}
	return urlPattern{re: re, path: path, noQuery: !strings.Contains(glob, "?")}, nil
}
