package recipe

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

func TestNumbers(t *testing.T) {
	for _, tt := range []struct{ locale, text, want string }{
		{"en", "1,234.50", "1234.5"}, {"en", "$ -1,234", "-1234"}, {"en", "−3.25 %", "-3.25"}, {"en", "4 of 5", "4"},
		{"en", "USB-3", "3"}, {"en", "-€5", "-5"}, {"en", "€-5", "-5"}, {"en", "12.", "12"}, {"en", "1,5", "error"}, {"en", "1,234,5", "error"}, {"en", "1.2.3", "error"},
		{"en", ".5", "0.5"}, {"en", "only $.99", "0.99"}, {"en", "-.5", "-0.5"}, {"en", "−$.50", "-0.5"}, {"de", ",99 €", "0.99"}, {"de", ".99 5", "error"},
		{"en", "No.5", "5"}, {"en", "Page .....5", "5"}, {"en", ".5.1", "error"}, {"en", "-₹500", "-500"}, {"en", "-EUR 5", "-5"}, {"en", "- 5", "-5"},
		{"pt-BR", "-R$ 2.000,10", "-2000.1"}, {"en", "US$ -5", "-5"}, {"en", "Price - 5", "5"}, {"en", "Price - $5", "5"}, {"en", "Price: -$5", "-5"},
		{"en", "-\u00a05", "-5"}, {"en", "Weight -5", "-5"}, {"en", "USB-C 3", "3"}, {"en", "- USB 3", "3"}, {"en", "Non-EUR 5", "5"},
		{"en", "none", "error"}, {"en", "0012", "12"}, {"en", "3,", "3"}, {"en", "1 234", "1"}, {"en", "12345", "12345"}, {"en", "1234,567", "error"},
		{"de", "1.234,50 €", "1234.5"}, {"de", "1.234", "1234"}, {"de", "0,99", "0.99"}, {"de", "1.5", "error"}, {"de", "5,-", "5"},
		{"fr", "1 234,5", "1234.5"}, {"fr", "1\u202f234\u00a0567 km", "1234567"}, {"fr", "12 34", "12"}, {"de-CH", "1'234.50", "1234.5"}, {"de-CH", "1’234", "1234"},
		{"fr-CH", "1’234.50", "error"}, {"en", "6'2 in", "6"}, {"en", "1.5'234", "1.5"}, {"en", "2024'100", "2024"},
		{"en-IN", "12,34,567.5", "1234567.5"}, {"ar-EG", "١٬٢٣٤٫٥", "1234.5"}, {"hi", "१२", "12"},
		{"en", "1'234.50", "error"}, {"de", "1’234 Fr.", "error"}, {"de", "1 234,50 €", "error"}, {"en", "1\u00a0234.50", "error"},
		{"de", "12 000 €", "error"}, {"en", "$ 12 000 000", "error"}, {"en", "3 250 pcs, $5", "3"}, {"fr", "12 000 €", "12000"},
		{"de", "1 234 Stück", "1"}, {"en", "5'10", "5"}, {"en", "2 100", "2"}, {"fr", "1'234", "error"},
		{"en", "1\u00a0299,99 €", "error"}, {"en", "1 299,99", "error"}, {"de", "1 234.50", "error"}, {"de", "1 299,- Kč", "error"}, {"en", "1 299.–", "error"},
		{"en", "1.25E7", "12500000"}, {"de", "1.25E7", "12500000"}, {"en", "1e-2", "0.01"}, {"en", "12E5", "12"}, {"en", "1.5e999", "error"}, {"en", "1.5 e5", "1.5"},
		{"en", "12 000 EUR", "error"}, {"en", "12 000 000 CZK/kg", "error"}, {"de", "EUR 12 000", "error"}, {"en", "3 250 GPUs", "3"}, {"en", "3 250,500", "3"},
		{"en", "3 250, 5 each", "3"}, {"en", "3 250.", "3"}, {"cs", "1 299,- Kč", "1299"},
		{"de", "1 234 567,50 €", "error"}, {"en", "2024 100.50", "2024"}, {"en", "1.5 250.50", "1.5"},
		{"en", strings.Repeat("9", 500), "error"}, {"pt-BR", "R$ 2.000,10", "2000.1"},
	} {
		l, err := parseLocale(tt.locale)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.number(tt.text)
		if s := fmt.Sprint(got); err == nil && strings.TrimSuffix(strings.Replace(s, "1.2345675e+06", "1234567.5", 1), "e+06") != tt.want && s != tt.want &&
			fmt.Sprintf("%.0f", got) != tt.want || (err != nil) != (tt.want == "error") {
			t.Errorf("%s %q: %v (%v), want %s", tt.locale, tt.text, got, err, tt.want)
		}
	}
}

func TestDates(t *testing.T) {
	for _, tt := range []struct {
		text    string
		layouts []string
		want    string
	}{
		{"2026-03-04T05:06:07.25+02:00", nil, "2026-03-04T05:06:07.25+02:00"},
		{"2026-03-04 05:06", nil, "2026-03-04T05:06:00Z"},
		{"2026-03-04T05:06+02:00", nil, "2026-03-04T05:06:00+02:00"}, // as <time datetime> may be (HTML §2.3.5.7)
		{"2026-03-04T05:06Z", nil, "2026-03-04T05:06:00Z"},
		{"2026-03-04 05:06-0130", nil, "2026-03-04T05:06:00-01:30"},
		{"2026-03-04 05:06:07.5Z", nil, "2026-03-04T05:06:07.5Z"},
		{"2026-03-04 05:06:07+02:00", nil, "2026-03-04T05:06:07+02:00"},
		{"2026-03-04 05:06:07+0200", nil, "2026-03-04T05:06:07+02:00"},
		{"2026-03-04 05:06:07 PST", nil, "2026-03-04T05:06:07-08:00"},
		{"2026-03-04 05:06:07 UTC", nil, "2026-03-04T05:06:07Z"},
		{" 4  March\n2026 ", nil, "2026-03-04"},
		{"Mar 4, 2026", nil, "2026-03-04"},
		{"Wed, 04 Mar 2026 05:06:07 GMT", nil, "2026-03-04T05:06:07Z"},
		{"Wed, 04 Mar 2026 05:06:07 EST", nil, "2026-03-04T05:06:07-05:00"},
		{"4 Mar 2026 05:06 CEST", []string{"2 Jan 2006 15:04 MST"}, "2026-03-04T05:06:00+02:00"},
		{"4 Mar 2026 05:06 CEST", []string{"%d %b %Y %H:%M %Z"}, "2026-03-04T05:06:00+02:00"},
		{"Sept. 4, 2026", nil, "2026-09-04"}, {"4 Sept 2026", nil, "2026-09-04"}, {"4 September 2026", nil, "2026-09-04"}, {"Septem 4, 2026", nil, "error"},
		{"4 Sept 2026", []string{"%d %b %Y"}, "2026-09-04"},
		{"03/04/2026", nil, "error"},
		{"03/04/2026", []string{"02/01/2006"}, "2026-04-03"},
		{"03/04/2026", []string{"%m/%d/%Y"}, "2026-03-04"},
		{"4.3.26 17 Uhr", []string{"%d.%m.%Y", "2.1.06 15 Uhr"}, "2026-03-04T17:00:00Z"},
		{"1700000000", []string{"unix"}, "2023-11-14T22:13:20Z"},
		{"1700000000123", []string{"unix_ms"}, "2023-11-14T22:13:20.123Z"},
		{"1e300", []string{"unix"}, "error"},
		{"NaN", []string{"unix"}, "error"},
		{"2026-13-01", nil, "error"},
		{strings.Repeat("1", 200), nil, "error"},
	} {
		var list []layout
		for _, text := range tt.layouts {
			l, err := parseLayout(text)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, l)
		}
		got, err := parseDate(tt.text, list)
		if err != nil {
			got = "error"
		}
		if got != tt.want {
			t.Errorf("%q as %q: %s (%v), want %s", tt.text, tt.layouts, got, err, tt.want)
		}
	}
}

func TestURLPatterns(t *testing.T) {
	for _, tt := range []struct {
		pattern, url string
		want         bool
	}{
		{"/p/*", "https://a.example/p/1", true},
		{"/p/*", "https://a.example/p/1?x=/", true},
		{"/p/*", "https://a.example/p/1/2", false},
		{"/p/**", "https://a.example/p/1/2", true},
		{"/p?x=*", "https://a.example/p?x=1", true},
		{"/p?x=*", "https://a.example/p", false},
		{"/p.html", "https://a.example/pxhtml", false},
		{"https://*.example/**", "https://a.example/p", true},
		{"https://*.example/**", "http://a.example/p", false},
		{"*://a.example/", "http://a.example/?q", true},
	} {
		p, err := parseGlob(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		u, err := weburl.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.match(u); got != tt.want {
			t.Errorf("%s matches %s: %v", tt.pattern, tt.url, got)
		}
	}
}

func TestURLParts(t *testing.T) {
	p := page(t, "https://shop.example:8443/a%20b/c/?q=1&q=2&e=&s=a;b=2&off=10%&n%61me=a+b%20%C3%A9", nil)
	for part, want := range map[string]string{
		"url": "[https://shop.example:8443/a%20b/c/?q=1&q=2&e=&s=a;b=2&off=10%&n%61me=a+b%20%C3%A9]", "scheme": "[https]", "host": "[shop.example]", "port": "[8443]", "path": "[/a%20b/c/]",
		"path.1": "[a b]", "path.-1": "[c]", "path.3": "[]", "query.q": "[1 2]", "query.e": "[]", "query.z": "[]",
		"query": "[q=1&q=2&e=&s=a;b=2&off=10%&n%61me=a+b%20%C3%A9]", "query.s": "[a;b=2]", "query.b": "[]", "query.off": "[10%]", "query.name": "[a b é]",
	} {
		s, err := parseURLPart(part)
		if err != nil {
			t.Error(err)
			continue
		}
		found, err := s.find(budgetOf(t, p), scope{}, 10)
		var got []any
		for _, v := range found {
			got = append(got, v.data)
		}
		if fmt.Sprint(got) != want || err != nil {
			t.Errorf("%s: %v (%v), want %s", part, got, err, want)
		}
	}
}

func budgetOf(t testing.TB, p *Page) *run { return newRun(t.Context(), p) }

// TestText: white space as browsers show it, and nothing that they do not.
func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"<p> a\n <b>b</b>c </p>":                             "a bc",
		"<p>a<br>b<p>c":                                      "a b c",
		"<table><tr><td>1<td>2</table>":                      "1 2",
		"a<script>x</script><style>y</style>b":               "ab",
		"<i></i>":                                            "",
		"a\u00a0\u2003b  c":                                  "a b c",
		"<!-- x -->a<noscript><img></noscript>":              "a",
		"<p>one</p> <p>two</p>":                              "one two",
		"<ul><li>é<li>日本</ul>":                               "é 日本",
		"<a>x </a><a> y</a>":                                 "x y",
		"<textarea>a b</textarea><select><option>c<option>d": "a b c d",
	} {
		root := parseHTML(t, in)
		got, err := readText(budget(t), root.LastChild.LastChild)
		if got != want || err != nil {
			t.Errorf("%s: %q (%v), want %q", in, got, err, want)
		}
	}
}
