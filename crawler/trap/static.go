package trap

import (
	"fmt"
	"strings"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// The limits of the static rules. Each is far beyond what real sites have, for
// a static rule never learns that it was wrong; what they let pass is left to
// what is learned.
const (
	// maxLength of a URL in bytes. Sitemaps end at 2,048, request lines of
	// common servers at 8,190.
	maxLength = 4096

	// maxDepth in segments. The deepest trees of packages and archives, nested
	// node_modules among them, have about 30.
	maxDepth = 48

	// A path of fewer segments may have anything: it is soon told.
	minDepth = 8

	// A group of segments that is there so many times in a row: /a/b/a/b/a/b/a/b.
	// Dates, versions and owners double a segment (/rust/rust), or have it
	// three times (/1/1/1, /org/org/org).
	maxCycles = 4

	// The same for groups of shortCycle bytes or fewer, slashes included, and
	// for numbers: a tree of one directory a hash digit has /a/a/a/a by chance.
	maxShortCycles = 8
	shortCycle     = 4

	// maxPeriod is the longest group of segments that is looked for.
	maxPeriod = 8

	// A path of manyWords segments or more has more than a third of them
	// different, be it node_modules/a/node_modules/b.
	manyWords = 12

	// The same key=value so many times. Careless forms have it twice.
	maxSamePair = 4

	// maxPairs in a query. Forms with that many fields are posted.
	maxPairs = 100

	// A percent sign that was encoded four times: a return address within a
	// return address within a return address within another.
	deepEncoding = "%252525"
)

// Static tells what in a URL's own text is a trap, or "". It allocates only
// for what it tells.
func Static(u weburl.URL) string {
	text := u.String()
	if len(text) > maxLength {
		return fmt.Sprintf("a URL of %d bytes", len(text))
	}
	path, query, _ := strings.Cut(u.RequestURI(), "?")
	if detail := staticPath(path); detail != "" || query == "" {
		return detail
	}
	return staticQuery(query)
}

func staticPath(path string) string {
	n := strings.Count(path, "/")
	if n < minDepth {
		return ""
	}
	if n > maxDepth {
		return fmt.Sprintf("a path of %d segments", n)
	}
	var array [maxDepth]string
	segments := array[:0]
	for rest := path[1:]; ; {
		segment, after, more := strings.Cut(rest, "/")
		if segment != "" {
			segments = append(segments, segment)
		}
		if !more {
			break
		}
		rest = after
	}
	if cycle, times := longestCycle(segments); cycle != nil {
		return fmt.Sprintf("a path that repeats /%s %d times", strings.Join(cycle, "/"), times)
	}
	if n := len(segments); n >= manyWords {
		if words := distinct(segments); words*3 <= n {
			return fmt.Sprintf("a path of %d segments with %d different words", n, words)
		}
	}
	return ""
}

// longestCycle finds segments that are there too many times in a row. For each
// period it counts how many segments in a row equal the one a period before.
func longestCycle(segments []string) (cycle []string, times int) {
	for period := 1; period <= maxPeriod && period*maxCycles <= len(segments); period++ {
		run := 0
		for i := period; i < len(segments); i++ {
			if segments[i] != segments[i-period] {
				run = 0
				continue
			}
			run++
			if times = run/period + 1; times < maxCycles || run%period != 0 {
				continue
			}
			cycle = segments[i-period+1 : i+1]
			if times >= maxShortCycles || !common(cycle) {
				return cycle, times
			}
		}
	}
	return nil, 0
}

// common tells whether a group of segments may well repeat by chance.
func common(cycle []string) bool {
	bytes, numbers := 0, true
	for _, s := range cycle {
		bytes += len(s) + 1
		numbers = numbers && strings.Trim(s, "0123456789") == ""
	}
	return bytes <= shortCycle || numbers
}

func distinct(segments []string) int {
	n := 0
next:
	for i, s := range segments {
		for _, earlier := range segments[:i] {
			if s == earlier {
				continue next
			}
		}
		n++
	}
	return n
}

func staticQuery(query string) string {
	if strings.Contains(query, deepEncoding) {
		return "a query that is nested in itself"
	}
	n := 1 + strings.Count(query, "&") + strings.Count(query, "?")
	if n < maxSamePair {
		return ""
	}
	if n > maxPairs {
		return fmt.Sprintf("a query of %d parameters", n)
	}
	var array [maxPairs]string
	pairs := array[:0]
	from := 0
	for i := range len(query) {
		// An address in a value brings its own query along, and its "?".
		if query[i] == '&' || query[i] == '?' {
			pairs = append(pairs, query[from:i])
			from = i + 1
		}
	}
	pairs = append(pairs, query[from:])
	for i, pair := range pairs {
		if pair == "" {
			continue
		}
		same := 1
		for _, earlier := range pairs[:i] {
			if earlier == pair {
				same++
			}
		}
		if same >= maxSamePair {
			return fmt.Sprintf("a query that repeats %s %d times", pair, same)
		}
	}
	return ""
}
