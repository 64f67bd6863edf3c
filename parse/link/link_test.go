package link

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

var page = mustParse("https://example.org/dir/page?q")

func TestMetadata(t *testing.T) {
	const body = `<!DOCTYPE html><html LANG=de>
<head><title>
  Fish &amp; Chips  &ndash; today </title>
<meta name=Description content=" All the
fish. "><meta name=description content=second>
<meta name=robots content=noindex><meta name=TRAWL content=nofollow><meta name=other content=none>
<meta http-equiv=refresh content="5; url='/soon'"><meta http-equiv=Refresh content="0; url=/later">
<link rel="canonical" href=/fish><link rel=canonical href=/chips>
<link rel=alternate hreflang=en href=/en><link rel=alternate hreflang=fr href=/en><link rel=alternate href=feed.xml>
<svg><title>icon</title></svg><title>not this</title>
<a href=mailto:x@example.org>mail</a><iframe srcdoc="<html lang=xx><title>inner</title><meta name=description content=x>"></iframe>`
	got := new(Scanner).Scan([]byte(body), page, Options{Agent: "trawl"})
	want := Document{
		Base: page,
		Links: []Link{
			{URL: mustParse("https://example.org/fish"), Raw: "/fish", From: LinkCanonical},
			{URL: mustParse("https://example.org/chips"), Raw: "/chips", From: LinkCanonical},
			{URL: mustParse("https://example.org/en"), Raw: "/en", From: LinkAlternate},
			{URL: mustParse("https://example.org/dir/feed.xml"), Raw: "feed.xml", From: LinkAlternate},
		},
		Title:        "Fish & Chips – today",
		Description:  "All the fish.",
		Lang:         "de",
		Canonical:    mustParse("https://example.org/fish"),
		Hreflang:     []Translation{{"en", mustParse("https://example.org/en")}, {"fr", mustParse("https://example.org/en")}},
		Robots:       []NamedContent{{"robots", "noindex"}, {"TRAWL", "nofollow"}},
		Refresh:      mustParse("https://example.org/soon"),
		RefreshDelay: 5 * time.Second,
		Dropped:      1,
	}
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b weburl.URL) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

// TestReuse: what a page had must not show in the next one's document.
func TestReuse(t *testing.T) {
	var s Scanner
	first := s.Scan([]byte(`<html lang=en><title>a</title><base href=/b/><svg><a href=x><link rel=alternate hreflang=de href=y>`), page,
		Options{Header: []string{`<z>; rel=next`}})
	again := first.Links[0].URL.String() + first.Title + first.Hreflang[0].Lang
	got := s.Scan([]byte(`<style><a href=x></style>`), page, Options{})
	if d := cmp.Diff(Document{Base: page}, got, cmp.Comparer(func(a, b weburl.URL) bool { return a == b })); d != "" {
		t.Error(d)
	}
	if now := first.Links[0].URL.String() + first.Title + first.Hreflang[0].Lang; now != again {
		t.Errorf("the first page changed from %q to %q", again, now)
	}
}

func TestBounds(t *testing.T) {
	var links, metas strings.Builder
	for i := range 100 {
		n := strconv.Itoa(i)
		links.WriteString("<link rel=alternate hreflang=a href=" + n + ">")
		metas.WriteString("<meta name=robots content=" + n + ">")
	}
	var s Scanner
	d := s.Scan([]byte(links.String()+`<title>t</title><base href=/b/>`), page, Options{MaxLinks: 10})
	if len(d.Links) != 10 || !d.Limited || d.Title != "t" || d.Links[9].URL.Path() != "/b/9" {
		t.Errorf("MaxLinks 10 gave %+v", d)
	}
	if d = s.Scan([]byte(metas.String()), page, Options{}); len(d.Robots) != maxRobots || !d.Limited {
		t.Errorf("%d robots metas, limited %v", len(d.Robots), d.Limited)
	}
	if d = s.Scan([]byte(strings.Repeat(links.String(), 11)), page, Options{}); len(d.Links) != 100 || len(d.Hreflang) != maxHreflang || !d.Limited {
		t.Errorf("%d alternates, limited %v", len(d.Hreflang), d.Limited)
	}
	deep, err := weburl.Parse("http://h.test/" + strings.Repeat("a/", 2000))
	if err != nil {
		t.Fatal(err)
	}
	var short strings.Builder
	for i := range 10_000 {
		short.WriteString("<a href=" + strconv.Itoa(i) + ">")
	}
	if d = s.Scan([]byte(short.String()), deep, Options{MaxLinks: 10_000}); !d.Limited || len(d.Links) < 1000 || len(d.Links) > 1300 {
		t.Errorf("%d links of 4 KiB each, limited %v; want 5 MiB of them", len(d.Links), d.Limited)
	}
	if d = s.Scan([]byte(short.String()), deep, Options{MaxLinks: 200}); len(d.Links) != 200 {
		t.Errorf("%d links of 4 KiB each, want the 200 that are less than 1 MiB", len(d.Links))
	}
	if d = s.Scan([]byte("<a href=0><a href=0>"), page, Options{MaxLinks: 1}); d.Limited {
		t.Error("a page with as many links as allowed is limited")
	}
	for _, long := range []string{strings.Repeat("é", MaxText), strings.Repeat("ab é", MaxText)} {
		d = s.Scan([]byte("<title>"+long+"</title><meta name=description content='x"+long+"'>"), page, Options{})
		for _, text := range []string{d.Title, d.Description} {
			if !d.TextCut || len(text) > MaxText || len(text) < MaxText-3 || !utf8.ValidString(text) {
				t.Errorf("a long text has %d bytes, ending in %q", len(text), text[len(text)-9:])
			}
		}
	}
	nested := "<a href=deep>"
	for range maxDepth + 1 {
		nested = `<iframe srcdoc="` + strings.NewReplacer("&", "&amp;", `"`, "&quot;").Replace(nested) + `">`
	}
	if d = s.Scan([]byte(nested), page, Options{}); len(d.Links) != 0 || !d.Limited {
		t.Errorf("%d links of a srcdoc that is too deep, limited %v", len(d.Links), d.Limited)
	}
}

// What a page has too much of costs no memory in proportion.
func TestMemoryIsBounded(t *testing.T) {
	var s Scanner
	for name, body := range map[string]string{
		"title":   "<title>" + strings.Repeat("&amp;", 1<<20) + "</title>",
		"foreign": strings.Repeat("<svg><desc>", 1<<18),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s.Scan([]byte(body), page, Options{})
		runtime.ReadMemStats(&after)
		if took := int64(after.TotalAlloc-before.TotalAlloc) - int64(len(body)); took > 512<<10 { // the bytes are a copy
			t.Errorf("%s: %d bytes for a page of %d", name, took, len(body))
		}
	}
}

func TestHeader(t *testing.T) {
	for _, test := range []struct{ values, want string }{
		{`<b>; rel=next`, `header@link https://example.org/dir/b`},
		{`<b>;rel="next";title="x, <c>; rel=prev"`, `header@link https://example.org/dir/b`},
		{`<b> ; REL = "Start Prev" , </c>;rel=canonical,<d>;rel=alternate;hreflang=de`,
			"header@link https://example.org/dir/b\nheader@link https://example.org/c\nheader@link https://example.org/dir/d"},
		{`<b>; rel=preload; as=style`, `header@link https://example.org/dir/b`},
		{`<b>; rel="ne\xt"`, `header@link https://example.org/dir/b`},
		{`<b>; rel=next; rel=other`, `header@link https://example.org/dir/b`},
		{`<b>; rel=other; rel=next`, ``},
		{`<b>; rel=next; anchor="#x"`, ``},
		{`<b>; rel*=next; relx`, ``},
		{`<b>`, ``}, {`<b`, ``}, {`b; rel=next`, ``}, {``, ``}, {`<>; rel=next`, ``}, {`<b>; rel="`, ``}, {`<b>;=;,;rel`, ``},
		{`<b>; title="a;b`, ``},
		{`<b,c;d>; rel=next`, `header@link https://example.org/dir/b,c;d`},
		{`<b>, <c>; rel="nofollow next"`, `header@link https://example.org/dir/c nofollow`},
		{`<mailto:x>; rel=next`, ``},
	} {
		d := new(Scanner).Header(page, Options{Assets: true, Header: []string{test.values}})
		if got := strings.Join(describe(d.Links), "\n"); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.values, got, test.want)
		}
	}
	d := new(Scanner).Scan([]byte(`<base href=/b/><a href=x><link rel=canonical href=y>`), page,
		Options{Header: []string{`<x>; rel="next"`, `<c>; rel=canonical, <d>; rel=alternate; hreflang=de`}})
	want := "header@link https://example.org/dir/x\nheader@link https://example.org/dir/c\nheader@link https://example.org/dir/d\n" +
		"a@href https://example.org/b/x\nlink@href https://example.org/b/y"
	if got := strings.Join(describe(d.Links), "\n"); got != want {
		t.Errorf("header and page:\n%s\nwant\n%s", got, want)
	}
	if d.Canonical.Path() != "/dir/c" || len(d.Hreflang) != 1 || d.Hreflang[0].Lang != "de" {
		t.Errorf("canonical %s, hreflang %v", d.Canonical, d.Hreflang)
	}
}

func TestCSS(t *testing.T) {
	for _, test := range []struct{ sheet, want string }{
		{`a{b:url(x)}`, `/dir/x`},
		{`a{b:URL( "x" )c:url('y')}`, `/dir/x /dir/y`},
		{`@import "x";@import url(y) print;@IMPORT/**/'z'`, `/dir/x /dir/y /dir/z`},
		{`@import url("x.css") layer(l)`, `/dir/x.css`},
		{`a{b:image-set("x" 1x, url(y) 2x, url("z") type("image/avif"), 'w' 3x);content:"c"}`, `/dir/x /dir/y /dir/z /dir/w`},
		{`a{b:-WEBKIT-image-set( 'x' calc(1x*(2))/*"n"*/,"" 2x)}c{d:f("e")}`, `/dir/x`},
		{`a{b:image-set("x" 1x;content:"c"}`, `/dir/x`},
		{`@namespace url(http://www.w3.org/1999/xhtml);@namespace svg "http://x/";a{b:url(c)}`, `/dir/c`},
		{`@importx "x";@charset "y"`, ``},
		{`/* url(x) */ a{b:url(y)}/* url(z)`, `/dir/y`},
		{`a{content:"url(x)";b:'url(y)\' url(z)'}`, ``},
		{"a{content:\"x\n;b:url(y)", `/dir/y`},
		{"a{b:url(\"x\\\ny\\\r\nz\")}", `/dir/xyz`},
		{`a{b:url(x\)y)c:url("q\22 r")d:url(\000078 y)e:u\72l(z)f:\75 rl(w)}`, `/dir/x)y /dir/q%22r /dir/xy /dir/z /dir/w`},
		{`a{b:urlx(x)c:xurl(y)d:1url(z)e:#url(w)f:-url(v)g:@url(u)}`, ``},
		{`.url(x)`, `/dir/x`}, // a function after all
		{`a{b:url(x y)c:url(x"y)d:url(x(y)e:url(z)}`, `/dir/z`},
		{`a{b:url()c:url("")d:url(#id)e:url(data:image/png;base64,AAAA)f:url(  )}`, ``},
		{`a{b:url(x`, `/dir/x`}, {`a{b:url("x`, ``}, {`a{b:url(x\`, `/dir/x`}, {`@import`, ``}, {`@`, ``}, {`\`, ``}, {`url`, ``}, {`url(`, ``}, {`/*`, ``},
		{`@font-face{src:url(f.woff2)format("woff2"),local("x")}a{b:image-set(url(i.png) 1x)}`, `/dir/f.woff2 /dir/i.png`},
		{`a{b:url(//cdn.example.net/é.png)}`, `https://cdn.example.net/%C3%A9.png`},
	} {
		d := new(Scanner).CSS([]byte(test.sheet), page, Options{Assets: true})
		var got []string
		for _, l := range d.Links {
			got = append(got, strings.TrimPrefix(l.URL.String(), "https://example.org"))
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.sheet, got, test.want)
		}
	}
	if d := new(Scanner).CSS([]byte("@import 'x';a{b:url(y)}"), page, Options{}); len(d.Links) != 0 {
		t.Errorf("links without assets: %v", d.Links)
	}
}

func TestRefresh(t *testing.T) {
	for _, test := range []struct {
		value string
		delay time.Duration
		ref   string
		ok    bool
	}{
		{"5", 5 * time.Second, "", true},
		{" 0;URL=/a b ", 0, "/a b", true},
		{"1.9; url = '/a'x", time.Second, "/a", true},
		{".5,/a", 0, "/a", true},
		{"0 url=\"/a", 0, "/a", true},
		{"0; 'url=/a'", 0, "url=/a", true},
		{"0;url", 0, "url", true},
		{"0;urlx", 0, "urlx", true},
		{"3;", 3 * time.Second, "", true},
		{"99999999999999999999; /a", maxDelay * time.Second, "/a", true},
		{"", 0, "", false},
		{"url=/a", 0, "", false},
		{"-1; url=/a", 0, "", false},
		{"5x; url=/a", 0, "", false},
	} {
		delay, ref, ok := Refresh(test.value)
		if delay != test.delay || ref != test.ref || ok != test.ok {
			t.Errorf("Refresh(%q) = %v, %q, %v; want %v, %q, %v", test.value, delay, ref, ok, test.delay, test.ref, test.ok)
		}
	}
}

// TestXHTML: an XML page may close any element at once.
func TestXHTML(t *testing.T) {
	const body = `<title/><script src="a"/><a href="b"/><![CDATA[ > <a href="c"/> ]]><a href="d"/>`
	d := new(Scanner).Scan([]byte(body), page, Options{XHTML: true})
	if got := strings.Join(describe(d.Links), " "); got != "a@href https://example.org/dir/b a@href https://example.org/dir/d" {
		t.Error(got)
	}
}

func TestSources(t *testing.T) {
	for s := range sources {
		from := Source(s)
		if from.Element() == "" || (from.Kind() == Asset) != (from >= LinkAsset) {
			t.Errorf("source %d: %s of kind %s", s, from, from.Kind())
		}
	}
}

// TestLinear scans pages that would take hours if anything in them were done
// for each of its like.
func TestLinear(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	var s Scanner
	for _, unit := range []string{
		"<div>", "<svg>", "<svg><desc>", "</svg>", "<svg></desc>", "<b a=", "<b a='", `<b "`, "<!--", "<!-", "--!", "<![CDATA[", "<svg><![CDATA[",
		"<script>", "<script><!--", "<script><!--<script>", "</script", "<title>", "</title", "<style>", "<style>a{b:url(", "<style>@import ",
		"<style>\\", "<style>url(\\", "<style>'\\", "<style>/*", "&", "<a href=&", "<a href='&amp", "<a href='&#1", "<a href=x>", "<a href='&#x>'>",
		"<base href=x>", "<a href=x><base href=y>", "<iframe srcdoc='", "<iframe srcdoc=\"<a href=x>\">", "<img srcset='a,", "<img srcset='a (", "<meta name=robots content=x>",
		"<link rel=canonical href=x>", "<link rel=alternate hreflang=x href=y>", "<a rel='x ", "<a href=//xn--a.", "<p style='a:url(x)'>", "x", "\x00", "<", "</", "<a/", "<a b ",
	} {
		body := []byte(strings.Repeat(unit, size/len(unit)))
		start := time.Now()
		s.Scan(body, page, Options{Assets: true})
		s.CSS(body, page, Options{Assets: true, Header: []string{string(body)}})
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("1 MiB of %q takes %v", unit, took)
		}
	}
	var b strings.Builder
	b.WriteString("<a ")
	for i := range 1_000_000 {
		b.WriteString(" a" + strconv.Itoa(i) + "=x href=" + strconv.Itoa(i))
	}
	b.WriteString(">")
	if d := s.Scan([]byte(b.String()), page, Options{Assets: true}); len(d.Links) != 1 {
		t.Errorf("a million attributes gave %d links", len(d.Links))
	}
}

// TestEscapedScript is where the scanner follows the standard (§13.2.5.23)
// and x/net/html does not: "<2" does not end the comment in the script.
func TestEscapedScript(t *testing.T) {
	const body = `<script><!-- 1<2; "<script></script><a href=x>" --></script><a href=y>`
	d := new(Scanner).Scan([]byte(body), page, Options{})
	if got := strings.Join(describe(d.Links), " "); got != "a@href https://example.org/dir/y" {
		t.Error(got)
	}
}

// A link is kept as the page has it, without entities and what is around it,
// and as it is found first.
func TestRaw(t *testing.T) {
	long := strings.Repeat("é", MaxRaw)
	page := `<a href=" ../x?a&amp;b#c ">1</a><a href="/x?a&b">2</a><iframe srcdoc="<a href=y>3</a>"></iframe><a href="/` + long + `">`
	var s Scanner
	doc := s.Scan([]byte(page), mustParse("http://h/d/e"), Options{})
	var got []string
	for _, l := range doc.Links {
		got = append(got, l.Raw)
	}
	want := []string{"../x?a&b#c", "y", "/" + long[:MaxRaw-2]}
	if !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
