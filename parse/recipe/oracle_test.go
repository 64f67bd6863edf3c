package recipe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"github.com/antchfx/htmlquery"
	"golang.org/x/net/html"
)

// forest is a page on which most selectors of the tests find something.
const forest = `<!doctype html><html lang=en-GB><body class="a b"><div id=x class=a><p>one <b>two</b><p class="b c">three<i></i>
<ul><li>1<li class=b>2<li title="a,b > c">3<ul><li>4</ul></ul></div><div class="a c"><a href=u rel=next>x</a>text<a>y</a>
<span class=b><a href=v>z</a></span><input disabled><input checked type=radio><form><fieldset disabled><legend><input></legend></fieldset></form>
<svg><a href=w></a></svg></div><table><tr><td> 1 <td colspan=2>2</table><script>var a = "<b>";</script><!-- a comment --></body>`

var selectors = []string{
	"a", "*", ".a", "#x", "div .b", "div > p", "p + p", "p ~ ul", "ul li li", "li, a", "div.a.c > a[href]", "[title='a,b > c']",
	"a[rel~=next]", "li:first-child", "li:nth-child(2n + 1)", "li:not(.b)", "div:has(ul)", "p:contains('two')", "div:not(:has(ul)) a",
	"body div p b", ".a .a .b", "html body > .a li ~ li", "p:empty", "i:empty", ":root > body", "input:disabled", "input:checked",
	"li:nth-last-of-type(1)", "td:only-child, td[colspan]", "svg a", "div:haschild(a)", "p:containsOwn(three)", ":lang(en)",
	"a:not([href], .b)", "div ~ table td + td", "* * * * *", "li + li ~ li", "a:link", `.\62`, "p:not( .b , .c )",
}

func parseHTML(t testing.TB, text string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Skip(err)
	}
	return root
}

func budget(t testing.TB) *run {
	return newRun(t.Context(), NewPage(mustURL(t), "text/html", nil, nil))
}

// allOf is what our selector finds below top.
func allOf(t testing.TB, s *selector, top *html.Node) ([]*html.Node, error) {
	var out []*html.Node
	err := s.each(budget(t), top, func(n *html.Node) error {
		out = append(out, n)
		return nil
	})
	return out, err
}

// sameAsCascadia compares what both find, below the root and below each element.
func sameAsCascadia(t *testing.T, css, page string) {
	want, err := cascadia.ParseGroup(css)
	ours, ourErr := parseSelector(css)
	if ourErr != nil {
		if err == nil && !strings.Contains(ourErr.Error(), "support") && !strings.Contains(ourErr.Error(), "allowed") {
			t.Fatalf("%q: cascadia accepts it, and we say %v", css, ourErr)
		}
		return
	}
	if err != nil {
		t.Fatalf("%q: we accept it, and cascadia says %v", css, err)
	}
	root := parseHTML(t, page)
	tops := []*html.Node{root}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && len(tops) < 20 {
			tops = append(tops, n)
		}
	}
	for _, top := range tops {
		got, err := allOf(t, ours, top)
		if err != nil {
			t.Skip(err)
		}
		theirs := slices.DeleteFunc(cascadia.QueryAll(top, want), func(n *html.Node) bool {
			return n.Type != html.ElementNode // :lang(en) finds texts, too
		})
		if !slices.Equal(got, theirs) {
			t.Fatalf("%q below %q: %d elements, cascadia finds %d", css, top.Data, len(got), len(theirs))
		}
	}
}

func TestSelectorsAsCascadia(t *testing.T) {
	for _, css := range selectors {
		sameAsCascadia(t, css, forest)
		if _, err := parseSelector(css); err != nil {
			t.Errorf("%q: %v", css, err)
		}
	}
	for _, css := range []string{"", "a >", "> a", "a,,b", "a[", "a:nope", "a:has(b:has(c))", "a:not(b c)", "a:matches(x)", "[a#=(b)]", "a /* */ b",
		"a:has(:nth-child(2))", "a)", "a::before", strings.Repeat("a ", 65)} {
		if _, err := parseSelector(css); err == nil && css != "" {
			t.Errorf("%q is accepted", css)
		}
		sameAsCascadia(t, css, forest)
	}
}

// FuzzSelector: what we accept, cascadia accepts, and both find the same.
func FuzzSelector(f *testing.F) {
	for _, css := range selectors {
		f.Add(css, forest)
	}
	f.Fuzz(func(t *testing.T, css, page string) {
		if len(css) > 60 || len(page) > 1000 || strings.Count(css, " ") > 4 || strings.TrimSpace(css) == "" {
			t.Skip("cascadia would take too long")
		}
		sameAsCascadia(t, css, page)
	})
}

// FuzzPattern: the matches are those of the standard library.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{`a`, `^a`, `(?m)^a$`, `\bab?`, `a(.*b)?`, ``, `x*`, `(?i)A|b`, `\Aa`, `a\z`, `(?P<n>a)(b)?`, `\Ba`, `.`, `é|\W`} {
		f.Add(s, "aab ab\naéb xx ba")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		p, err := parsePattern(expr)
		if err != nil {
			if _, stdErr := regexp.Compile(expr); stdErr == nil && !strings.Contains(err.Error(), "allowed") {
				t.Fatalf("%q: regexp accepts it, and we say %v", expr, err)
			}
			return
		}
		if len(text) > 500 {
			t.Skip("quadratic")
		}
		var got [][]int
		err = p.each(budget(t), text, func(m []int) error {
			got = append(got, m)
			return nil
		})
		want := p.re.FindAllStringSubmatchIndex(text, -1)
		if err != nil || !slices.EqualFunc(got, want, slices.Equal[[]int]) {
			t.Fatalf("%q in %q: %v (%v), regexp finds %v", expr, text, got, err, want)
		}
	})
}

// FuzzXPath: no panic and no end of it; the elements are htmlquery's, in page order and each once, where no name has a
// prefix or, as SVG's and MathML's have, capitals.
func FuzzXPath(f *testing.F) {
	for _, s := range []string{"//a", "//a/@href", "count(//li)", "string(//p)", "//li[2]", "//li[last()]", "//a[contains(., 'x')]/text()", "//p | //a",
		"normalize-space(//p)", "//li[position() < 3]", "boolean(//x)", "//*[@class='a']//ancestor::*", "string-join(//li, ',')", "1 div 0",
		"//li[string-join(., '')]", "//comment()", "reverse(//a)", "not(//a)", "//a/..", "sum(//li)", "//li/following::*", "(1=1)[1]",
		"//p[matches(., '^o')]", "concat(//a, 'x')", "//a[@href and not(@rel)]", "translate('a','b','c')", "//a[1=1]", "-//a", "//ul//li", "//*/*[1]", "//*//*/@*", "(//p|//b)/..",
		"count(//ul//li)", "string(//*[2]/@class)", "number(//ul//li)", "(//ul//li)[2]/..", "(//*//@*)[last()]"} {
		f.Add(s, forest)
	}
	f.Fuzz(func(t *testing.T, expr, page string) {
		s, err := parseXPath(expr)
		if err != nil || len(page) > 2000 {
			return
		}
		root := parseHTML(t, page)
		x := budget(t)
		x.steps = 200_000
		found, err := s.find(x, scope{node: root}, 1000)
		if err != nil || s.shared == nil || s.choice != nil || strings.Contains(page, ":") || strings.Contains(strings.ToLower(page), "<svg") || strings.Contains(strings.ToLower(page), "<math") {
			return
		}
		var got []*html.Node
		for _, v := range found {
			if v.node != nil {
				got = append(got, v.node)
			}
		}
		if want := theirs(root, s); len(got) == len(found) && !slices.Equal(got, want) {
			t.Fatalf("%s: %v, htmlquery's in page order are %v", expr, got, want)
		}
	})
}

// theirs are the nodes that htmlquery finds, in page order.
func theirs(root *html.Node, s *xpathSource) (out []*html.Node) {
	found := make(map[*html.Node]bool)
	func() {
		defer func() { _ = recover() }()
		for it := s.shared.Select(htmlquery.CreateXPathNavigator(root)); it.MoveNext(); {
			found[it.Current().(*htmlquery.NodeNavigator).Current()] = true
		}
	}()
	if found[root] {
		out = append(out, root)
	}
	for n := range root.Descendants() {
		if found[n] {
			out = append(out, n)
		}
	}
	return out
}

func TestXPath(t *testing.T) {
	root := parseHTML(t, forest)
	for _, tt := range []struct {
		expr string
		want string
	}{
		{"//li/text()", "[1 2 3 4]"},
		{"//a/@href", "[u v w]"},
		{"count(//li)", "[4]"},
		{"1 div 2", "[0.5]"},
		{"1 div 0", "[]"},
		{"string(//b)", "[two]"},
		{"boolean(//nope)", "[false]"},
		{"string-join(//li, '/')", "[1/2/34/4]"},
		{"//li[2]/text()", "[2]"},
		{"normalize-space(//p)", "[one two]"},
		{"//nope", "[]"},
		{"//comment()", "[ a comment ]"},
		{"//ul//li/text()", "[1 2 3 4]"},
		{"//div/a/@href | //span//a/@href | //p/@class", "[b c u v]"},
		{"//*[2]/@class", "[a b b c b a c]"},
		{"//i/ancestor::*/@class", "[a b a b c]"},
		{"count(//div//a)", "[4]"},
		{"count(//ul//li) + count(//p)", "[7]"},
		{"count(//ul//li[contains(., ')')])", "[0]"},
		{"string(//i/ancestor::*/@class)", "[a b]"},
		{"string-length(//*[2]/@class)", "[3]"},
		{"normalize-space(//p/b | //p)", "[one two]"},
		{"string(//p/@nope)", "[]"},
		{"(//*[2])[2]/@class", "[b c]"},
		{"(//i/ancestor::*/@class)[1]", "[a b]"},
		{"( //ul//li[contains(., ')') or .] ) [last()]/text()", "[4]"},
		{"(//ul//li)[5]", "[]"},
		{"(//p | //span/a)[last()]/../@class", "[b]"},
		{"(//a)[2]/@href", "[]"},
		{"(//p)[2]/@class | //span/@class", "[b c b]"},
		{"(//p)[2]/b[//span] | (//a)[1]/@href", "[u]"},
		{"(//p)[2]/self::p[//span]/@class", "[b c]"},
		{"(//a)[3]/@href", "[v]"},
		{"string((//*[2]/@class)[last()])", "[a c]"},
		{"count((//ul//li)[2]/ancestor::*)", "[4]"},
		{"//b/ancestor::body[*[last()]]/@class", "[a b]"},
		{"//li[position() = last()]/text()", "[3 4]"},
		{"//b/ancestor::*[2]/@class", "[a]"},
		{"number(//ul/li[4] | //ul/li[2])", "[2]"},
		{"sum(//td)", "[3]"},
		{"sum(//td/@colspan)", "[2]"},
		{"sum(//ul//li)", "[41]"},
		{"sum(//nope)", "[0]"},
		{"sum(//td | //b)", "[]"},
	} {
		s, err := parseXPath(tt.expr)
		if err != nil {
			t.Error(err)
			continue
		}
		for range 2 { // the second time must be as the first
			found, err := s.find(budget(t), scope{node: root}, 100)
			var got []any
			for _, v := range found {
				got = append(got, v.data)
			}
			if fmt.Sprint(got) != tt.want || err != nil {
				t.Errorf("%s: %v (%v), want %s", tt.expr, got, err, tt.want)
			}
		}
	}
}
