package charset

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// in gives text in the charset of that WHATWG label.
func in(t testing.TB, label, text string) []byte {
	t.Helper()
	e, err := htmlindex.Get(label)
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDetectAndDecode(t *testing.T) {
	const russian, japanese, chinese = "<p>Привет, мир", "<p>日本語のページ", "<p>汉字网页"
	for _, c := range []struct {
		name        string
		body        string
		contentType string
		charset     string
		source      Source
		text        string
	}{
		{"empty", "", "", "utf-8", Content, ""},
		{"ASCII", "<p>hello", "text/html", "utf-8", Content, "<p>hello"},
		{"undeclared UTF-8", "<p>€", "text/html", "utf-8", Content, "<p>€"},
		{"undeclared windows-1252", "<p>caf\xe9 \x80", "", "windows-1252", Content, "<p>café €"},
		{"a letter of windows-1252 at the end", "caf\xe9", "", "windows-1252", Content, "café"},
		{"UTF-8 cut within a character", "é and \xe2\x82", "", "utf-8", Content, "é and \ufffd"},
		{"overlong UTF-8 is not UTF-8", "\xc0\xaf", "", "windows-1252", Content, "À¯"},
		{"overlong UTF-8, declared", "a\xc0\xafb\xe0\x80\xafc", "text/html;charset=utf-8", "utf-8", Header, "a\ufffd\ufffdb\ufffd\ufffd\ufffdc"},
		{"surrogates in UTF-8, declared", "\xed\xa0\x80", "text/html;charset=utf-8", "utf-8", Header, "\ufffd\ufffd\ufffd"},
		{"NULs stay", "a\x00b\x00\x00", "", "utf-8", Content, "a\x00b\x00\x00"},

		{"BOM of UTF-8", "\xef\xbb\xbf<p>é", "", "utf-8", BOM, "<p>é"},
		{"BOM of UTF-16LE", "\xff\xfe<\x00p\x00>\x00\xe9\x00", "", "utf-16le", BOM, "<p>é"},
		{"BOM of UTF-16BE", "\xfe\xff\x00<\x00p\x00>\x00\xe9", "", "utf-16be", BOM, "<p>é"},
		{"BOM and nothing", "\xef\xbb\xbf", "", "utf-8", BOM, ""},
		{"BOM of UTF-16 and half a character", "\xff\xfeA\x00B", "", "utf-16le", BOM, "A\ufffd"},
		{"lone surrogate in UTF-16", "\xff\xfe\x00\xd8A\x00", "", "utf-16le", BOM, "\ufffdA"},
		{"UTF-16LE without BOM", "\n\x00<\x00p\x00>\x00\xac\x20", "", "utf-16le", Content, "\n<p>€"},
		{"UTF-16BE without BOM", "\x00\n\x00<\x00p\x00>\x20\xac", "", "utf-16be", Content, "\n<p>€"},
		{"UTF-16 declared by the header, no BOM", "p\x00\xac\x20", "text/html; charset=UTF-16", "utf-16le", Header, "p€"},
		{"one < and a NUL are not UTF-16", "<\x00", "", "utf-8", Content, "<\x00"},

		{"BOM beats header", "\xef\xbb\xbfé", "text/html; charset=windows-1251", "utf-8", BOM, "é"},
		{"header beats meta", "<meta charset=shift_jis>" + string(in(t, "windows-1251", russian)), "text/html; charset=windows-1251", "windows-1251", Header, "<meta charset=shift_jis>" + russian},
		{"meta beats content", "<meta charset=windows-1251>\xd0\xbc", "text/html", "windows-1251", Meta, "<meta charset=windows-1251>Рј"},
		{"a label within white space, in a header that no client would let through", "\xc3\xa9", "text/html; charset=\"utf-8\n\"", "utf-8", Header, "é"},
		{"unknown header, then meta", "<meta charset=koi8-r>\xc1", "text/html; charset=klingon", "koi8-r", Meta, "<meta charset=koi8-r>а"},
		{"unknown header and meta, then content", "<meta charset=klingon>é", "text/html; charset=binary", "utf-8", Content, "<meta charset=klingon>é"},

		{"Shift_JIS", string(in(t, "shift_jis", japanese)), "text/html; charset=Shift_JIS", "shift_jis", Header, japanese},
		{"Shift_JIS under an old name, bytes by hand", "\x93\xfa\x96\x7b", "text/html; charset=x-sjis", "shift_jis", Header, "日本"},
		{"Shift_JIS cut within a character", "\x93\xfa\x96", "text/html; charset=x-sjis", "shift_jis", Header, "日\ufffd"},
		{"EUC-JP", string(in(t, "euc-jp", japanese)), "text/html; charset=euc-jp", "euc-jp", Header, japanese},
		{"ISO-2022-JP is ASCII and yet is not", "\x1b$BF|K\\\x1b(B", "text/html; charset=iso-2022-jp", "iso-2022-jp", Header, "日本"},
		{"GB18030 with four bytes a character", string(in(t, "gb18030", chinese+"😀")), "text/html; charset=gb18030", "gb18030", Header, chinese + "😀"},
		{"GB2312 means GBK, which decodes as GB18030", string(in(t, "gb18030", chinese+"😀")), "text/html; charset=GB2312", "gbk", Header, chinese + "😀"},
		{"Big5", string(in(t, "big5", "<p>漢字")), "text/html; charset=big5", "big5", Header, "<p>漢字"},
		{"EUC-KR", string(in(t, "euc-kr", "<p>한국어")), "text/html; charset=ks_c_5601-1987", "euc-kr", Header, "<p>한국어"},
		{"windows-1251 by meta", "<meta charset='cp1251'>" + string(in(t, "windows-1251", russian)), "text/html", "windows-1251", Meta, "<meta charset='cp1251'>" + russian},
		{"UTF-8 that claims to be Latin-1, as browsers show it", "Á”", "text/html; charset=ISO-8859-1", "windows-1252", Header, "Ã\u0081â€\u009d"},
		{"UTF-8 that claims to be windows-1251", "И", "text/html; charset=windows-1251", "windows-1251", Header, "Р\u0098"},
		{"a control character of Latin-2", "\x80\x9f\xb1", "text/html; charset=iso-8859-2", "iso-8859-2", Header, "\u0080\u009fą"},
		{"a byte that windows-1253 does not have", "\x98\xaa\xd2\xff", "text/html; charset=windows-1253", "windows-1253", Header, "\u0098\ufffd\ufffd\ufffd"},
		{"Hebrew, in the order that it is read", "\x80\xe0", "text/html; charset=iso-8859-8-i", "iso-8859-8-i", Header, "\u0080א"},
		{"Latin-1 means windows-1252", "\x93hi\x94", "text/html; charset=ISO-8859-1", "windows-1252", Header, "“hi”"},
		{"an encoding that must not be decoded", "abc", "text/html; charset=iso-2022-kr", "replacement", Header, "\ufffd"},
		{"… and nothing to decode", "", "text/html; charset=iso-2022-kr", "replacement", Header, ""},

		{"XML declaration", `<?xml version="1.0" encoding="windows-1251"?><a>` + "\xc0", "text/xml", "windows-1251", Meta, `<?xml version="1.0" encoding="windows-1251"?><a>А`},
		{"XML declaration after an empty line", "\r\n" + `<?xml version='1.0' encoding = 'koi8-r' ?>` + "\xc1", "application/rss+xml", "koi8-r", Meta, "\r\n" + `<?xml version='1.0' encoding = 'koi8-r' ?>а`},
		{"XML declaration in HTML", `<?xml version="1.0" encoding="koi8-r"?><p>` + "\xc1", "text/html", "koi8-r", Meta, `<?xml version="1.0" encoding="koi8-r"?><p>а`},
		{"meta beats an XML declaration in HTML", `<?xml encoding="koi8-r"?><meta charset=cp1251>`, "text/html", "windows-1251", Meta, `<?xml encoding="koi8-r"?><meta charset=cp1251>`},
		{"a meta in a feed is the feed's text", "<rss><![CDATA[<meta charset=koi8-r>]]>é", "text/xml; x=y", "utf-8", Content, "<rss><![CDATA[<meta charset=koi8-r>]]>é"},
		{"XML that says UTF-16 in ASCII", `<?xml version="1.0" encoding="UTF-16"?>é`, "text/xml", "utf-8", Meta, `<?xml version="1.0" encoding="UTF-16"?>é`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Detect([]byte(c.body), c.contentType)
			if want := (Detected{c.charset, c.source}); got != want {
				t.Fatalf("Detect = %q by %v, want %q by %v", got.Name, got.Source, want.Name, want.Source)
			}
			text, err := got.Decode([]byte(c.body))
			if err != nil || string(text) != c.text {
				t.Errorf("Decode = %q, %v, want %q", text, err, c.text)
			}
			if c.body == "" {
				return // a stream cannot know that nothing comes before it ends: replacement says U+FFFD
			}
			r, err := got.NewReader(strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if text, err = io.ReadAll(r); err != nil || string(text) != c.text {
				t.Errorf("NewReader gives %q, %v, want %q", text, err, c.text)
			}
		})
	}
}

func TestHeaderCharset(t *testing.T) {
	for header, want := range map[string]string{
		"":                               "",
		"text/html":                      "",
		"text/html; charset=utf-8":       "utf-8",
		"text/html;CHARSET = \"Big5\" ;": "Big5",
		"text/html; a=\"x; charset=no\"; charset=koi8-r": "koi8-r",
		"text/html; charset=utf-8; charset=big5":         "utf-8",
		"text/html; charset; charset=utf-8":              "utf-8",
		"text/html; charset=; charset=utf-8":             "utf-8",
		"text/html; xcharset=utf-8":                      "",
		"charset=utf-8":                                  "",
		"text/html; charset=\"utf-8":                     "utf-8",
	} {
		if got := headerCharset(header); got != want {
			t.Errorf("headerCharset(%q) = %q, want %q", header, got, want)
		}
	}
}

func TestPrescan(t *testing.T) {
	for html, want := range map[string]string{
		`<meta charset=big5>`:                                                 "big5",
		`<META CharSet = "Big5" />`:                                           "big5",
		`<meta/charset=big5>`:                                                 "big5",
		`<meta charset="">`:                                                   "",
		`<meta charset=utf-16>`:                                               "utf-8",
		`<meta charset=utf-16be>`:                                             "utf-8",
		`<meta charset=x-user-defined>`:                                       "windows-1252",
		`<meta charset=nothing><meta charset=l2>`:                             "iso-8859-2",
		`<meta charset=l2><meta charset=big5>`:                                "iso-8859-2",
		`<meta charset=l2 charset=big5>`:                                      "iso-8859-2",
		`<metal charset=big5>`:                                                "",
		`<meta charset=big5`:                                                  "", // cut: it may go on
		`<meta charset="big5>`:                                                "",
		`<!-- <meta charset=big5> -->`:                                        "",
		`<!--><meta charset=big5> -->`:                                        "big5",
		`<!-- > <meta charset=big5>`:                                          "",
		`<!doctype html><meta charset=big5>`:                                  "big5",
		`<a title="<meta charset=l2>"><meta charset=big5>`:                    "big5",
		`</a title="<meta charset=l2>"><meta charset=big5>`:                   "big5",
		`<? <meta charset=l2>`:                                                "",
		`a < b <3 <meta charset=big5>`:                                        "big5",
		`<meta http-equiv=content-type content="text/html; charset=big5">`:    "big5",
		`<meta content="text/html; charset=big5" http-equiv=Content-Type>`:    "big5",
		`<meta http-equiv=refresh content="text/html; charset=big5">`:         "",
		`<meta content="text/html; charset=big5">`:                            "",
		`<meta http-equiv=content-type content="charset charset = 'big5' x">`: "big5",
		`<meta http-equiv=content-type content="text/html; charset='big5">`:   "",
		`<meta http-equiv=content-type content="text/html; charset=">`:        "",
		`<meta http-equiv=content-type content="charset=big5" charset=l2>`:    "iso-8859-2",
		"<!--" + strings.Repeat("x", 2000) + "--><meta charset=big5>":         "big5",
		"<!--" + strings.Repeat("x", prescanLimit) + "--><meta charset=big5>": "",
		strings.Repeat("<p class=x>", 200) + "<meta charset=big5>":            "big5",
		"<script>if (a<b) {}</script><meta charset=big5>":                     "big5",
	} {
		if got := declared([]byte(html), false); got != want {
			t.Errorf("declared(%.80q) = %q, want %q", html, got, want)
		}
	}
}

func TestDecodeOfUnknownName(t *testing.T) {
	_, err := Detected{Name: "klingon"}.Decode([]byte("é"))
	if err == nil || !strings.Contains(err.Error(), `"klingon"`) {
		t.Errorf("Decode = %v, want an error that quotes the name", err)
	}
}

func TestSourceNames(t *testing.T) {
	for source, want := range map[Source]string{BOM: "bom", Header: "header", Meta: "meta", Content: "content"} {
		if source.String() != want {
			t.Errorf("Source(%d) = %q, want %q", source, source, want)
		}
	}
}

// A page that is UTF-8 already, the usual one, is not copied.
func TestValidBodyIsNotCopied(t *testing.T) {
	for _, d := range []Detected{{Name: "utf-8"}, {Name: "windows-1252"}, {Name: "shift_jis"}} {
		body := []byte("<p>just ASCII, and more than eight bytes of it")
		if d.Name == "utf-8" {
			body = []byte("<p>déjà vu")
		}
		allocs := testing.AllocsPerRun(10, func() {
			text, err := d.Decode(body)
			if err != nil || &text[0] != &body[0] {
				t.Fatalf("%s: Decode gave another slice, or %v", d.Name, err)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations, want 0", d.Name, allocs)
		}
	}
}

func page(declaration string) []byte {
	head := "<!doctype html><html><head>" + declaration + "<title>A page</title>"
	row := `<p class="row">Text that goes on <a href="/a/b?c=d">for a while</a>.` + "\n"
	return []byte(head + strings.Repeat(row, 10<<10/len(row)))
}

func BenchmarkDetectAndDecode(b *testing.B) {
	for _, c := range []struct{ name, contentType, declaration string }{
		{"header", "text/html; charset=utf-8", ""},
		{"meta", "text/html", `<meta charset="utf-8">`},
		{"undeclared", "text/html", `<meta name="viewport" content="width=device-width">`},
		{"windows1251", "text/html; charset=windows-1251", "\xcf\xf0"},
	} {
		b.Run(c.name, func(b *testing.B) {
			body := page(c.declaration)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Detect(body, c.contentType).Decode(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestIsASCII(t *testing.T) {
	for n := range 20 {
		b := bytes.Repeat([]byte{'a'}, n)
		if !isASCII(b) {
			t.Errorf("isASCII(%q) = false", b)
		}
		for i := range b {
			b[i] = utf8.RuneSelf
			if isASCII(b) {
				t.Errorf("isASCII(%q) = true", b)
			}
			b[i] = 'a'
		}
	}
}
