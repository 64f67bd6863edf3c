package recipe

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// locale is how a language writes numbers, by CLDR.
type locale struct {
	name           string
	decimal, group rune
}

// parseLocale asks x/text to write a number, and looks at what it wrote.
func parseLocale(name string) (locale, error) {
	tag, err := language.Parse(name)
	if err != nil || len(name) > 64 {
		return locale{}, fmt.Errorf("%q is no locale (allowed: a language tag as en, de or pt-BR)", name)
	}
	l := locale{name: name, decimal: '.'}
	written := message.NewPrinter(tag).Sprint(number.Decimal(1234567.5, number.Scale(1)))
	seen := 0
	for _, r := range written {
		switch {
		case digit(r) >= 0:
			seen++
		case seen == 7:
			l.decimal = plainSeparator(r)
		case seen > 0 && l.group == 0:
			l.group = plainSeparator(r)
		}
	}
	if l.decimal == arabicDecimal {
		l.decimal, l.group = '.', ',' // with Latin digits
	}
	return l, nil
}

// plainSeparator folds what typography distinguishes and pages mix: the spaces, and the apostrophes.
func plainSeparator(r rune) rune {
	switch r {
	case '\u00a0', '\u202f', '\u2009', '\u2007':
		return ' '
	case '’', 'ʼ', '\u2032':
		return '\''
	}
	return r
}

// The Arabic separators mean the same in every language.
const (
	arabicDecimal = '٫'
	arabicGroup   = '٬'
)

func (l locale) isDecimal(r rune) bool { return r == arabicDecimal || plainSeparator(r) == l.decimal }
func (l locale) isGroup(r rune) bool   { return r == arabicGroup || plainSeparator(r) == l.group }

// digit is the value of a decimal digit of any script, or -1.
func digit(r rune) int {
	if r >= '0' && r <= '9' {
		return int(r - '0')
	}
	if r < utf8.RuneSelf || !unicode.IsDigit(r) {
		return -1
	}
	// Unicode has each script's digits in a row of ten that starts at a zero (Unicode 16 §4.6).
	n := 0
	for unicode.IsDigit(r - rune(n) - 1) {
		n++
	}
	return n % 10
}

// scan finds the first number of a text, whatever stands around it: "€ 1.234,50 / kg". It is written with "-" and "."
// in the result. A separator that stands where the locale has none is a mistake rather than the number's end: "1,5" is
// no 1, and no 15, and "1'234.50" no 1.
func (l locale) scan(s string) (string, error) {
	start := strings.IndexFunc(s, func(r rune) bool { return digit(r) >= 0 })
	if start < 0 {
		return "", fmt.Errorf("%s has no number", quote(s))
	}
	n := numeral{locale: l}
	n.begin(s[:start])
	runes := []rune(s[start:min(len(s), start+maxDigits)])
	for i := range runes {
		if !n.take(runes[i], runes[i+1:]) {
			break
		}
	}
	if n.wrong || n.grouped && n.size != 3 {
		return "", fmt.Errorf("%s is no number as locale %s writes them: %c is its decimal sign (set locale)", quote(s), l.name, l.decimal)
	}
	return string(n.out), nil
}

// numeral is a number that is being read.
type numeral struct {
	locale  locale
	out     []byte
	size    int  // digits since the last separator
	grouped bool // that was one between groups
	decimal bool // that was the decimal sign
	priced  bool // a currency's symbol or code stands before it
	wrong   bool
}

// begin reads what stands before the first digit: a sign, and the decimal sign of ".99".
func (n *numeral) begin(before string) {
	n.priced = endsWithCurrency(before)
	r, size := utf8.DecodeLastRuneInString(before)
	bare := before[:len(before)-size]
	last, _ := utf8.DecodeLastRuneInString(bare)
	isSign := (n.locale.isDecimal(r) || r == '.' || r == ',') &&
		(bare == "" || unicode.IsSpace(last) || unicode.In(last, unicode.Sc, unicode.Sm) || last == '-')
	if isSign {
		before = bare
	}
	if isNegative(before) {
		n.out = append(n.out, '-')
	}
	if isSign {
		n.out, n.decimal, n.wrong = append(n.out, "0."...), true, !n.locale.isDecimal(r)
	}
}

// take reads a rune, and reports whether the number may go on.
func (n *numeral) take(r rune, rest []rune) bool {
	if d := digit(r); d >= 0 {
		n.out = append(n.out, '0'+byte(d))
		n.size++
		return true
	}
	switch next := len(rest) > 0 && digit(rest[0]) >= 0; {
	case !next:
		return false
	case n.locale.isDecimal(r) && !n.decimal:
		n.wrong = n.grouped && n.size != 3
		n.out = append(n.out, '.')
		n.decimal, n.grouped, n.size = true, false, 0
		return !n.wrong
	case n.locale.isGroup(r) && !n.decimal && (plainSeparator(r) != ' ' || threeDigits(rest)):
		// Indian numbers have groups of two before the last, which has three.
		n.wrong = n.size > 3 || n.grouped && n.size < 2
		n.grouped, n.size = true, 0
		return !n.wrong
	}
	n.wrong = n.wrong || r == '.' || r == ',' || n.groupsElsewhere(plainSeparator(r), rest)
	return false
}

// groupsElsewhere tells whether a separator is one between groups in other locales, and in this text: an apostrophe
// before three digits, and a space where a fraction ends the groups or it is a price ("1 234,50", "1 299,-", "12 000 €",
// "12 000 EUR"; "3 250" may be two numbers).
func (n *numeral) groupsElsewhere(separator rune, rest []rune) bool {
	if n.decimal || n.size > 3 || !threeDigits(rest) {
		return false
	}
	if separator != ' ' {
		return separator == '\''
	}
	for len(rest) > 4 && plainSeparator(rest[3]) == ' ' && threeDigits(rest[4:]) {
		rest = rest[4:]
	}
	return n.priced || n.isFraction(rest[3:]) || startsWithCurrency(string(rest[3:]))
}

// isFraction tells whether what follows three digits is a fraction, in this locale or another one: of "3 250,500" only a
// locale knows, and "1 299,-" has none to speak of.
func (n *numeral) isFraction(after []rune) bool {
	if len(after) < 2 || !n.locale.isDecimal(after[0]) && after[0] != '.' && after[0] != ',' {
		return false
	}
	if digit(after[1]) < 0 {
		return strings.ContainsRune("-–—−", after[1])
	}
	return n.locale.isDecimal(after[0]) || !threeDigits(after[1:])
}

// startsWithCurrency reports whether a currency's symbol or code stands at the start of a text.
func startsWithCurrency(s string) bool {
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	word := s[:len(s)-len(strings.TrimLeftFunc(s, unicode.IsLetter))]
	symbol, _ := utf8.DecodeRuneInString(s[len(word):])
	return len(word) == 3 && isCurrency(word) || word == "" && unicode.Is(unicode.Sc, symbol)
}

// endsWithCurrency reports whether one stands at the end.
func endsWithCurrency(s string) bool {
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	word := s[len(strings.TrimRightFunc(s, unicode.IsLetter)):]
	symbol, _ := utf8.DecodeLastRuneInString(s)
	return len(word) == 3 && isCurrency(word) || unicode.Is(unicode.Sc, symbol)
}

// isNegative reports whether what stands before a number makes it negative: a minus, perhaps with a currency behind it
// ("-€", "-R$ ", "-EUR "). The hyphen of a word is none, nor is a dash between words.
func isNegative(before string) bool {
	i := strings.LastIndexFunc(before, func(r rune) bool { return r == '-' || r == '−' })
	if i < 0 {
		return false
	}
	unit, isHyphen := strings.CutPrefix(before[i:], "-")
	if !isHyphen {
		return isCurrency(strings.TrimPrefix(unit, "−"))
	}
	left := before[:i]
	if r, _ := utf8.DecodeRuneInString(unit); unicode.IsSpace(r) {
		left = strings.TrimRightFunc(left, unicode.IsSpace)
	}
	r, _ := utf8.DecodeLastRuneInString(left)
	return isCurrency(unit) && !unicode.IsLetter(r) && !unicode.IsDigit(r) // "USB-3", "Price - 3"
}

// isCurrency reports whether a text is a currency's symbol or code, or only white space.
func isCurrency(s string) bool {
	symbol := strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	code := len(s) - len(symbol)
	isSymbol := func(r rune) bool { return unicode.Is(unicode.Sc, r) }
	return (code == 0 || code == 3 || code < 3 && strings.ContainsFunc(symbol, isSymbol)) &&
		!strings.ContainsFunc(symbol, func(r rune) bool { return !isSymbol(r) && !unicode.IsSpace(r) })
}

// maxDigits is how much of a text is looked at from its first digit on, in bytes.
const maxDigits = 400

// threeDigits tells a space that groups from one that separates two numbers.
func threeDigits(r []rune) bool {
	return len(r) >= 3 && digit(r[1]) >= 0 && digit(r[2]) >= 0 && (len(r) == 3 || digit(r[3]) < 0)
}

// isScientific reports whether a text is a number as programs write large and small ones, 1.25E7 or 1e-7, whatever the
// locale. 12E5 may be the number of a part.
func isScientific(s string) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	marked := strings.Contains(mantissa, ".") || strings.HasPrefix(exponent, "-") || strings.HasPrefix(exponent, "+")
	return marked && exponent != "" && strings.IndexAny(s, "-0123456789") == 0 && json.Valid([]byte(s))
}

func (l locale) number(s string) (any, error) {
	if isScientific(s) {
		return parseFloat(s)
	}
	n, err := l.scan(s)
	if err != nil {
		return nil, err
	}
	return parseFloat(n)
}

// parseFloat is for digits without a language.
func parseFloat(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, fmt.Errorf("%s is no number, or too large a one", quote(s))
	}
	return f, nil
}

// wholeNumber is the integer that JSON wrote as s, perhaps as 1e3 or 1.0.
func wholeNumber(s string, f float64) (any, error) {
	if i, err := strconv.Atoi(s); err == nil {
		return i, nil
	}
	if f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return nil, fmt.Errorf("%s is no integer (use type number)", quote(s))
	}
	return int(f), nil
}

func (l locale) integer(s string) (any, error) {
	if isScientific(s) {
		f, err := parseFloat(s)
		if err != nil {
			return nil, err
		}
		return wholeNumber(s, f)
	}
	n, err := l.scan(s)
	if err != nil {
		return nil, err
	}
	whole, fraction, _ := strings.Cut(n, ".")
	if strings.Trim(fraction, "0") != "" {
		return nil, fmt.Errorf("%s has a fraction and is no integer (use type number)", quote(s))
	}
	i, err := strconv.Atoi(whole)
	if err != nil {
		return nil, fmt.Errorf("%s is too large an integer", quote(s))
	}
	return i, nil
}

// quote quotes s, or the start of it.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		return strconv.Quote(strings.ToValidUTF8(s[:most], "")) + "…"
	}
	return strconv.Quote(s)
}
