package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/parse/nearest"
)

// A Set is the settings of one command, each with its flag and its origin.
type Set struct {
	Settings
	flags  *pflag.FlagSet
	rows   map[string]setting
	order  []string
	origin map[string]origin
}

// origin is what gave a setting its value. Of two layers the later one counts.
type origin struct {
	layer layer
	where string // "crawl.yaml:3", "TRAWL_RATE", "--rate"
}

type layer uint8

const (
	fromDefault layer = iota
	fromFile
	fromEnvironment
	fromFlag
)

func (o origin) String() string {
	if o.layer == fromDefault {
		return "default"
	}
	return o.where
}

// New returns all settings at their defaults. The agent is the default of
// --user-agent.
func New(agent string) *Set {
	s := &Set{
		flags:  pflag.NewFlagSet("trawl", pflag.ContinueOnError),
		rows:   make(map[string]setting),
		origin: make(map[string]origin),
	}
	s.flags.SortFlags = false
	table := s.table(agent)
	for _, title := range Sections() {
		for _, row := range table[title] {
			f := s.flags.VarPF(row.value, row.name, row.short, row.usage)
			f.NoOptDefVal = row.bare
			f.Annotations = map[string][]string{section: {title}}
			s.rows[row.name] = row
			s.order = append(s.order, row.name)
		}
	}
	return s
}

// Bind gives a command all flags, and the other crawlers' words for them.
func (s *Set) Bind(to *pflag.FlagSet) { s.bind(to, func(setting) bool { return true }) }

// BindFetch is Bind without the flags that mean nothing where no link is
// followed.
func (s *Set) BindFetch(to *pflag.FlagSet) { s.bind(to, func(row setting) bool { return !row.crawl }) }

func (s *Set) bind(to *pflag.FlagSet, wanted func(setting) bool) {
	to.SortFlags = false
	to.SetNormalizeFunc(normalizer())
	s.flags.VisitAll(func(f *pflag.Flag) {
		if wanted(s.rows[f.Name]) {
			to.AddFlag(f)
		}
	})
}

// BindOnly gives a command some flags, under their own names alone.
func (s *Set) BindOnly(to *pflag.FlagSet, names ...string) {
	to.SortFlags = false
	for _, name := range names {
		to.AddFlag(s.flags.Lookup(name))
	}
}

// section is the annotation of a flag that has its heading in --help.
const section = "section"

// SectionOf is the heading of --help that a flag belongs under, or "".
func SectionOf(f *pflag.Flag) string {
	if titles := f.Annotations[section]; len(titles) > 0 {
		return titles[0]
	}
	return ""
}

// Names are the names of all settings, in the order of the table.
func (s *Set) Names() []string { return s.order }

// Words are all values that a setting can have, if they can be listed.
func (s *Set) Words(name string) []string {
	if v, ok := s.rows[name].value.(interface{ Words() []string }); ok {
		return v.Words()
	}
	return nil
}

// Load takes in the file that --config names and the environment, once the
// flags are parsed, and settles what contradicts. It returns what the user
// should know but need not mend.
func (s *Set) Load(environ []string) (warnings []string, err error) {
	s.flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			s.origin[f.Name] = origin{fromFlag, "--" + f.Name}
		}
	})
	warnings, err = s.loadEnvironment(environ)
	if err != nil {
		return nil, err
	}
	if s.Report.Config != "" {
		if err := s.loadFile(s.Report.Config); err != nil {
			return nil, err
		}
	}
	return warnings, s.settle()
}

const prefix = "TRAWL_"

func (s *Set) loadEnvironment(environ []string) (warnings []string, err error) {
	for _, pair := range slices.Sorted(slices.Values(environ)) { // of two mistakes, the same one each time
		key, val, _ := strings.Cut(pair, "=")
		upper, ours := strings.CutPrefix(key, prefix)
		if !ours {
			continue
		}
		name := strings.ReplaceAll(strings.ToLower(upper), "_", "-")
		row, known := s.rows[name]
		if !known {
			warnings = append(warnings, fmt.Sprintf("%s is not a setting%s", key, s.nearVariable(name)))
			continue
		}
		texts := []string{val}
		if _, many := row.value.(interface{ Values() []string }); many {
			texts = lines(val)
		}
		if err := s.give(row, origin{fromEnvironment, key}, texts); err != nil {
			return nil, err
		}
	}
	return warnings, nil
}

func (s *Set) nearVariable(name string) string {
	near := nearest.Word(name, s.order)
	if near == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", variable(near))
}

func variable(name string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// give sets a setting unless a later layer did.
func (s *Set) give(row setting, from origin, texts []string) error {
	if s.origin[row.name].layer > from.layer {
		return nil
	}
	for _, text := range texts {
		if err := row.value.Set(text); err != nil {
			return usagef("%s %q: %w", from.label(row.name), row.quotable(text), err)
		}
	}
	s.origin[row.name] = from
	return nil
}

// label is how an error begins: "--rate", "TRAWL_RATE", "crawl.yaml:3: rate".
func (o origin) label(name string) string {
	if o.layer == fromFile {
		return o.where + ": " + name
	}
	return o.where
}

// settle decides between settings that contradict each other: the one from the
// later layer counts, and two of one layer are a mistake.
func (s *Set) settle() error {
	delay, err := s.prefers("delay", "rate")
	if err != nil {
		return err
	}
	if delay {
		s.Politeness.Rate = 0
		if d := s.Politeness.delay; d > 0 {
			s.Politeness.Rate = rate.Every(d)
		}
	}
	noRobots, err := s.prefers("no-robots", "robots")
	if err != nil {
		return err
	}
	if noRobots {
		s.Politeness.Robots = crawler.RobotsIgnore
	}
	for _, pair := range []struct {
		a, b   string
		va, vb *bool
	}{
		{"append", "overwrite", &s.Output.Append, &s.Output.Overwrite},
		{"quiet", "verbose", &s.Report.Quiet, &s.Report.Verbose},
	} {
		first, err := s.prefers(pair.a, pair.b)
		if err != nil {
			return err
		}
		if first {
			*pair.vb = false
		} else if s.given(pair.b) {
			*pair.va = false
		}
	}
	if err := s.settleData(); err != nil {
		return err
	}
	if err := s.settleOutputs(); err != nil {
		return err
	}
	return s.settleState()
}

// prefers tells whether a counts rather than b.
func (s *Set) prefers(a, b string) (bool, error) {
	if !s.given(a) || !s.given(b) {
		return s.given(a), nil
	}
	of, ob := s.origin[a], s.origin[b]
	if of.layer == ob.layer {
		return false, usagef("%s and %s contradict each other: give one of them", of.label(a), ob.label(b))
	}
	return of.layer > ob.layer, nil
}

// given tells whether somebody said a setting; a flag turned off was not said.
func (s *Set) given(name string) bool {
	if on, ok := s.rows[name].value.(*value[bool]); ok && !*on.to {
		return false
	}
	return s.origin[name].layer != fromDefault
}

// Shown is one line of `trawl config show`.
type Shown struct {
	Name   string `json:"name"`
	Value  any    `json:"value"` // a string, or a list of them
	Origin string `json:"origin"`
}

// Show lists all settings as they are after Load.
func (s *Set) Show() []Shown {
	all := make([]Shown, len(s.order))
	for i, name := range s.order {
		all[i] = Shown{name, shown(s.rows[name]), s.origin[name].String()}
	}
	return all
}

func shown(row setting) any {
	if many, isList := row.value.(interface{ Values() []string }); isList {
		texts := []string{}
		for _, text := range many.Values() {
			texts = append(texts, row.shown(text))
		}
		return texts
	}
	return row.shown(row.value.String())
}
