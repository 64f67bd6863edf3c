package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// loadFile takes in a YAML file: one mapping from the names of settings to
// values or lists of them. Every error names the file and the line.
func (s *Set) loadFile(name string) error {
	data, err := readFile(name)
	if err != nil {
		return usagef("%s %q: %w", s.origin["config"].label("config"), name, FileError(err))
	}
	file, err := parser.ParseBytes(bytes.TrimPrefix(data, []byte("\ufeff")), 0)
	if bad, ok := errors.AsType[*yaml.SyntaxError](err); ok {
		return usagef("%s:%d: not YAML: %s", name, bad.Token.Position.Line, bad.Message)
	} else if err != nil {
		return usagef("%s: not YAML: %w", name, err)
	}
	docs := slices.DeleteFunc(file.Docs, saysNothing)
	switch len(docs) {
	case 0:
		return nil
	case 1:
		return s.loadMapping(name, docs[0].Body)
	}
	return usagef("%s:%d: a second YAML document: settings are in one", name, docs[1].GetToken().Position.Line)
}

// maxFile is the most that is read of a file that a person writes: some, as
// devices are, have no end.
const maxFile = 1 << 20

func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("has more than %d bytes", maxFile)
	}
	return data, err
}

func saysNothing(d *ast.DocumentNode) bool {
	switch d.Body.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return true
	}
	return false
}

func (s *Set) loadMapping(name string, body ast.Node) error {
	switch n := body.(type) {
	case *ast.MappingNode:
		for _, pair := range n.Values {
			if err := s.loadPair(name, pair); err != nil {
				return err
			}
		}
		return nil
	}
	return usagef("%s:%d: want settings, such as %q", name, body.GetToken().Position.Line, "rate: 2/s")
}

func (s *Set) loadPair(name string, pair *ast.MappingValueNode) error {
	token := pair.Key.GetToken()
	from := origin{fromFile, fmt.Sprintf("%s:%d", name, token.Position.Line)}
	row, known := s.rows[token.Value]
	switch {
	case !known:
		return usagef("%s: unknown setting %q%s", from.where, token.Value, s.nearSetting(token.Value))
	case row.name == "config":
		return usagef("%s: a file cannot name another: give --config on the command line", from.where)
	}
	texts, err := scalars(pair.Value)
	if err != nil {
		return usagef("%s: %w; its form is %s", from.label(row.name), err, row.value.Type())
	}
	if _, many := row.value.(interface{ Values() []string }); many {
		texts = lines(strings.Join(texts, "\n"))
	} else {
		texts = []string{strings.Join(texts, ",")}
	}
	return s.give(row, from, texts)
}

// lines are the values of a list that is written as one text, a value a line.
func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
}

// nearSetting knows the other crawlers' words as well.
func (s *Set) nearSetting(key string) string {
	if canonical := canonicalOf(key); canonical != key {
		return fmt.Sprintf(" (it is %s here)", canonical)
	}
	return DidYouMean(key, s.order)
}

// scalars are the texts of a plain value, or of a list of them.
func scalars(n ast.Node) ([]string, error) {
	switch n := n.(type) {
	case *ast.SequenceNode:
		var all []string
		for _, item := range n.Values {
			one, err := scalars(item)
			if err != nil {
				return nil, err
			}
			all = append(all, one...)
		}
		return all, nil
	case *ast.LiteralNode:
		return []string{strings.TrimSpace(n.Value.Value)}, nil
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode:
		return []string{n.GetToken().Value}, nil
	case *ast.NullNode:
		return nil, errors.New("has no value")
	}
	return nil, errors.New("want a plain value, or a list of them")
}
