package robots

import (
	"bytes"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxDelay bounds Crawl-delay, which a file may set to any number: a day is longer than a copy of the file is believed.
const maxDelay = 24 * time.Hour

// Parse reads a robots.txt. It never fails: a line that says nothing is passed over (RFC 9309 §2.2). What lies beyond MaxSize is not
// read, nor is the line that MaxSize cuts.
func Parse(body []byte) *File {
	p := parser{agents: map[string]*Rules{}, seen: map[string]bool{}}
	for number, text := range lines(clean(body)) {
		p.line(number, text)
	}
	file := p.file()
	file.cut = len(body) > MaxSize
	return file
}

// clean returns the part of the file that is read, without a byte order mark and without NULs. Without these a UTF-16 file of ASCII
// characters reads as it was meant to.
func clean(body []byte) string {
	if len(body) > MaxSize {
		whole := body[MaxSize] == '\n' || body[MaxSize] == '\r'
		body = body[:MaxSize]
		if !whole {
			body = body[:bytes.LastIndexAny(body, "\r\n")+1]
		}
	}
	// Half a mark is dropped as well, as Google's parser does.
	for len(body) > 0 && bytes.IndexByte([]byte("\xEF\xBB\xBF\xFE\xFF"), body[0]) >= 0 {
		body = body[1:]
	}
	return string(bytes.ReplaceAll(body, []byte{0}, nil))
}

// lines yields the lines with their number, from 1. They end in LF, CR or both.
func lines(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for number := 1; text != ""; number++ {
			end := strings.IndexAny(text, "\r\n")
			if end < 0 {
				yield(number, text)
				return
			}
			if !yield(number, text[:end]) {
				return
			}
			if strings.HasPrefix(text[end:], "\r\n") {
				end++
			}
			text = text[end+1:]
		}
	}
}

// parser is the state between two lines.
type parser struct {
	agents  map[string]*Rules // by lower-case product token, or "*"
	groups  []*group
	group   *group          // takes the next rule; nil above the first user-agent line
	closed  bool            // the group has rules, so the next user-agent line begins another
	waiting []*Rules        // agents of the group with no Crawl-delay line below them yet
	seen    map[string]bool // sitemaps
	asks    canonical
}

// line reads one line of any kind.
func (p *parser) line(number int, text string) {
	text, _, _ = strings.Cut(text, "#")
	text = strings.TrimSpace(text)
	field, value := split(text)
	switch strings.ToLower(field) {
	case "user-agent", "useragent", "user agent", "user_agent":
		p.userAgent(value)
	case "allow":
		p.rule(rule{allow: true, text: text, line: number}, value)
	case "disallow", "disalow", "dissallow", "dissalow", "diasllow", "disallaw", "dis-allow":
		p.rule(rule{text: text, line: number}, value)
	case "crawl-delay", "crawldelay", "crawl delay", "crawl_delay":
		p.crawlDelay(value)
	case "sitemap", "site-map", "site map", "site_map":
		p.sitemap(value)
	}
}

// split cuts a line into field and value. A forgotten colon is forgiven where the line is two words.
func split(text string) (field, value string) {
	field, value, ok := strings.Cut(text, ":")
	if ok {
		return strings.TrimSpace(field), strings.TrimSpace(value)
	}
	if i := strings.IndexAny(text, " \t"); i > 0 {
		value = strings.TrimSpace(text[i:])
		if !strings.ContainsAny(value, " \t") {
			return text[:i], value
		}
	}
	return "", ""
}

// userAgent names an agent for the group below. A name that nobody can have still begins a group, or its rules would fall to the
// agents of the group before.
func (p *parser) userAgent(value string) {
	if p.group == nil || p.closed {
		p.group = &group{}
		p.groups = append(p.groups, p.group)
		p.waiting, p.closed = nil, false
	}
	name := agentName(value)
	if name == "" {
		return
	}
	token := strings.ToLower(name)
	r := p.agents[token]
	if r == nil {
		r = &Rules{agent: name}
		p.agents[token] = r
		p.asks.group(token, 0)
	}
	if n := len(r.groups); n == 0 || r.groups[n-1] != p.group {
		r.groups = append(r.groups, p.group)
		p.waiting = append(p.waiting, r)
	}
}

// rule adds a rule to the group. One without a path matches nothing, and closes the group all the same; one above the first
// user-agent line is nobody's.
func (p *parser) rule(r rule, value string) {
	if p.group == nil {
		return
	}
	p.closed = true
	if value != "" {
		r.pattern = compile(value)
		p.group.rules = append(p.group.rules, r)
	}
}

// crawlDelay gives a delay, in seconds, to the agents above it that have none: the first counts. It leaves out agents that follow
// in the same group, since a file with "User-agent: a, Crawl-delay: 9, User-agent: *" does not mean to slow everyone.
func (p *parser) crawlDelay(value string) {
	seconds, err := strconv.ParseFloat(withoutSeconds(value), 64)
	if err != nil || !(0 <= seconds && seconds <= math.MaxFloat64) { // NaN and Inf are numbers to ParseFloat
		return
	}
	for _, r := range p.waiting {
		if !r.hasDelay {
			r.hasDelay = true
			p.asks.group(strings.ToLower(r.agent), min(seconds, maxDelay.Seconds()))
		}
	}
	p.waiting = nil
}

// withoutSeconds forgives a unit behind the number, as in "10s" or "10 seconds": whoever wrote it wants to be asked slowly. Another
// unit stays, and makes it no number.
func withoutSeconds(value string) string {
	number := strings.TrimRightFunc(value, unicode.IsLetter)
	switch strings.ToLower(value[len(number):]) {
	case "s", "sec", "secs", "second", "seconds":
		return strings.TrimSpace(number)
	}
	return value
}

func (p *parser) sitemap(value string) {
	if value == "" || p.seen[value] {
		return
	}
	p.seen[value] = true
	p.asks.sitemap(value)
}

// file sorts the rules and has the rest read. Were a canonical text ever refused, the site would be left alone, and its verdicts
// would say why.
func (p *parser) file() *File {
	data, err := p.asks.read()
	if err != nil {
		return DisallowAll(fmt.Sprintf("robots.txt cannot be read: %q", err))
	}
	for _, g := range p.groups {
		slices.SortStableFunc(g.rules, compareRules)
	}
	return &File{agents: p.agents, data: data}
}
