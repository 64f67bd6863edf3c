package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
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
		value := bad.GetValue()
		if s.rows[bad.GetFlag().Name].secret {
			value = hidden
		}
		return usagef("--%s %q: %w", bad.GetFlag().Name, value, bad.Unwrap())
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
	if group := bad.GetSpecifiedShortnames(); group != "" {
		return usagef("unknown flag -%s in -%s; --help lists those there are", bad.GetSpecifiedName(), group)
	}
	name := bad.GetSpecifiedName()
	canonical := canonicalOf(name)
	if _, known := s.rows[canonical]; known {
		return usagef("--%s means nothing here: it is for crawl", canonical)
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return usagef("unknown flag --%s%s; --help lists those there are", name, didYouMeanFlag(name, names))
}

// didYouMeanFlag looks among the aliases too, and names the flag they are.
func didYouMeanFlag(name string, names []string) string {
	near := nearest(name, names)
	if near == "" {
		if alias := nearest(name, aliases()); alias != "" && slices.Contains(names, canonicalOf(alias)) {
			near = canonicalOf(alias)
		}
	}
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
