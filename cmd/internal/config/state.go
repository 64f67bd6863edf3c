package config

import (
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/trawl-crawler/trawl/crawler/recrawl"
)

// State is what is kept of a crawl, so that it can be taken up again.
type State struct {
	Dir       string // "" keeps nothing
	Fresh     bool   // begin anew
	Yes       bool   // … also when that throws unfinished work away
	SyncEvery time.Duration
	IfRunning string // wait, skip or fail
	MinFree   int64  // bytes; 0 is no limit
}

// What to do about another crawl in the same directory.
const (
	IfRunningWait = "wait"
	IfRunningSkip = "skip"
	IfRunningFail = "fail"
)

// Revisit is what a later run does with the pages of an earlier one.
type Revisit struct {
	When        Schedule
	Min, Max    time.Duration
	Compare     recrawl.Compare
	Grace       int
	ChangedOnly bool
	ExitChanged bool
}

// Schedule is when a page is due again.
type Schedule struct {
	Mode  recrawl.Mode
	Every time.Duration // for recrawl.Fixed
}

// Policy is r in the terms of recrawl.
func (r *Revisit) Policy() recrawl.Policy {
	return recrawl.Policy{Mode: r.When.Mode, Every: r.When.Every, Min: r.Min, Max: r.Max, Compare: r.Compare, Grace: r.Grace}
}

func parseSchedule(s string) (Schedule, error) {
	switch s {
	case "all":
		return Schedule{Mode: recrawl.All}, nil
	case "adaptive":
		return Schedule{Mode: recrawl.Adaptive}, nil
	}
	d, err := parseDuration(s)
	if err != nil {
		return Schedule{}, errors.New("want all, adaptive or a time such as 12h")
	}
	return Schedule{Mode: recrawl.Fixed, Every: d}, nil
}

// settleState refuses what means nothing without --state, where it was asked
// for by hand; in a file or variable it may be meant for other commands.
func (s *Set) settleState() error {
	if s.Revisit.Min > s.Revisit.Max {
		return usagef("--revisit-min %v is more than --revisit-max %v", s.Revisit.Min, s.Revisit.Max)
	}
	if s.State.Dir != "" {
		return nil
	}
	for _, name := range []string{
		"fresh", "unpark", "if-running", "min-free", "revisit", "revisit-min", "revisit-max", "compare", "grace", "changed-only", "exit-changed",
	} {
		if s.origin[name].layer == fromFlag && s.given(name) {
			return usagef("--%s means nothing without --state DIR: nothing is kept of this crawl", name)
		}
	}
	return nil
}

// Belonging are the settings that decide which URLs belong to a crawl, by
// their flags. Depth is not among them: it only says how far to go for now.
func (s *Settings) Belonging() map[string][]string {
	sitemaps := []string{[...]string{"auto", "only", "off", "URL"}[s.Reach.Sitemaps.Mode]}
	for _, u := range s.Reach.Sitemaps.URLs {
		sitemaps = append(sitemaps, u.String())
	}
	return map[string][]string{
		"scope":        {string(s.Reach.Scope)},
		"include":      patternTexts(s.Reach.Include),
		"exclude":      patternTexts(s.Reach.Exclude),
		"assets":       {strconv.FormatBool(s.Reach.Assets)},
		"sitemap":      sitemaps,
		"ignore-query": {s.Reach.Query.String()},
	}
}

func patternTexts(patterns []*regexp.Regexp) (texts []string) {
	for _, re := range patterns {
		texts = append(texts, re.String())
	}
	return texts
}
