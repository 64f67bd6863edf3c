package recipe

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

const feedOfAll = `<?xml version="1.0"?>
<!DOCTYPE rss [<!ELEMENT rss (channel)>]>
<rss xmlns:media="urn:m"><channel>
<item><title>A <![CDATA[&amp; B]]> &amp; C</title><enclosure url="a.mp3"/><guid>g1</guid><link>http://x.test/1</link>
 <description><![CDATA[<p>Hi</p>]]></description><pubDate>now</pubDate><media:content url="v.mp4"/></item>
<item><title>D</title><!-- <guid>no</guid> --><link>http://x.test/2</link><style>s</style><text><p>one</p><p>two</p></text></item>
</channel></rss>`

func TestXML(t *testing.T) {
	r, err := Compile("r.yaml", []byte(`
name: feed
items:
  item:
    each: {xpath: /rss/channel/item}
    fields:
      title: title
      guid: {xpath: guid}
      link: {css: link, type: url}
      audio: enclosure@url
      video: 'media\:content@url'
      film: {xpath: 'media:content/@url'}
      names: {xpath: 'concat(name(media:content), " ", local-name(media:content), " ", local-name(title))'}
      description: description
      date: pubDate
      day: {xpath: "PubDate[.!='NOW']"}
      style: style
      text: text
      markup: "@html"
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"title":"A &amp; B & C","guid":"g1","link":"http://x.test/1","audio":"a.mp3","video":"v.mp4","film":"v.mp4","names":"media:content content title","description":"<p>Hi</p>","date":"now","day":"now",` +
			`"markup":"<title>A &amp;amp; B &amp; C</title><enclosure url=\"a.mp3\"/><guid>g1</guid><link>http://x.test/1</link>\n ` +
			`<description>&lt;p&gt;Hi&lt;/p&gt;</description><pubdate>now</pubdate><media:content url=\"v.mp4\"/>"}`,
		`{"title":"D","link":"http://x.test/2","names":"  title","style":"s","text":"one two",` +
			`"markup":"<title>D</title><link>http://x.test/2</link><style>s</style><text><p>one</p><p>two</p></text>"}`,
	}
	for _, mediaType := range []string{"application/rss+xml", "text/xml"} {
		got, err := r.Extract(t.Context(), NewPage(weburl.URL{}, mediaType, []byte(feedOfAll), nil))
		if err != nil || len(got.Items) != len(want) {
			t.Fatalf("%s: %d items, %v", mediaType, len(got.Items), err)
		}
		for i, it := range got.Items {
			data, err := it.Data.MarshalJSON()
			if err != nil || string(data) != want[i] {
				t.Errorf("%s: %s (%v), want %s", mediaType, data, err, want[i])
			}
		}
	}
}

// Faults cost what is about them, and XHTML is read as HTML.
func TestXMLAstray(t *testing.T) {
	for _, tt := range []struct{ body, expr, want string }{
		{"<r><a>1</b><c>2</c></r><d>3", "c", "2"},
		{"<r><a>1</b><c>2</c></r><d>3", "d", "3"},
		{"<r>x < y <c>2 & 3</c>", "c", "2 & 3"},
		{"<r><c><![CDATA[cut", "c", "cut"},
		{`<html xmlns="http://www.w3.org/1999/xhtml"><body><br/><p>x</p></body></html>`, "body > p", "x"},
	} {
		r, err := FromFlags(Flags{CSS: []string{"f=" + tt.expr}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Extract(t.Context(), NewPage(weburl.URL{}, "application/xml", []byte(tt.body), nil))
		if err != nil || len(got.Items) != 1 {
			t.Fatalf("%s: %v, %v", tt.body, got, err)
		}
		if data, err := got.Items[0].Data.MarshalJSON(); err != nil || string(data) != `{"f":"`+tt.want+`"}` {
			t.Errorf("%s: %s is %s (%v), want %q", tt.body, tt.expr, data, err, tt.want)
		}
	}
	p := NewPage(weburl.URL{}, "text/xml", []byte(strings.Repeat("<a>", 6)), nil).Within(TreeLimits{Nesting: 5})
	if _, err := p.Root(); err == nil || p.Over() != OverNesting {
		t.Errorf("six elements within each other: %v, over %q", err, p.Over())
	}
}

// Names are found in any case, as browsers do it in HTML, and literals are left alone.
func TestXPathNames(t *testing.T) {
	page := NewPage(weburl.URL{}, "text/html", []byte(`<p ID="X">A</p><svg viewBox="0"><linearGradient/></svg><o:p>B</o:p><xТовар>C</xТовар>`), nil)
	for _, tt := range []struct{ expr, want string }{
		{`//P[@Id="X"]`, "A"},
		{`//p[@id='x']`, ""},
		{`//svg/@viewBox`, "0"},
		{`name(//linearGradient)`, "lineargradient"},
		{`//O:P`, "B"},
		{`//XТовар`, "C"},
		{`concat("A'B", 'C"D')`, `A'B` + `C"D`},
	} {
		s, err := parseXPath(tt.expr)
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.find(newRun(t.Context(), page), scope{}, 1)
		got := ""
		if len(found) > 0 && found[0].node != nil {
			got = found[0].node.FirstChild.Data
		} else if len(found) > 0 {
			got, _ = found[0].data.(string)
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %q (%v), want %q", tt.expr, got, err, tt.want)
		}
	}
}

// FuzzXML: of well-formed XML the tree is that which encoding/xml reads.
func FuzzXML(f *testing.F) {
	f.Add(feedOfAll)
	f.Add("<a b='1'><c/>x<![CDATA[<d>]]>y</a>")
	f.Fuzz(func(t *testing.T, body string) {
		doc, err := xmlTree([]byte(body), MaxNesting)
		want, ok := outlineByOracle(body)
		if err != nil || doc == nil || !ok {
			return
		}
		var got strings.Builder
		for n := range doc.Nodes[0].ChildNodes() {
			outline(&got, n)
		}
		if got.String() != want {
			t.Errorf("%q\n got %s\nwant %s", body, got.String(), want)
		}
	})
}

func outline(b *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
		return
	}
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		b.WriteString(" " + a.Key + "=" + a.Val)
	}
	b.WriteString(">")
	for c := range n.ChildNodes() {
		outline(b, c)
	}
	b.WriteString("</" + n.Data + ">")
}

// outlineByOracle is not ok where XML is none, or HTML has other characters or
// declarations for what XML has.
func outlineByOracle(body string) (string, bool) {
	if strings.ContainsAny(body, "&\r\x00") {
		return "", false
	}
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader(body))
	name := func(n xml.Name) string { return strings.Map(lower, strings.TrimPrefix(n.Space+":"+n.Local, ":")) }
	var open []string
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return b.String(), len(open) == 0
		} else if err != nil {
			return "", false
		}
		switch token := token.(type) {
		case xml.StartElement:
			if name(token.Name) == "html" || len(open) >= MaxNesting {
				return "", false
			}
			open = append(open, name(token.Name))
			b.WriteString("<" + name(token.Name))
			for _, a := range token.Attr {
				b.WriteString(" " + name(a.Name) + "=" + a.Value)
			}
			b.WriteString(">")
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != name(token.Name) {
				return "", false
			}
			open = open[:len(open)-1]
			b.WriteString("</" + name(token.Name) + ">")
		case xml.CharData:
			if len(open) > 0 {
				b.Write(token)
			}
		case xml.Directive:
			return "", false
		}
	}
}
