package zoo

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

const (
	png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89<a href=bait>"
	pdf = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/URI(bait)>>\nendobj\n%%EOF\n"
)

// types are bodies of another kind than they are called.
func types() []Case {
	page := document("lies", "next")
	lie := func(name, does, contentType, text string, title string, fetches int) Case {
		return Case{Name: name, Does: does, Want: []Want{fetched("", title)}, MaxFetches: fetches, up: shared(body(contentType, text))}
	}
	return []Case{
		lie("html-as-image", "believes that an image is one, and looks for no links in it", "image/png", page, "-", 1),
		lie("html-as-text", "believes that a text is one, and looks for no links in it", "text/plain", page, "-", 1),
		lie("html-as-binary", "believes that bytes are no page", "application/octet-stream", page, "-", 1),
		lie("image-as-html", "survives an image that is called a page", htmlType, png, "-", 2),
		lie("pdf-as-html", "survives a PDF that is called a page", htmlType, pdf, "-", 2),
		lie("type-missing", "finds out by its bytes that a page without a type is one", "", page, "lies", 2),
		lie("type-garbage", "survives a type that is none", ";;; =\"", page, "", 2),
		lie("type-twice", "survives two types in one", "text/html, text/plain; charset=utf-8", page, "", 2),
		lie("json-as-html", "survives JSON that is called a page", htmlType, `{"a":"<a href=bait>"}`, "-", 2),
		lie("escape-sequences", "shows no control characters of a page to a terminal", htmlType,
			"<title>\x1b]0;owned\x07\x1b[2J\x1b[31mred\u202e\u009b1m</title><a href='\x1b[31mnext'>", "", 2),
	}
}

// encoded gives text in an encoding.
func encoded(e encoding.Encoding, text string) string {
	out, err := e.NewEncoder().String(text)
	if err != nil {
		return err.Error() // the title will not be as wanted
	}
	return out
}

// charsets are pages whose text is in another encoding than they say, or than
// anybody says.
func charsets() []Case {
	const russian, japan, chinese = "Привет, мир", "日本語のページ", "简体中文与龘"
	titled := func(t string) string { return "<!doctype html><title>" + t + "</title><p>" + t }
	metaed := func(charset, t string) string {
		return "<!doctype html><meta charset=" + charset + "><title>" + t + "</title><p>" + t
	}
	page := func(name, does, contentType, text, charset, title string) Case {
		want := fetched("", title)
		want.Charset = charset
		return Case{Name: name, Does: does, Want: []Want{want}, MaxFetches: 1, up: shared(body(contentType, text))}
	}
	utf16 := func(order unicode.Endianness, bom unicode.BOMPolicy, t string) string {
		return encoded(unicode.UTF16(order, bom), t)
	}
	const ascii = "<p>Nothing but plain words here, for as long as a cautious reader would look.\n"
	return []Case{
		page("charset-header-meta", "believes the header more than the meta", "text/html; charset=windows-1251",
			metaed("utf-8", encoded(charmap.Windows1251, russian)), "windows-1251", russian),
		page("charset-bom-header", "believes the byte order mark more than the header", "text/html; charset=iso-8859-1",
			"\ufeff"+metaed("koi8-r", russian), "utf-8", russian),
		page("charset-meta", "believes the meta when nothing else speaks", "text/html",
			metaed("koi8-r", encoded(charmap.KOI8R, russian)), "koi8-r", russian),
		page("charset-unknown", "passes over a charset that nobody knows", "text/html; charset=klingon",
			metaed("utf-8", russian), "utf-8", russian),
		page("charset-utf8-late", "takes an undeclared page for UTF-8 whose first other byte comes after 8 KiB", "text/html",
			"<!doctype html>"+strings.Repeat(ascii, 100)+"<title>"+russian+"</title>", "utf-8", russian),
		page("charset-none", "takes an undeclared page that is no UTF-8 for windows-1252", "text/html",
			titled("caf\xe9"), "windows-1252", "café"),
		page("charset-shift-jis", "reads Shift_JIS", "text/html; charset=Shift_JIS", titled(encoded(japanese.ShiftJIS, japan)), "shift_jis", japan),
		page("charset-euc-jp", "reads EUC-JP", "text/html", metaed("euc-jp", encoded(japanese.EUCJP, japan)), "euc-jp", japan),
		page("charset-iso-2022-jp", "reads ISO-2022-JP, whose bytes are all ASCII", "text/html; charset=iso-2022-jp",
			titled(encoded(japanese.ISO2022JP, japan)), "iso-2022-jp", japan),
		page("charset-gb18030", "reads GB18030", "text/html", metaed("gb18030", encoded(simplifiedchinese.GB18030, chinese)), "gb18030", chinese),
		page("charset-windows-1251", "reads windows-1251", "text/html; charset=cp1251", titled(encoded(charmap.Windows1251, russian)), "windows-1251", russian),
		page("charset-utf16le-bom", "reads UTF-16 by its mark", "text/html", utf16(unicode.LittleEndian, unicode.UseBOM, titled(russian)), "utf-16le", russian),
		page("charset-utf16be-bom", "reads UTF-16 by its mark, big end first", "text/html; charset=utf-8", utf16(unicode.BigEndian, unicode.UseBOM, titled(russian)), "utf-16be", russian),
		page("charset-utf16le", "reads UTF-16 without a mark", "text/html", utf16(unicode.LittleEndian, unicode.IgnoreBOM, titled(russian)), "utf-16le", russian),
		page("charset-utf16be", "reads UTF-16 without a mark, big end first", "text/html", utf16(unicode.BigEndian, unicode.IgnoreBOM, titled(russian)), "utf-16be", russian),
		page("charset-overlong", "reads no overlong UTF-8: it is neither a dot nor a slash", htmlType,
			titled("a\xc0\xae\xc0\xafb"), "utf-8", "a\ufffd\ufffd\ufffd\ufffdb"),
		page("charset-surrogates", "reads no surrogates in UTF-8", htmlType, titled("a\xed\xa0\x80b"), "utf-8", "a\ufffd\ufffd\ufffdb"),
		page("charset-cut", "survives a page that ends within a character", htmlType, titled(russian)+"\xd0", "utf-8", russian),
		{Name: "nuls", Does: "finds title and links in a page full of NULs",
			Want: []Want{fetched("", ""), fetched("next", "next")},
			up:   shared(body(htmlType, "\x00<!doctype html>\x00<title>a\x00b</title>\x00<a href=\"next\">\x00</a>"+strings.Repeat("\x00", 1000)))},
	}
}

// coded sends a body under a Content-Encoding.
func coded(coding, text string) handler {
	return func(s *site, w http.ResponseWriter, r *http.Request) {
		if s.path(r) != "" {
			plain(s, w, r)
			return
		}
		w.Header().Set("Content-Encoding", coding)
		send(w, htmlType, text)
	}
}

// fifty is one coding fifty times.
func fifty() string { return strings.Repeat("gzip, ", 49) + "gzip" }

// codingLies are bodies in another content coding than they say.
func codingLies() []Case {
	page := document("coded")
	gz, err := gzipped(page)
	if err != nil {
		gz = []byte(err.Error()) // the title will not be as wanted
	}
	text := string(gz)
	ok := []Want{fetched("", "coded")}
	broken := failed("decode", "reset")
	lie := func(name, does string, want []Want, coding, text string) Case {
		return Case{Name: name, Does: does, Want: want, up: shared(coded(coding, text))}
	}
	return []Case{
		lie("gzip-not", "records a failure when a body is not in the coding it is said to be in", broken, "gzip", page),
		lie("gzip-cut", "records a failure when coded data end too early", broken, "gzip", text[:len(text)/2]),
		lie("gzip-checksum", "records a failure when the checksum is wrong", broken, "gzip", text[:len(text)-8]+"\x00\x00\x00\x00"+text[len(text)-4:]),
		lie("gzip-trailing", "passes over what follows coded data", ok, "gzip", text+strings.Repeat("\x00", 100)),
		lie("gzip-twice", "undoes a coding twice that is named twice", ok, "gzip, gzip", twice(gz)),
		lie("gzip-empty", "takes no bytes at all for an empty body, whatever their coding",
			[]Want{{Outcome: []string{"fetched"}, Status: []int{200}}}, "gzip", ""),
		lie("br-not", "records a failure when a body is no brotli", broken, "br", page),
		lie("zstd-not", "records a failure when a body is no zstd", broken, "zstd", page),
		lie("zstd-window", "refuses a zstd window of 2 GiB (RFC 9659)", broken, "zstd", "\x28\xb5\x2f\xfd\x00\xa8\x03\x00\x00"),
		lie("coding-unknown", "takes a coding that nobody knows for none", ok, "utf-8", page),
		lie("coding-compress", "records a failure for a coding that it did not offer", failed("decode"), "compress", "\x1f\x9d\x90"),
	}
}

func twice(gz []byte) string {
	out, err := gzipped(string(gz))
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// moods are servers that say something else each time, or always the same.
func moods() []Case {
	missing := numbered("missing-", 20)
	return []Case{
		{Name: "soft-404", Does: "records what it gets: 200 for every missing page",
			Want: append(pages(missing...), fetched("", "soft")), MaxFetches: 25,
			up: shared(func(s *site, w http.ResponseWriter, r *http.Request) {
				if s.path(r) == "" {
					sendHTML(w, document("soft", missing...))
					return
				}
				sendHTML(w, document("Not found"))
			})},
		{Name: "changing", Does: "fetches a URL once, though each answer would be another",
			Want: []Want{fetched("", ""), fetched("next", "")}, MaxFetches: 2,
			up: shared(func(_ *site, w http.ResponseWriter, _ *http.Request) {
				sendHTML(w, document(session(), "./", "next", "#top"))
			})},
		{Name: "etag-frozen", Does: "takes a body for changed by its bytes, not by an ETag that never changes",
			Want: []Want{fetched("", "")}, up: freshCount(func(n int64, w http.ResponseWriter) {
				w.Header().Set("ETag", `"always"`)
				sendHTML(w, document("body "+strconv.FormatInt(n, 10)))
			})},
		{Name: "etag-restless", Does: "takes a body for the same by its bytes, though its ETag changes each time",
			Want: []Want{fetched("", "restless")}, up: freshCount(func(n int64, w http.ResponseWriter) {
				w.Header().Set("ETag", fmt.Sprintf(`"%d"`, n))
				sendHTML(w, document("restless"))
			})},
		{Name: "etag-hostile", Does: "sends no ETag back that would break a request",
			Want: []Want{fetched("", "hostile")}, up: shared(func(_ *site, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("ETag", `"a" X-Injected: b`+strings.Repeat("z", 16<<10))
				w.Header().Set("Last-Modified", "yesterday")
				sendHTML(w, document("hostile"))
			})},
		{Name: "links-odd", Does: "follows the links that are URLs, and survives those that are not",
			Want: []Want{fetched("", "odd"), fetched("next", "next")}, MaxFetches: 4,
			up: shared(body(htmlType, document("odd", "next", "mailto:a@b", "javascript:void(0)", "data:,x", "http://[", "http:// /", "//", "ne\nxt",
				"http://user:pass@", "\x00", "https://256.256.256.256/", strings.Repeat("../", 1000)+"links-odd/next")))},
		{Name: "base-hostile", Does: "resolves links by a base that leads out of scope, and follows none of them there",
			Want: []Want{fetched("", "base"), skipped("http://elsewhere.invalid/next", "scope")}, MaxFetches: 1,
			up: shared(body(htmlType, "<base href=http://elsewhere.invalid/>"+document("base", "next")))},
	}
}

// freshCount serves answers that know how many came before.
func freshCount(answer func(n int64, w http.ResponseWriter)) server {
	return func(s *site) error {
		var n atomic.Int64
		return shared(func(_ *site, w http.ResponseWriter, _ *http.Request) { answer(n.Add(1), w) })(s)
	}
}
