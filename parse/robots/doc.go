// Package robots reads what a site asks of crawlers: robots.txt by RFC 9309, and the robots directives of single pages (meta
// elements and X-Robots-Tag headers). It does no I/O and keeps no clock: whoever fetches decides which status means AllowAll,
// DisallowAll or Parse, and how long a File serves.
//
// A file is read once, in one pass over its lines (parse.go), into groups whose rules lie sorted, the strongest first. A URL is
// then tested by walking a group to the first rule that matches (pattern.go); the longest pattern wins, and allow wins a tie
// (RFC 9309 §2.2.2). Matching a pattern takes time linear in the URL, so that a hostile file of MaxSize costs milliseconds.
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
// It is the second opinion: on plain, well-formed files the fuzz test holds this package to the same verdicts. Nothing of it runs
// in the crawler. It drops a whole file for one bad line, orders rules by the length of a regular expression, matches neither
// percent-encoding nor whole agent names, and needs seconds for a hostile file; and since its rules are private, with neither
// their text nor their line, every one of these would have to be solved beside it. Cleaning the text before it and matching
// behind it would leave it two strings to carry, Crawl-delay and Sitemap, at the price of parsing every file twice.
package robots
