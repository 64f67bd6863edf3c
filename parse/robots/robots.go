package robots

import (
	"net/url"
	"strings"
	"time"

	"github.com/temoto/robotstxt"
)

// MaxSize is how much of a robots.txt is read, in bytes: the 500 kibibytes that RFC 9309 §2.5 asks for at the least. A caller that
// limits its download should keep one byte more, or Parse cannot tell a cut file from one of exactly this size.
const MaxSize = 500 << 10

// File is a parsed robots.txt. It is immutable and safe for concurrent use.
type File struct {
	agents map[string]*Rules     // by lower-case product token, or "*"
	data   *robotstxt.RobotsData // of the canonical text
	cut    bool
}

// Cut reports whether the file is longer than MaxSize, so that there may be
// rules in it that do not count.
func (f *File) Cut() bool { return f.cut }

// Rules are what a File asks of one agent.
type Rules struct {
	agent    string   // as the file spells it where it is first named
	groups   []*group // in file order
	hasDelay bool
	delay    time.Duration // known to those that File.Rules returns
}

// group is a run of rules; the agents named above it share it.
type group struct {
	rules []rule // strongest first
}

// rule is an Allow or Disallow line.
type rule struct {
	pattern pattern
	allow   bool
	text    string
	line    int
}

// Verdict says whether a URL may be fetched, and what decided.
type Verdict struct {
	Allowed bool
	Rule    string // the line as the file spells it, without its comment; "" when no rule matched
	Line    int    // where it stands, from 1; 0 when no rule matched
	Agent   string // the user-agent whose rules were asked, as the file spells it; "" when the file names neither it nor "*"
}

// AllowAll is the File of a site without a robots.txt (a 4xx status, RFC 9309 §2.3.1.3).
func AllowAll() *File {
	return Parse(nil)
}

// DisallowAll is the File of a site whose robots.txt cannot be had for now (a 5xx status or a network error, RFC 9309 §2.3.1.4).
// Its verdicts name the reason as their Rule.
func DisallowAll(reason string) *File {
	everything := rule{pattern: compile("/"), text: reason}
	rules := &Rules{groups: []*group{{rules: []rule{everything}}}}
	return &File{agents: map[string]*Rules{"*": rules}, data: &robotstxt.RobotsData{}}
}

// Rules returns the rules for an agent: its own if the file names it, else those for "*", else none, which allow everything.
// The agent is a product token or a whole User-Agent header; it is compared whole and without case (RFC 9309 §2.2.1).
func (f *File) Rules(agent string) *Rules {
	token := strings.ToLower(headerToken(agent))
	group := f.data.FindGroup(groupName(token))
	if group == f.data.FindGroup("*") {
		token = "*"
	}
	named, ok := f.agents[token]
	if !ok {
		return &Rules{}
	}
	rules := *named
	rules.delay = group.CrawlDelay
	return &rules
}

// Sitemaps returns the file's Sitemap values as they are written, in order, each once.
func (f *File) Sitemaps() []string {
	var values []string
	for _, escaped := range f.data.Sitemaps {
		if value, err := url.QueryUnescape(escaped); err == nil {
			values = append(values, value)
		}
	}
	return values
}

// Test says whether the rules allow a URL, given as its path and query. /robots.txt itself is always allowed (RFC 9309 §2.2.2).
func (r *Rules) Test(uri string) Verdict {
	t := newTarget(uri)
	v := Verdict{Allowed: true, Agent: r.agent}
	if t.asIs == "/robots.txt" {
		return v
	}
	var best *rule
	for _, g := range r.groups {
		if found := g.strongest(t); found != nil && (best == nil || compareRules(*found, *best) < 0) {
			best = found
		}
	}
	if best != nil {
		v.Allowed, v.Rule, v.Line = best.allow, best.text, best.line
	}
	return v
}

// CrawlDelay returns the wait that the file asks for between two requests, and whether it asks for one. It is at most a day.
func (r *Rules) CrawlDelay() (time.Duration, bool) {
	return r.delay, r.hasDelay
}

func (g *group) strongest(t target) *rule {
	for i := range g.rules {
		if g.rules[i].pattern.match(t) {
			return &g.rules[i]
		}
	}
	return nil
}

// compareRules sorts the rule that wins first: the longest, and of two equally long ones the one that allows (RFC 9309 §2.2.2).
func compareRules(a, b rule) int {
	switch {
	case a.pattern.length != b.pattern.length:
		return b.pattern.length - a.pattern.length
	case a.allow == b.allow:
		return 0
	case a.allow:
		return -1
	default:
		return 1
	}
}
