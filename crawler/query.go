package crawler

import (
	"maps"
	"slices"
	"strings"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A QueryFilter drops query parameters that do not change the page, so that
// URLs which differ in nothing else are one. The nil filter drops nothing.
type QueryFilter struct {
	names map[string]bool // empty: all
}

// NewQueryFilter returns the filter that drops the named parameters, or the
// whole query when none is named.
func NewQueryFilter(names []string) *QueryFilter {
	f := &QueryFilter{names: make(map[string]bool, len(names))}
	for _, n := range names {
		f.names[n] = true
	}
	return f
}

// Apply returns u without the parameters that the filter drops.
func (f *QueryFilter) Apply(u weburl.URL) weburl.URL {
	i := strings.IndexByte(u.String(), '?')
	if f == nil || i < 0 {
		return u
	}
	bare, query := u.String()[:i], u.String()[i+1:]
	var kept []string
	for param := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(param, "=")
		if len(f.names) > 0 && !f.names[name] {
			kept = append(kept, param)
		}
	}
	if len(kept) == 0 {
		return weburl.FromCanonical(bare)
	}
	return weburl.FromCanonical(bare + "?" + strings.Join(kept, "&"))
}

// String lists the parameters that are dropped; "*" is all of them.
func (f *QueryFilter) String() string {
	switch {
	case f == nil:
		return ""
	case len(f.names) == 0:
		return "*"
	}
	return strings.Join(slices.Sorted(maps.Keys(f.names)), ",")
}
