package parse

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"mime"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

var update = flag.Bool("update", false, "write what Parse gives into the golden files")

// TestPages parses the responses of testdata/*.txtar. A file has what a server
// sends (head, body), and what that means without and with assets.
func TestPages(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no pages in testdata: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			checkPage(t, name, archive)
		})
	}
}

func checkPage(t *testing.T, name string, archive *txtar.Archive) {
	in := input(t, section(archive, "head"), section(archive, "body"))
	for _, want := range []struct {
		section string
		opts    Options
	}{
		{"result", Options{Agent: "trawl"}},
		{"result with assets", Options{Agent: "trawl", Assets: true}},
	} {
		r, err := NewParser(want.opts).Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		got := describe(r)
		if golden := section(archive, want.section); !*update && string(golden) != got {
			t.Errorf("%s:\n%s\nwant\n%s", want.section, got, golden)
		}
		setSection(archive, want.section, got)
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func section(archive *txtar.Archive, name string) []byte {
	for _, f := range archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func setSection(archive *txtar.Archive, name, data string) {
	for i := range archive.Files {
		if archive.Files[i].Name == name {
			archive.Files[i].Data = []byte(data)
			return
		}
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(data)})
}

// input reads the first line of a head, a URL, and the header fields below it.
func input(t *testing.T, head, body []byte) Input {
	t.Helper()
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(head, '\n'))))
	address, err := r.ReadLine()
	if err != nil {
		t.Fatal(err)
	}
	fields, err := r.ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	u, err := weburl.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header(fields)
	mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		URL:           u,
		MediaType:     mediaType,
		ContentType:   h.Get("Content-Type"),
		LinkHeader:    h["Link"],
		RobotsTag:     h["X-Robots-Tag"],
		RefreshHeader: h.Get("Refresh"),
		Body:          body,
	}
}

// describe writes a result a line a fact, absent ones left out.
func describe(r Result) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	if r.Charset.Name != "" {
		line("charset", r.Charset.Name+" by "+r.Charset.Source.String())
	}
	line("title", r.Title)
	line("description", r.Description)
	line("lang", r.Lang)
	line("canonical", r.Canonical.String())
	for _, h := range r.Hreflang {
		line("hreflang", h.Lang+" "+h.URL.String())
	}
	line("robots", r.Robots.String())
	if !r.Refresh.IsZero() {
		line("refresh", r.RefreshDelay.String()+" "+r.Refresh.String())
	}
	for _, l := range r.Links {
		nofollow := ""
		if l.NoFollow {
			nofollow = " nofollow"
		}
		line(l.From.Kind().String(), l.URL.String()+" from "+l.From.String()+nofollow)
	}
	if r.Dropped > 0 {
		line("dropped", fmt.Sprint(r.Dropped))
	}
	if r.Limited {
		line("limited", "true")
	}
	return b.String()
}

// TestBodyIsTheCallers: what was parsed does not change with the body.
func TestBodyIsTheCallers(t *testing.T) {
	body := []byte(`<html lang=en><title>plain</title><meta name=description content=words><a href=x><link rel=alternate hreflang=de href=y>`)
	in := Input{URL: mustParse(t, "https://example.org/"), MediaType: "text/html", Body: body}
	r, err := NewParser(Options{}).Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	before := describe(r)
	for i := range body {
		body[i] = '!'
	}
	if after := describe(r); after != before {
		t.Errorf("%s\nbecame\n%s", before, after)
	}
}

// TestCharset: text and links of a page in another charset are in UTF-8.
func TestCharset(t *testing.T) {
	in := Input{
		URL:         mustParse(t, "https://example.org/"),
		MediaType:   "text/html",
		ContentType: "text/html; charset=iso-8859-1",
		Body:        []byte("<title>Caf\xe9</title><a href=caf\xe9>"),
	}
	r, err := NewParser(Options{}).Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	want := "charset: windows-1252 by header\ntitle: Café\npage: https://example.org/caf%C3%A9 from a@href\n"
	if got := describe(r); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestMaxLinks(t *testing.T) {
	in := Input{URL: mustParse(t, "https://example.org/"), MediaType: "text/html", Body: []byte("<a href=1><a href=2><a href=3>")}
	r, err := NewParser(Options{MaxLinks: 2}).Parse(in)
	if err != nil || len(r.Links) != 2 || !r.Limited {
		t.Errorf("%d links, limited %v, %v", len(r.Links), r.Limited, err)
	}
}

func TestParseable(t *testing.T) {
	for mediaType, want := range map[string]bool{
		"text/html": true, "application/xhtml+xml": true, "text/css": true,
		"text/plain": false, "image/svg+xml": false, "application/json": false, "": false,
	} {
		if Parseable(mediaType) != want {
			t.Errorf("Parseable(%q) = %v", mediaType, !want)
		}
	}
}

// FuzzParse: any bytes of any type give valid text and canonical links.
func FuzzParse(f *testing.F) {
	f.Add([]byte("<title>\xe9</title><a href=\xe9>"), "text/html", "text/html; charset=windows-1252")
	f.Add([]byte("\xff\xfe<\x00a\x00"), "text/html", "")
	f.Add([]byte("@charset 'x';a{b:url(\xff)}"), "text/css", "text/css")
	f.Add([]byte("<?xml version='1.0' encoding='shift_jis'?><html/>"), "application/xhtml+xml", "")
	for _, body := range hostile.Bodies(f) {
		f.Add(body, "text/html", "")
	}
	p := NewParser(Options{Assets: true, Agent: "trawl", MaxLinks: 100})
	page, err := weburl.Parse("https://example.org/a/b")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, mediaType, contentType string) {
		r, err := p.Parse(Input{URL: page, MediaType: mediaType, ContentType: contentType, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		if text := r.Title + r.Description + r.Lang; strings.ToValidUTF8(text, "") != text {
			t.Errorf("invalid UTF-8 in %q", text)
		}
		for _, l := range r.Links {
			if u, err := weburl.Parse(l.URL.String()); err != nil || u != l.URL {
				t.Errorf("%s is not canonical: %s, %v", l.URL, u, err)
			}
		}
	})
}

// A panic on one page is an error of that page, and of no other that the parser
// reads. A length below 0, which nobody gives, makes one wherever there is a title.
func TestAPanicIsOnePages(t *testing.T) {
	p := NewParser(Options{MaxText: -5})
	in := Input{URL: mustParse(t, "http://a.test/"), MediaType: "text/html", Body: []byte("<a href=1>1</a><title>what is that?</title>")}
	if r, err := p.Parse(in); err == nil || !strings.Contains(err.Error(), "parse http://a.test/: panic: ") || len(r.Links) > 0 {
		t.Errorf("%v, %v; want the panic, and no links", r.Links, err)
	}
	in.Body = []byte("<a href=2>2</a>")
	if r, err := p.Parse(in); err != nil || len(r.Links) != 1 || r.Links[0].URL.String() != "http://a.test/2" {
		t.Errorf("the next page: %v, %v", r.Links, err)
	}
}

func mustParse(t *testing.T, raw string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A browser asks for the query in the page's charset, and for the path in
// UTF-8; in the header, whose charset is another matter, for both.
func TestQueriesAreInThePagesCharset(t *testing.T) {
	page, err := weburl.Parse("http://h/")
	if err != nil {
		t.Fatal(err)
	}
	const body = "<a href='/\xe9?\xe9=1#\xe9'>x</a><link rel=canonical href='?\xe9'><iframe srcdoc=\"<a href='?&eacute;'>\"></iframe>" +
		"<meta http-equiv=refresh content='0;url=?r=\xe9'>"
	for contentType, want := range map[string]string{
		"text/html; charset=iso-8859-1": "http://h/h?%C3%A9 http://h/%C3%A9?%E9=1 http://h/?%E9 refresh http://h/?r=%E9",
		"text/html; charset=utf-8":      "http://h/h?%C3%A9 http://h/%EF%BF%BD?%EF%BF%BD=1 http://h/?%EF%BF%BD http://h/?%C3%A9 refresh http://h/?r=%EF%BF%BD",
	} {
		r, err := NewParser(Options{}).Parse(Input{
			URL: page, MediaType: "text/html", ContentType: contentType, LinkHeader: []string{"<h?é>; rel=next"}, Body: []byte(body),
		})
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, l := range r.Links {
			got.WriteString(l.URL.String() + " ")
		}
		got.WriteString("refresh " + r.Refresh.String())
		if got.String() != want {
			t.Errorf("%s:\n got %s\nwant %s", contentType, got.String(), want)
		}
	}
}
