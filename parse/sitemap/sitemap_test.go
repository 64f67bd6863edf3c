package sitemap

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/text/encoding/htmlindex"
)

var update = flag.Bool("update", false, "write what Parse gives into testdata/*.txtar")

func collect(body []byte) ([]Entry, error) {
	var entries []Entry
	err := Parse(body, func(e Entry) bool {
		entries = append(entries, e)
		return true
	})
	return entries, err
}

// A panic ends the reading of the file, and nothing else.
func TestPanic(t *testing.T) {
	n := 0
	err := Parse([]byte("<urlset><url><loc>a</loc></url><url><loc>b</loc></url></urlset>"), func(Entry) bool {
		if n++; n == 2 {
			panic("no more")
		}
		return true
	})
	if !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "panic: no more") {
		t.Errorf("%v, want broken, and why", err)
	}
}

func locs(entries []Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Loc)
	}
	return all
}

// describe gives one line an entry, with what it has, and a last one for the error.
func describe(entries []Entry, err error) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%s", e.Loc)
		if e.Index {
			b.WriteString(" index")
		}
		if !e.LastMod.IsZero() {
			fmt.Fprintf(&b, " lastmod=%s", e.LastMod.Format(time.RFC3339Nano))
		}
		if e.ChangeFreq != "" {
			fmt.Fprintf(&b, " changefreq=%s", e.ChangeFreq)
		}
		if e.Priority >= 0 {
			fmt.Fprintf(&b, " priority=%v", e.Priority)
		}
		b.WriteString("\n")
	}
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := describe(collect(archive.Files[0].Data))
			if *update {
				archive.Files = append(archive.Files[:1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func zip(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encode(t *testing.T, label, text string) []byte {
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

func TestCharsets(t *testing.T) {
	xml := func(encoding string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?><urlset><url><loc>https://example.org/я</loc></url></urlset>`
	}
	list := "https://example.org/я\r\nhttps://example.org/b\rhttps://example.org/c"
	const ya = "https://example.org/я"
	for _, c := range []struct {
		name string
		body []byte
		want []string
	}{
		{"windows-1251", encode(t, "windows-1251", xml("windows-1251")), []string{ya}},
		{"Shift_JIS", encode(t, "shift_jis", xml("Shift_JIS")), []string{ya}},
		{"UTF-8 by declaration", []byte(xml("utf-8")), []string{ya}},
		{"UTF-8 with BOM", []byte("\ufeff" + xml("utf-8")), []string{ya}},
		{"UTF-16LE with BOM", append([]byte("\xff\xfe"), encode(t, "utf-16le", xml("UTF-16"))...), []string{ya}},
		{"UTF-16BE without BOM", encode(t, "utf-16be", xml("UTF-16")), []string{ya}},
		{"an unknown encoding", []byte(xml("klingon")), []string{ya}},
		{"invalid UTF-8", []byte("<urlset><url><loc>https://example.org/\xff</loc></url></urlset>"), []string{"https://example.org/\ufffd"}},
		{"gzip", zip(t, []byte(xml("utf-8"))), []string{ya}},
		{"gzip of windows-1251", zip(t, encode(t, "windows-1251", xml("windows-1251"))), []string{ya}},
		{"gzip in two members", append(zip(t, []byte("<urlset><url>")), zip(t, []byte("<loc>https://example.org/</loc></url></urlset>"))...), []string{"https://example.org/"}},
		{"list with BOM and all line ends", []byte("\ufeff" + list), []string{ya, "https://example.org/b", "https://example.org/c"}},
		{"list in gzip", zip(t, []byte(list)), []string{ya, "https://example.org/b", "https://example.org/c"}},
		{"list in UTF-16", append([]byte("\xfe\xff"), encode(t, "utf-16be", list)...), []string{ya, "https://example.org/b", "https://example.org/c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries, err := collect(c.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, locs(entries)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLastMod(t *testing.T) {
	for text, want := range map[string]string{
		"2026":                           "2026-01-01T00:00:00Z",
		"2026-07":                        "2026-07-01T00:00:00Z",
		"2026-07-16":                     "2026-07-16T00:00:00Z",
		"2026-07-16T19:20+01:00":         "2026-07-16T18:20:00Z",
		"2026-07-16T19:20Z":              "2026-07-16T19:20:00Z",
		"2026-07-16T19:20:30+01:00":      "2026-07-16T18:20:30Z",
		"2026-07-16T19:20:30.45-01:00":   "2026-07-16T20:20:30.45Z",
		"2026-07-16T19:20:30.123456Z":    "2026-07-16T19:20:30.123456Z",
		"2026-07-16T19:20:30":            "2026-07-16T19:20:30Z",
		"2026-07-16T19:20":               "2026-07-16T19:20:00Z",
		"2026-07-16 19:20:30":            "2026-07-16T19:20:30Z",
		"2026-07-16 19:20:30 UTC":        "2026-07-16T19:20:30Z", // as Ruby writes times
		"2026-07-16 19:20:30 +0100":      "2026-07-16T18:20:30Z",
		"2026-07-16 19:20 EST":           "2026-07-17T00:20:00Z",
		"2026-07-16 19:20:30 ":           "",
		"2026-07-16 19:20:30 later":      "",
		"2026-07-16T19:20:30+0100":       "2026-07-16T18:20:30Z",
		"2026-07-16T19:20:30+01":         "2026-07-16T18:20:30Z",
		"Thu, 16 Jul 2026 19:20:30 GMT":  "2026-07-16T19:20:30Z",
		"Thu, 16 Jul 2026 19:20:30 EDT":  "2026-07-16T23:20:30Z",
		"16 Jul 2026 19:20:30 +0100":     "2026-07-16T18:20:30Z",
		"":                               "",
		"2026-13-01":                     "",
		"2026-07-16T":                    "",
		"2026-07-16T19:20:30+":           "",
		"last week":                      "",
		"0001-01-01T00:00:00Z":           "", // what an unset date is in some languages
		strings.Repeat("2026-07-16 ", 9): "",
	} {
		got := ""
		if when := parseTime(text); !when.IsZero() {
			got = when.Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("parseTime(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestHTMLIsNamed(t *testing.T) {
	_, err := collect([]byte("<!doctype HTML><title>404</title>"))
	if !errors.Is(err, ErrNotSitemap) || !strings.Contains(err.Error(), "not a sitemap: looks like HTML") {
		t.Errorf("Parse = %v", err)
	}
}

func TestStop(t *testing.T) {
	for _, body := range []string{
		"<urlset><url><loc>https://example.org/a</loc></url><url><loc>https://example.org/b</loc></url><broken",
		"https://example.org/a\nhttps://example.org/b\nbroken",
	} {
		n := 0
		if err := Parse([]byte(body), func(Entry) bool { n++; return false }); err != nil || n != 1 {
			t.Errorf("Parse = %v after %d entries, want no error after the one asked for", err, n)
		}
	}
}

// repeat is a body of head, n times row, and tail, compressed: 50 MiB of it are small in memory.
func repeat(t testing.TB, head, row string, n int, tail string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	block := strings.Repeat(row, 1000)
	write := func(s string) {
		if _, err := io.WriteString(w, s); err != nil {
			t.Fatal(err)
		}
	}
	write(head)
	for range n / 1000 {
		write(block)
	}
	write(strings.Repeat(row, n%1000) + tail)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLimits(t *testing.T) {
	const row = "<url><loc>https://example.org/a</loc></url>\n"
	const line = "https://example.org/a\n"
	padding := func(n int) string { return strings.Repeat(" ", n) }
	whole := "<urlset>" + row + "</urlset>"
	for _, c := range []struct {
		name    string
		body    []byte
		entries int
		err     error
	}{
		{"as many entries as allowed", repeat(t, "<urlset>", row, MaxEntries, "</urlset>"), MaxEntries, nil},
		{"one entry more", repeat(t, "<urlset>", row, MaxEntries+1, "</urlset>"), MaxEntries, ErrTooMany},
		{"as many lines as allowed", repeat(t, "", line, MaxEntries, "\n"), MaxEntries, nil},
		{"one line more", repeat(t, "", line, MaxEntries+1, ""), MaxEntries, ErrTooMany},
		{"one byte larger, not compressed", []byte(whole + padding(MaxSize-len(whole)+1)), 1, ErrTooLarge},
		{"a bomb", repeat(t, whole, strings.Repeat("\x00", 1000), 100_000, ""), 1, ErrTooLarge},
		{"deep", []byte("<feed><entry><link href='https://example.org/'/>" + strings.Repeat("<b>", 1_000_000)), 0, ErrBroken},
		{"wide", []byte("<urlset><url><loc>https://example.org/" + strings.Repeat("a", MaxValue) + "</loc></url>" + row + "</urlset>"), 1, ErrBroken},
		{"wide in CDATA", []byte("<urlset><url><loc><![CDATA[" + strings.Repeat("a", MaxValue+1) + "]]></loc></url>" + row + "</urlset>"), 1, ErrBroken},
		{"wide attribute", []byte("<feed><entry><link href='" + strings.Repeat("a", MaxValue+1) + "'/></entry></feed>"), 0, ErrBroken},
		{"a tag of 1 MiB", []byte("<urlset>" + row + "<x a='" + strings.Repeat("a", 1<<20) + "'/>" + row + "</urlset>"), 2, nil},
		{"wide line", []byte(line + strings.Repeat("a", MaxValue+1)), 1, ErrBroken},
		{"gzip cut short", zip(t, []byte(whole))[:len(zip(t, []byte(whole)))-9], 1, io.ErrUnexpectedEOF},
		{"gzip of nothing", zip(t, nil), 0, ErrNotSitemap},
		{"gzip in name only", []byte("\x1f\x8b not gzip"), 0, gzip.ErrHeader},
		{"gzip followed by something else", append(zip(t, []byte(whole)), "more"...), 1, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := 0
			err := Parse(c.body, func(Entry) bool { n++; return true })
			if n != c.entries || !errors.Is(err, c.err) {
				t.Errorf("Parse gave %d entries and %v, want %d and %v", n, err, c.entries, c.err)
			}
		})
	}
}

func TestCapped(t *testing.T) {
	for _, c := range []struct {
		input, read string
		err         error
	}{
		{"", "", nil},
		{"abc", "abc", nil},
		{"abcd", "abcd", nil},
		{"abcde", "abcd", ErrTooLarge},
		{"abcdefgh", "abcd", ErrTooLarge},
	} {
		for _, r := range []io.Reader{strings.NewReader(c.input), iotest.OneByteReader(strings.NewReader(c.input))} {
			read, err := io.ReadAll(&capped{r: r, left: 4})
			if string(read) != c.read || err != c.err {
				t.Errorf("%q is read as %q, %v, want %q, %v", c.input, read, err, c.read, c.err)
			}
		}
	}
}

// However large the input and its tokens, what is allocated beside it stays small.
func TestMemoryIsBounded(t *testing.T) {
	const size, bound = 4 << 20, 1 << 20
	for name, body := range map[string][]byte{
		"text":    []byte("<urlset><url><loc>" + strings.Repeat("a", size)),
		"comment": []byte("<urlset><!--" + strings.Repeat("a", size)),
		"tag":     []byte("<urlset " + strings.Repeat("a ", size/2)),
		"CDATA":   []byte("<urlset><url><loc><![CDATA[" + strings.Repeat("]", size)),
		"doctype": []byte("<!DOCTYPE urlset [" + strings.Repeat("<!ENTITY a 'b'>", size/16)),
		"end":     []byte("<urlset>" + strings.Repeat("</a>", size/4)),
		"zeros":   repeat(t, "<urlset>", strings.Repeat("\x00", 1000), size/1000, ""),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := Parse(body, func(Entry) bool { return true })
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; err == nil || used > bound {
			t.Errorf("%s: allocated %d bytes, want at most %d; error %v", name, used, bound, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	row := "<url>\n <loc>https://example.org/a/b/c?d=e&amp;f=g</loc>\n <lastmod>2026-01-02T03:04:05Z</lastmod>\n <priority>0.5</priority>\n</url>\n"
	body := []byte("<urlset>" + strings.Repeat(row, 10_000) + "</urlset>")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Parse(body, func(Entry) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
}
