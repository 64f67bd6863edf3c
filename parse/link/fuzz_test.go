package link

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func mustParse(raw string) weburl.URL {
	u, err := weburl.Parse(raw)
	if err != nil {
		panic(err)
	}
	return u
}

// compareToOracle scans a page with and without assets.
func compareToOracle(t *testing.T, s *Scanner, body string) {
	t.Helper()
	if escapedScriptBug.MatchString(body) {
		return
	}
	page := mustParse("https://example.org/dir/page?q")
	for _, opts := range []Options{{}, {Assets: true}, {Assets: true, XHTML: true}} {
		got := s.Scan([]byte(body), page, opts)
		want := oracleScan([]byte(body), page, opts)
		if d := cmp.Diff(describe(want.links), describe(got.Links)); d != "" {
			t.Errorf("%+v: links of %q (-x/net, +scanner):\n%s", opts, body, d)
		}
		if got.Base != want.base {
			t.Errorf("%+v: base of %q is %s, want %s", opts, body, got.Base, want.base)
		}
		title := ""
		if want.title != nil {
			title = strings.Join(strings.FieldsFunc(*want.title, isSpace), " ")
		}
		if len(title) <= MaxText && got.Title != title {
			t.Errorf("%+v: title of %q is %q, want %q", opts, body, got.Title, title)
		}
	}
}

func describe(links []Link) (lines []string) {
	for _, l := range links {
		line := l.From.String() + " " + l.URL.String()
		if l.NoFollow {
			line += " nofollow"
		}
		lines = append(lines, line)
	}
	return lines
}

func FuzzScan(f *testing.F) {
	for _, page := range shapes {
		f.Add(page)
	}
	var s Scanner
	for _, body := range hostile.Bodies(f) {
		f.Add(string(body))
	}
	f.Fuzz(func(t *testing.T, body string) {
		if !utf8.ValidString(body) {
			t.Skip()
		}
		compareToOracle(t, &s, body)
	})
}

// shapes are small pages, each with something that tells tokenizers apart.
var shapes = []string{
	`<a href=x>`, `<A HREF='x&amp;y'>`, `<a href="x" href="y">`, `<a HREF=1 href=2>`,
	`<a href = "x"y=z>`, `<a/href=x/>`, `<a href=x/>`, `<a =href=x>`, `<a href==x>`, `<a href=>b`,
	`<a href`, `<a href=x`, `<a href="x`, `<a b='>' href=x>`, `<a b=">" href=x>`, `<a b=> href=x>`,
	"<a\fhref\r=\nx\t>", "<a hr\x00ef=x href=\x00>", "<a\x00 href=x>", `< a href=x>`, `<1a href=x><a href=y>`,
	`</a href="><a href=x>"><a href=y>`, `</><a href=x>`, `</ a><a href=x>`, `</`, `<`, `<?x ><a href=x>?>`,
	`<!--<a href=x>--><a href=y>`, `<!--><a href=x>-->`, `<!---><a href=x>-->`, `<!----!><a href=x>-->`,
	`<!--a--!><a href=x>-->`, `<!--a--!-><a href=x>-->`, `<!--a- -><a href=x>`, `<!-- -- ><a href=x>--->`, `<!-`, `<!--`,
	`<!doctype html "><a href=x>`, `<!DOCTYPE "a>b"><a href=x>`, `<!a><a href=x>`, `<![CDATA[<a href=x>]]><a href=y>`,
	`<svg><![CDATA[<a href=x>]]><a href=y></svg>`, `<svg><style><a href=x></style>`, `<svg><p><style><a href=x></style>`,
	`<svg><title><a href=x></title></svg><title>t</title>`, `<svg><foreignObject><style><a href=x></style></foreignObject><style><a href=y></style>`,
	`<svg/><style><a href=x></style>`, `<svg a=b/><style><a href=x></style>`, `<math><mi><style><a href=x></style></mi><style><a href=y>`,
	`<svg><a xlink:href=x><image xlink:href=y><image href=z xlink:href=q><use href=#a><use href=b#a></svg><image src=i>`,
	`<svg></div><style><a href=x></style>`, `<svg></svg ><title>a</title>`, `<svg><desc><svg></desc></svg></desc><style><a href=z>`,
	`<script><a href=x></script><a href=y>`, `<script><!--<script></script><a href=x>--></script><a href=y>`,
	`<script><!--<script></script></script><a href=x>`, `<script><!--<script>--></script><a href=x>`, `<script><!--<script-></script><a href=x>`,
	`<script><!----><script></script><a href=x>`, `<script></scripty></script/ ><a href=x>`, `<script></SCRIPT	><a href=x>`, `<script src=a/><a href=x></script>`,
	`<style><a href=x></style ><a href=y>`, `<style></stylex><a href=x>`, `<title>a<a href=x></title><a href=y>`, `<textarea><a href=x></textarea>`,
	`<xmp><a href=x></xmp>`, `<iframe><a href=x></iframe>`, `<noembed><a href=x></noembed>`, `<noframes><a href=x></noframes>`,
	`<noscript><a href=x></noscript>`, `<plaintext><a href=x></plaintext>`, `<title> a &amp b &notit; &copy
	c&nbsp;d&#0;&#x80;</title>`, `<title></title><title>b</title>`, "<title>a\x00b</title>",
	`<a href="&copy=1&copy2&copy;&copy&amp=&ampx&lt&#x41;&#65b&#;&#x;&fjlig;&semi;&notit;&not;&NotEqualTilde;&CounterClockwiseContourIntegral;&AMP&quot">`,
	`<a href=x><base href=/b/><a href=x><base href=/c/>`, `<base><base href=mailto:x><a href=x><base href=/c/>`, `<svg><base href=/b/></svg><a href=x>`,
	`<a href=x rel=nofollow><a href=x><a href=y rel="ugc NoFollow"><img src=y>`, `<img src=x><a href=x rel=nofollow>`,
	`<iframe src=a srcdoc="<a href=x><base href='/b/'><title>t</title><a href=y>"></iframe><a href=x>`,
	`<iframe srcdoc='<iframe srcdoc="<a href=&amp;quot;x>"></iframe>'>`, `<iframe srcdoc="<a href=y>"/><a href=x>`, `<iframe srcdoc="<br/>"><a href=x>`,
	`<img srcset="a, b 1x,c 2x , d,,e f(1,2) 3x,,"><img srcset=a,b><source src=a srcset="b 1x"><link rel=preload imagesrcset="c 2x" href=d>`,
	`<link rel=stylesheet href=a><link rel="alternate stylesheet" href=b><link rel=alternate hreflang=de href=c><link rel=canonical href=d><link rel=next href=e><link rel=x href=f>`,
	`<body background=a style="background:url('b')"><p style='x:url(&quot;c&quot;)'><style>@import "d";@import url(e);a{b:url( f )}</style>`,
	`<input type=IMAGE src=a><input src=b><video src=c poster=d><audio src=e><track src=f><embed src=g><object data=h><script src=i></script>`,
	"<style>a{b:url(x\x00);c:url(\x00y)}@import url(z\x00", `<a href=""><a href="#x"><a href=" x ">`, `<img src=""><img src="#x">`, `<frame src=a><frame src=""><area href=b>`,
	`<a href=mailto:x><a href=javascript:x><a href="http://[">`, "<a href=' \t/\na\r\n/b '>", `<a title="a>b" href=x>`, `<a title='a"' href=x title="b'">`,
}

func TestShapes(t *testing.T) {
	var s Scanner
	for _, body := range shapes {
		compareToOracle(t, &s, body)
	}
	if i := slices.IndexFunc(shapes, escapedScriptBug.MatchString); i >= 0 {
		t.Errorf("%q is not compared", shapes[i])
	}
}

// FuzzCSS: whatever a sheet has, its links are canonical; and a reference that
// is written as a string, its quotes and backslashes escaped, is found.
func FuzzCSS(f *testing.F) {
	for _, sheet := range []string{`a{b:url(x)}`, `@import "x"`, `a{b:url(x\)\79 z)}/*url(`, `@namespace url(x);`, `u\72l(`, "'\\\r\n"} {
		f.Add(sheet)
	}
	var s Scanner
	f.Fuzz(func(t *testing.T, text string) {
		checkCanonical(t, s.CSS([]byte(text), page, Options{Assets: true}))
		if strings.ContainsAny(text, "\n\r\f\x00") || !utf8.ValidString(text) {
			return
		}
		quoted := strings.NewReplacer(`\`, `\5c `, `"`, `\"`).Replace(text)
		for _, sheet := range []string{`/*"*/a{b:url("` + quoted + `")}`, `@import "` + quoted + `";`} {
			d := s.CSS([]byte(sheet), page, Options{Assets: true})
			checkReference(t, sheet, text, d)
		}
	})
}

// FuzzHeader: whatever a Link field has, its links are canonical; and one more
// link behind a well-formed list is found.
func FuzzHeader(f *testing.F) {
	for _, value := range []string{`<a>; rel=next`, `<a>;rel="prev";title="\"",<b>`, `<a>;rel=next;anchor=x`, `<`, `;`, `<>;=`, `"`} {
		f.Add(value)
	}
	var s Scanner
	f.Fuzz(func(t *testing.T, text string) {
		checkCanonical(t, s.Header(page, Options{Assets: true, Header: []string{text}}))
		if strings.Contains(text, ">") || !utf8.ValidString(text) {
			return
		}
		value := `<` + text + `>;title="<y>, ;\"";rel=preload`
		checkReference(t, value, text, s.Header(page, Options{Assets: true, Header: []string{`<mailto:x>; rel=next, ` + value}}))
	})
}

// FuzzRefresh: a refresh with a target that nothing in its syntax touches has it.
func FuzzRefresh(f *testing.F) {
	for _, value := range []string{"5", "0;url=/a", "1.5, 'x'", "0 url = \"y\"", "99999999999999999999;"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, text string) {
		delay, ref, ok := Refresh(text)
		if delay < 0 || !ok && (delay != 0 || ref != "") || !strings.Contains(text, ref) {
			t.Errorf("Refresh(%q) = %v, %q, %v", text, delay, ref, ok)
		}
		if strings.Contains(text, `"`) {
			return
		}
		if _, ref, ok = Refresh(`7; url="` + text + `"`); ref != text || !ok {
			t.Errorf("a refresh to %q goes to %q, %v", text, ref, ok)
		}
	})
}

// checkCanonical checks that parsing a link again changes nothing.
func checkCanonical(t *testing.T, d Document) {
	t.Helper()
	for _, l := range d.Links {
		if u, err := weburl.Parse(l.URL.String()); err != nil || u != l.URL {
			t.Errorf("%s is not canonical: %s, %v", l.URL, u, err)
		}
	}
}

// checkReference checks that a document has one asset, or none if it is no URL
// or a part of this page.
func checkReference(t *testing.T, source, ref string, d Document) {
	t.Helper()
	var want []string
	trimmed := strings.Trim(ref, " \t\n\f\r")
	if u, err := page.Resolve(trimmed); err == nil && trimmed != "" && trimmed[0] != '#' {
		want = []string{u.String()}
	}
	var got []string
	for _, l := range d.Links {
		got = append(got, l.URL.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q has %q, want %q", source, got, want)
	}
}
