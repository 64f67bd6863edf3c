// Package zoo serves, on loopback, what the hostile web sends: a list of named
// cases, each with what a correct crawler does and the records that it gives.
//
//	Cases()  what there is, as data
//	Start    serves all of it, until Close
//	Seeds    where a crawl of one case starts
//	Check    judges what a crawl of one case recorded, and what it asked for
//
// A case is a site of its own, under /NAME/. Redirects and lies share the one
// address that the index page is on; all others have an origin, or several, of
// their own, because politeness, robots.txt and giving a host up are matters
// of the host: of a case that never answers, no other case shall suffer.
//
// What is wanted holds for a crawl of the seeds' hosts at any depth that obeys
// robots.txt, with the limits that trawl has by default, or tighter ones, that
// trusts Roots, and whose idle timeout is longer than Options.Pace. How often
// it tries again and whether it reads sitemaps is its own affair.
package zoo

import (
	"fmt"
	"slices"
	"strings"
)

// Group is a kind of hostility.
type Group string

// The groups, in the order of Cases.
const (
	Transport Group = "transport" // slow, broken and lying below HTTP's meaning
	Bombs     Group = "bombs"     // small to send, large to read
	Spaces    Group = "spaces"    // URLs without end
	Redirects Group = "redirects" // round in circles, and out
	Lies      Group = "lies"      // bytes that are not what they are called
	Pushback  Group = "pushback"  // servers that want to be left alone
)

// A Case is one thing that a server does.
type Case struct {
	Name  string
	Group Group
	Does  string // one sentence: what a correct crawler does

	Want       []Want
	MaxFetches int      // requests for the case's pages, all tries together; 0 is no limit
	Never      []string // prefixes of paths, below the case's own, that may not be asked for
	Back       bool     // redirects come back to where they began, which has a record of each answer

	up server
}

// A Want is what the record of one URL must say. Fields left empty are not
// judged, and each field counts only where it can: ErrorKind for the outcome
// failed, SkipRule for skipped, the rest for fetched.
type Want struct {
	// URL is relative to the case's own directory; "" is that directory, the
	// usual seed, and "{1}" an origin of the case beside its first. "*" asks
	// for at least one record of the case that is so.
	URL string

	Outcome    []string // any of fetched, failed, skipped
	Status     []int    // any of
	ErrorKind  []string // any of
	SkipRule   []string // any of
	RedirectTo string   // as URL is; "-" is no target
	Title      string   // "-" is none
	Charset    string
	Truncated  bool     // it must be
	Over       []string // bounds, as the flags --max-… name them, any of which its limits name; its error is too_large
	MinLinks   int      // of the record
	MaxBytes   int64    // of the body
	MaxTitle   int      // bytes of the title

	Optional bool // there may be no such record
}

// String is the want in a line of a list: "next: fetched 200, title "x"".
func (w Want) String() string {
	parts := []string{strings.Join(w.Outcome, " or ")}
	add := func(when bool, format string, args ...any) {
		if when {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(len(w.Status) > 0, "status %s", join(w.Status))
	add(len(w.ErrorKind) > 0, "error %s", join(w.ErrorKind))
	add(len(w.SkipRule) > 0, "rule %s", join(w.SkipRule))
	add(w.RedirectTo == "-", "no redirect target")
	add(w.RedirectTo != "-" && w.RedirectTo != "", "redirects to %s", w.RedirectTo)
	add(w.Title == "-", "no title")
	add(w.Title != "-" && w.Title != "", "title %q", w.Title)
	add(w.Charset != "", "charset %s", w.Charset)
	add(w.Truncated, "truncated")
	add(len(w.Over) > 0, "over %s", join(w.Over))
	add(w.MinLinks > 0, "at least %d links", w.MinLinks)
	add(w.MaxBytes > 0, "at most %d bytes", w.MaxBytes)
	add(w.MaxTitle > 0, "title of at most %d bytes", w.MaxTitle)
	add(w.Optional, "or no record")
	url := w.URL
	if url == "" {
		url = "./"
	}
	return url + ": " + strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func join[T any](list []T) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, " or ")
}

// Cases lists all cases, by group.
func Cases() []Case {
	return slices.Concat(
		group(Transport, slow(), cuts(), lengths(), chunks(), heads(), connections(), h2(), handshakes()),
		group(Bombs, codingBombs(), markupBombs(), robotsBombs(), sitemapBombs(), stateBombs()),
		group(Spaces, spaces()),
		group(Redirects, loops(), targets(), locations()),
		group(Lies, types(), charsets(), codingLies(), moods()),
		group(Pushback, pauses(), refusals(), robotsAnswers()),
	)
}

func group(g Group, lists ...[]Case) []Case {
	all := slices.Concat(lists...)
	for i := range all {
		all[i].Group = g
	}
	return all
}

// fetched wants a page of status 200 with a title, "" for whatever title.
func fetched(url, title string) Want {
	return Want{URL: url, Outcome: []string{"fetched"}, Status: []int{200}, Title: title}
}

// failed wants the seed to fail in one of some ways.
func failed(kinds ...string) []Want {
	return []Want{{Outcome: []string{"failed"}, ErrorKind: kinds}}
}

// skipped wants a URL not to be asked for, by one of some rules.
func skipped(url string, rules ...string) Want {
	return Want{URL: url, Outcome: []string{"skipped"}, SkipRule: rules}
}

// pages wants each of some pages fetched.
func pages(urls ...string) []Want {
	all := make([]Want, len(urls))
	for i, u := range urls {
		all[i] = fetched(u, "")
	}
	return all
}
