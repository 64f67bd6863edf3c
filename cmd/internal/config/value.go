package config

import (
	"errors"
	"fmt"
	"strings"
)

// A value is a setting that holds one T. It is a pflag.Value, and remembers
// the text it was read from: that is how it is shown.
type value[T any] struct {
	to    *T
	want  string // what its text looks like, for --help
	text  string
	words []string // all that is allowed, if that can be listed
	parse func(string) (T, error)
}

func (v *value[T]) String() string  { return v.text }
func (v *value[T]) Type() string    { return v.want }
func (v *value[T]) Words() []string { return v.words }
func (v *value[T]) Set(s string) error {
	parsed, err := v.parse(s)
	if err != nil {
		return err
	}
	*v.to, v.text = parsed, s
	return nil
}

// of returns a setting that is text until something else is said. The text ""
// leaves the zero value; any other that does not parse is a mistake in the
// table, which every run would show.
func of[T any](to *T, want, text string, parse func(string) (T, error)) *value[T] {
	v := &value[T]{to: to, want: want, parse: parse}
	if text == "" {
		return v
	}
	if err := v.Set(text); err != nil {
		panic(fmt.Sprintf("default %q: %v", text, err))
	}
	return v
}

// A list is a setting that may be given more than once.
type list[T any] struct {
	to    *[]T
	want  string
	texts []string
	parse func(string) ([]T, error)
}

func (l *list[T]) String() string   { return strings.Join(l.texts, "\n") }
func (l *list[T]) Type() string     { return l.want }
func (l *list[T]) Values() []string { return l.texts }
func (l *list[T]) Set(s string) error {
	parsed, err := l.parse(s)
	if err != nil {
		return err
	}
	*l.to, l.texts = append(*l.to, parsed...), append(l.texts, s)
	return nil
}

func each[T any](to *[]T, want string, parse func(string) (T, error)) *list[T] {
	return &list[T]{to: to, want: want, parse: func(s string) ([]T, error) {
		one, err := parse(s)
		return []T{one}, err
	}}
}

// A term is a word and what it stands for.
type term[T any] struct {
	word string
	is   T
}

// choice is a setting that is one of a few words.
func choice[T any](to *T, text string, terms ...term[T]) *value[T] {
	words := make([]string, len(terms))
	for i, t := range terms {
		words[i] = t.word
	}
	v := of(to, strings.Join(words, "|"), text, func(s string) (T, error) {
		for _, t := range terms {
			if t.word == s {
				return t.is, nil
			}
		}
		var none T
		return none, errors.New(wantWord(s, words))
	})
	v.words = words
	return v
}

// words is a choice whose words stand for themselves.
func words[T ~string](to *T, text string, allowed ...T) *value[T] {
	terms := make([]term[T], len(allowed))
	for i, w := range allowed {
		terms[i] = term[T]{string(w), w}
	}
	return choice(to, text, terms...)
}

// toggle is on or off. Variables and files are written by people who know other
// programs' words for it.
func toggle(to *bool) *value[bool] {
	v := of(to, "true|false", "false", func(s string) (bool, error) {
		switch strings.ToLower(s) {
		case "true", "yes", "on", "1":
			return true, nil
		case "false", "no", "off", "0":
			return false, nil
		}
		return false, errors.New("want true or false")
	})
	v.words = []string{"true", "false"}
	return v
}

func text(to *string, want, deflt string) *value[string] {
	return of(to, want, deflt, func(s string) (string, error) {
		if s == "" {
			return "", errors.New("want something: it is empty")
		}
		return s, nil
	})
}

// wantWord says which words are allowed where s was given.
func wantWord(s string, allowed []string) string {
	return "want " + enumerate(allowed) + DidYouMean(s, allowed)
}

// enumerate writes "a, b or c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
