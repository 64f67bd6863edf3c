package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/trawl-crawler/trawl/parse/nearest"
)

// A UsageError is a mistake in what the user asked for. Nothing was fetched.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

func usagef(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// FlagError says what is wrong with a command line, given the error that pflag
// has for it.
func (s *Set) FlagError(err error, flags *pflag.FlagSet) error {
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		f, value := bad.GetFlag(), bad.GetValue()
		// -depth 2 is read as -d with the value epth.
		if name := canonicalOf(f.Shorthand + value); f.Shorthand != "" && flags.Lookup(name) != nil {
			return usagef("-%s%s: long flags have two dashes: --%s", f.Shorthand, value, name)
		}
		return usagef("--%s %q: %w", f.Name, s.rows[f.Name].quotable(value), bad.Unwrap())
	}
	if bad, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		f := bad.GetFlag()
		return usagef("--%s needs a value: %s (%s)", f.Name, f.Value.Type(), f.Usage)
	}
	if bad, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return s.unknownFlag(bad, flags)
	}
	return &UsageError{err}
}

func (s *Set) unknownFlag(bad *pflag.NotExistError, flags *pflag.FlagSet) error {
	name := bad.GetSpecifiedName()
	if group := bad.GetSpecifiedShortnames(); group != "" {
		return s.unknownShort(name, group, flags)
	}
	canonical := canonicalOf(name)
	if _, known := s.rows[canonical]; known {
		return usagef("--%s means nothing here: it is for crawl", canonical)
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return usagef("unknown flag --%s%s; --help lists those there are", name, didYouMeanFlag(name, names))
}

func (s *Set) unknownShort(letter, group string, flags *pflag.FlagSet) error {
	if f := s.flags.ShorthandLookup(letter); f != nil {
		return usagef("-%s, --%s means nothing here: it is for crawl", letter, f.Name)
	}
	name := canonicalOf(group)
	switch {
	case flags.Lookup(name) != nil:
		return usagef("-%s: long flags have two dashes: --%s", group, name)
	case group == letter:
		return usagef("unknown flag -%s; --help lists those there are", letter)
	}
	return usagef("unknown flag -%s in -%s; --help lists those there are", letter, group)
}

// didYouMeanFlag looks among the aliases too, and names the flag they are.
func didYouMeanFlag(name string, names []string) string {
	others := slices.DeleteFunc(aliases(), func(alias string) bool { return !slices.Contains(names, canonicalOf(alias)) })
	near := canonicalOf(nearest.Word(name, slices.Concat(names, others)))
	if near == "" {
		// Part of a name is a likely guess too: --redirects, --pages.
		i := slices.IndexFunc(names, func(n string) bool { return strings.Contains(n, name) && len(name) > 3 })
		if i < 0 {
			return ""
		}
		near = names[i]
	}
	return fmt.Sprintf(" (did you mean --%s?)", near)
}
