package charset

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	xcharset "golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
)

// Whatever comes, the answer is a charset of the standard, and the text is valid UTF-8 of bounded size that keeps what was
// valid.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{"", "é", "caf\xe9", "\xff\xfea\x00", "\x00<\x00p", "<meta charset=gb18030>\x81\x30\x81\x30", "\x1b$B"} {
		for _, header := range []string{"", "text/html; charset=shift_jis", "text/xml; charset=iso-2022-jp", "text/html; charset=big5"} {
			f.Add([]byte(body), header)
		}
	}
	for _, body := range hostile.Bodies(f) {
		f.Add(body, "text/html")
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		d := Detect(body, header)
		if e, err := htmlindex.Get(d.Name); err != nil {
			t.Fatalf("Detect gave %q: %v", d.Name, err)
		} else if name, err := htmlindex.Name(e); err != nil || name != d.Name {
			t.Fatalf("Detect gave %q, whose name is %q", d.Name, name)
		}
		text, err := d.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(text) || len(text) > 3*len(body) {
			t.Fatalf("Decode(%q) as %s = %q", body, d.Name, text)
		}
		if d.Name == "utf-8" && d.Source != BOM && utf8.Valid(body) && !bytes.Equal(text, body) {
			t.Fatalf("Decode(%q) = %q, though it was valid", body, text)
		}
		if d.keepsASCII() && isASCII(body) && !bytes.Equal(text, body) {
			t.Fatalf("Decode(%q) as %s = %q, though it was ASCII", body, d.Name, text)
		}
		if again := (Detected{Name: "utf-8"}); bytes.HasPrefix(text, []byte(bomUTF8)) {
			return // a second mark is text
		} else if twice, err := again.Decode(text); err != nil || !bytes.Equal(twice, text) {
			t.Fatalf("decoding twice: %q, %v, want %q", twice, err, text)
		}
	})
}

// x/net/html/charset is the oracle of the order and of the prescan. It reads with an HTML tokenizer where the standard has
// a simpler scan, so what the two see differently by design is left out; and where it falls back to its guess, ours is
// checked against the definition.
func FuzzDetect(f *testing.F) {
	for _, s := range []string{
		"<meta charset=big5>", "<META http-equiv=Content-Type content='text/html; charset=koi8-r'>", "<meta charset=nope>é",
		"<a b='>'><meta charset=l2 charset=big5>", "\xef\xbb\xbf", "\xfe\xff", "plain", "caf\xe9 ", "<meta charset=utf-16>",
	} {
		f.Add([]byte(s), "utf-8", false)
		f.Add([]byte(s), "shift_jis", true)
	}
	f.Fuzz(func(t *testing.T, body []byte, label string, withHeader bool) {
		if len(body) > 1024 || strings.ContainsAny(label, "\";\\") || !isPrintable(label) || readDifferently(body) {
			return
		}
		header := "text/html"
		if withHeader {
			header += `; charset="` + label + `"`
		}
		got := Detect(body, header)
		if got.Source == Content {
			if want := map[bool]string{true: "utf-8", false: "windows-1252"}[utf8.Valid(body) || cutUTF8(body)]; got.Name != want {
				t.Fatalf("Detect(%q) = %v, want %q", body, got, want)
			}
			if _, name, _ := xcharset.DetermineEncoding(body, header); name != "windows-1252" && name != "utf-8" {
				t.Fatalf("Detect(%q, %q) = %v, x/net says %q", body, header, got, name)
			}
			return
		}
		if _, name, certain := xcharset.DetermineEncoding(body, header); name != got.Name || certain != (got.Source < Meta) {
			t.Fatalf("Detect(%q, %q) = %v, x/net says %q, certain %v", body, header, got, name, certain)
		}
	})
}

// isPrintable says whether package mime reads a value: no header that came over HTTP has others.
func isPrintable(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' })
}

// readDifferently says whether the standard's prescan and an HTML tokenizer read body differently by design: character
// references, NULs, the text of raw elements, markup declarations and bogus comments, the XML declaration, x-user-defined.
func readDifferently(body []byte) bool {
	lower := bytes.ToLower(body)
	for _, mark := range []string{"&", "\x00", "<!", "<?", "</", "x-user-defined", "<script", "<style", "<title", "<textarea", "<iframe",
		"<noembed", "<noframes", "<noscript", "<xmp", "<plaintext"} {
		if bytes.Contains(lower, []byte(mark)) {
			return true
		}
	}
	return false
}
