// Package robots reads what a site asks of crawlers: robots.txt by RFC 9309, and the robots directives of single pages (meta
// elements and X-Robots-Tag headers). It does no I/O and keeps no clock: whoever fetches decides which status means AllowAll,
// DisallowAll or Parse, and how long a File serves.
//
// A file is cleaned and read in one pass over its lines (parse.go), into groups whose rules lie sorted, the strongest first, and
// into a short text of what it asks beside its rules (canonical.go), for github.com/temoto/robotstxt. A URL is tested by walking a
// group to the first rule that matches (pattern.go); the longest pattern wins, and allow wins a tie (RFC 9309 §2.2.2). Matching a
// pattern takes time linear in the URL, so that a hostile file of MaxSize costs milliseconds.
//
// # What the RFC leaves open
//
// Where the RFC is silent this package does as Google's open-source parser does: misspelled fields and a forgotten colon are
// understood, an empty Disallow closes a run of user-agent lines, and only rules do that, so that a Sitemap or Crawl-delay line
// between two user-agent lines leaves them in one group. It departs from that parser in these:
//   - A product token may hold digits and dots, or MJ12bot and archive.org_bot could not be named.
//   - A rule that begins with neither / nor * is read as if it began with /: whoever wrote "Disallow: private" meant something.
//   - Crawl-delay counts, for the user-agents that stand above it in its group.
//   - Percent-encoding is compared as the RFC asks (see normalize), which Google's parser does in part only.
//   - /index.html is a path like any other; Google's parser lets "Allow: /a/index.html" allow /a/ as well.
//
// # What github.com/temoto/robotstxt does here
//
// It says whether an agent falls to a group of its own or to "*", and keeps the delays and the sitemaps. It reads the canonical
// text and never the file, which it would drop whole for one bad line.
//
// It does not match. It compiles a regular expression a rule, so that a hostile file costs seconds, orders rules by the length of
// that expression, compares percent-encoding letter by letter, and keeps neither the text nor the line of a rule, which a Verdict
// names. On plain files its verdicts are right, and there the fuzz test holds this package to them.
package robots
