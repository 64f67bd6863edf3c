package recipe

import (
	"errors"
	"fmt"
	"strings"

	"github.com/andybalholm/cascadia"
)

// maxExpr is the most bytes an expression may have: one that is longer was not written by a person.
const maxExpr = 4096

// maxCompounds is how many bits a mask has.
const maxCompounds = 64

// parseCSS compiles SELECTOR[@attr|@text|@raw|@html].
func parseCSS(text string) (*cssSource, error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	css, part, ok := cutPart(text)
	c := new(cssSource)
	switch {
	case !ok && css == "":
		return nil, errors.New("empty selector")
	case ok && !isName(part):
		return nil, fmt.Errorf("%q after @ is no name (allowed: @text, @raw, @html or the name of an attribute)", part)
	case part == "html":
		c.part = partHTML
	case part == "raw":
		c.part = partRaw
	case ok && part != "text":
		c.part, c.attr = partAttr, strings.ToLower(part)
	}
	if css == "" {
		return c, nil
	}
	var err error
	c.selector, err = parseSelector(css)
	return c, err
}

func checkLength(expr string) error {
	if len(expr) > maxExpr {
		return fmt.Errorf("the expression has %d bytes (allowed: %d)", len(expr), maxExpr)
	}
	return nil
}

// isName reports whether s may be the name of an attribute or of a field.
func isName(s string) bool {
	return s != "" && !strings.ContainsAny(s, " \t\r\n\f\"'<>/=@[](){}")
}

// parseSelector compiles a list of selectors. Errors have the position, in bytes from 1.
func parseSelector(text string) (*selector, error) {
	s := new(selector)
	pieces, err := splitSelector(text)
	if err != nil {
		return nil, err
	}
	if len(pieces) > maxCompounds {
		return nil, fmt.Errorf("%d simple selectors (allowed: %d)", len(pieces), maxCompounds)
	}
	for i, p := range pieces {
		c, err := parseCompound(p.text)
		if err != nil {
			return nil, fmt.Errorf("position %d: %w", p.at+1, err)
		}
		s.parts = append(s.parts, c)
		bit := uint64(1) << i
		switch p.combinator {
		case ',':
			s.first |= bit
			s.last |= bit >> 1
		case ' ':
			s.descendant |= bit
		case '>':
			s.child |= bit
		case '+':
			s.adjacent |= bit
		case '~':
			s.sibling |= bit
		}
	}
	s.last |= 1 << (len(pieces) - 1)
	return s, nil
}

// piece is the text of a compound and what stands before it: a combinator, or the comma that begins a selector.
type piece struct {
	combinator byte
	at         int
	text       string
}

// splitSelector cuts a list of selectors where its commas and combinators are.
func splitSelector(s string) ([]piece, error) {
	if strings.Contains(s, "/*") {
		return nil, errors.New("comments are not allowed in a selector")
	}
	var pieces []piece
	combinator, start := byte(','), 0
	var bad error
	end := func(i int) {
		if text := s[start:i]; text != "" {
			pieces = append(pieces, piece{combinator, start, text})
			combinator = 0
		}
	}
	depth := scan(s, func(i, depth int) bool {
		c := s[i]
		if depth != 0 || !isSpace(c) && c != '>' && c != '+' && c != '~' && c != ',' {
			return true
		}
		end(i)
		start = i + 1
		switch {
		case isSpace(c) && combinator == 0:
			combinator = ' '
		case isSpace(c):
		case combinator != 0 && combinator != ' ':
			bad = fmt.Errorf("position %d: %q where a selector is expected", i+1, c)
			return false
		default:
			combinator = c
		}
		return true
	})
	if bad != nil {
		return nil, bad
	}
	if depth != 0 {
		return nil, errors.New("a bracket or a quote is not closed")
	}
	end(len(s))
	if combinator != 0 && combinator != ' ' {
		return nil, fmt.Errorf("position %d: the selector ends where another part is expected", len(s)+1)
	}
	return pieces, nil
}

// scan calls f with each byte of CSS that is neither escaped nor quoted, and how many brackets are open around it; an
// opening and a closing bracket count as inside. It ends when f returns false, and returns how many are left open: an
// open quote is one more, a closing bracket too much is -1.
func scan(s string, f func(i, depth int) bool) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' {
			i++
			continue
		}
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case depth > 0 && (c == '"' || c == '\''):
			quote = c
			continue
		case c == '(' || c == '[':
			depth++
		}
		if !f(i, depth) {
			return 0
		}
		if c == ')' || c == ']' {
			if depth--; depth < 0 {
				return depth
			}
		}
	}
	if quote != 0 {
		depth++
	}
	return depth
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// parseCompound compiles a selector for one element, its pseudo-classes apart.
func parseCompound(text string) (compound, error) {
	colon := len(text)
	scan(text, func(i, depth int) bool {
		if text[i] == ':' && depth == 0 {
			colon = i
			return false
		}
		return true
	})
	var c compound
	var err error
	if strings.Contains(text, "#=") {
		return c, errors.New("[attr#=regexp] is not supported (use xpath, or transform: regex)")
	}
	if colon > 0 {
		if c.plain, err = cascadia.Parse(text[:colon]); err != nil {
			return c, fmt.Errorf("%q: %w", text, err)
		}
	}
	if colon == len(text) {
		return c, nil
	}
	if c.pseudo, err = cascadia.Parse(text[colon:]); err != nil {
		return c, fmt.Errorf("%q: %w%s", text, err, scrapyHint(text[colon:]))
	}
	c.cost, err = pseudoCost(text[colon:])
	return c, err
}

// scrapyHint says how the pseudo-elements are written here that Scrapy and parsel have: ::text, ::attr(NAME).
func scrapyHint(pseudo string) string {
	_, element, _ := strings.Cut(pseudo, "::")
	part := element
	if name, ok := strings.CutPrefix(element, "attr("); ok {
		part = strings.TrimSpace(strings.TrimSuffix(name, ")"))
	} else if element != "text" {
		return ""
	}
	return fmt.Sprintf(" (for ::%s write @%s behind the selector)", element, part)
}

// pseudoCost finds what the pseudo-classes of a compound look at, and refuses those whose cost would multiply with
// that of another.
func pseudoCost(text string) (cost, error) {
	var all cost
	var err error
	scan(text, func(i, depth int) bool {
		if text[i] != ':' || depth != 0 {
			return true
		}
		name, argument := cutPseudo(text[i+1:])
		own, known := costOf(name)
		if !known {
			err = fmt.Errorf("%q is not supported (use xpath)", ":"+name)
			return false
		}
		var inner cost
		if name == "not" || name == "has" || name == "haschild" {
			inner, err = argumentCost(argument)
		}
		if err == nil && inner != 0 && strings.HasPrefix(name, "has") {
			err = fmt.Errorf("a pseudo-class like that within %q is not supported (use xpath)", ":"+name)
		}
		all |= own | inner
		return err == nil
	})
	return all, err
}

// argumentCost is that of a list of selectors between parentheses.
func argumentCost(list string) (cost, error) {
	pieces, err := splitSelector(list)
	if err != nil {
		return 0, err
	}
	var all cost
	for _, p := range pieces {
		if p.combinator != ',' {
			return 0, fmt.Errorf("a combinator between parentheses, as in %q, is not supported (use xpath)", list)
		}
		c, err := parseCompound(p.text)
		if err != nil {
			return 0, err
		}
		all |= c.cost
	}
	return all, nil
}

// cutPseudo returns the name at the start of s, in lower case, and what is between the parentheses after it.
func cutPseudo(s string) (name, argument string) {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if end < 0 {
		return strings.ToLower(s), ""
	}
	name, argument = strings.ToLower(s[:end]), s[end:]
	open := true
	scan(argument, func(i, depth int) bool {
		if open = depth > 1 || argument[i] != ')'; !open {
			argument = argument[1:i]
		}
		return open && depth > 0
	})
	return name, argument
}

// costOf names the pseudo-classes that are supported, which are cascadia's without those on regular expressions.
func costOf(name string) (c cost, known bool) {
	switch name {
	case "not", "root", "link", "lang", "enabled", "checked", "empty", "input", "visited", "hover", "active", "focus", "target":
		return 0, true
	case "nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type", "first-child", "last-child", "first-of-type",
		"last-of-type", "only-child", "only-of-type", "disabled":
		return costSiblings, true
	case "has", "haschild", "contains", "containsown":
		return costSubtree, true
	}
	return 0, false
}
