package output_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/outputtest"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

func TestAppendJSON(t *testing.T) {
	at := time.Date(2026, 3, 1, 13, 0, 0, 1_999_999, time.FixedZone("CET", 3600))
	for _, tc := range []struct {
		name   string
		record output.Record
		fields string
		want   string
	}{
		{"a page", output.Record{
			URL: "https://example.org/?a=1&b=2", Outcome: output.Fetched, Status: 200, FetchedAt: at,
			Elapsed: 1999 * time.Microsecond, Attempts: 1, Bytes: 12,
			Links: []link.Link{{URL: weburl.FromCanonical("https://example.org/a")}, {URL: weburl.FromCanonical("https://example.org/b")}},
		}, "", `{"url":"https://example.org/?a=1&b=2","outcome":"fetched","status":200,"depth":0,` +
			`"fetched_at":"2026-03-01T12:00:00.001Z","elapsed_ms":1,"attempts":1,"bytes":12,` +
			`"links":["https://example.org/a","https://example.org/b"]}`},
		{"zeros that were measured are present", output.Record{Outcome: output.Fetched, Links: []link.Link{}}, "",
			`{"outcome":"fetched","depth":0,"elapsed_ms":0,"bytes":0,"links":[]}`},
		{"an item has neither depth nor a time of its own", output.Record{Type: output.TypeItem, Outcome: output.Fetched, Bytes: -1}, "",
			`{"outcome":"fetched","type":"item"}`},
		{"an unknown size is absent", output.Record{Outcome: output.Fetched, Bytes: -1}, "bytes,links,truncated", `{}`},
		{"truncated only when true", output.Record{Truncated: true}, "truncated", `{"truncated":true}`},
		{"a failure", output.Record{URL: "http://a/", Outcome: output.Failed, Depth: 2, Error: &output.Error{Kind: "dns", Message: `no such host "a"`}}, "",
			`{"url":"http://a/","outcome":"failed","depth":2,"error":{"kind":"dns","message":"no such host \"a\""}}`},
		{"a skip", output.Record{URL: "http://a/", Outcome: output.Skipped, Skip: &output.Skip{Rule: "scope"}}, "",
			`{"url":"http://a/","outcome":"skipped","depth":0,"skip":{"rule":"scope","detail":""}}`},
		{"fields keep the record's order", output.Record{URL: "http://a/", Status: 404}, "status,url", `{"url":"http://a/","status":404}`},
		{"a member of a member", output.Record{Error: &output.Error{Kind: "dns", Message: "no"}}, "error.kind", `{"error":{"kind":"dns"}}`},
		{"the other one", output.Record{Skip: &output.Skip{Rule: "depth", Detail: "2"}}, "skip.detail", `{"skip":{"detail":"2"}}`},
		{"nothing selected is there", output.Record{}, "title,error,skip", `{}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fields, err := output.ParseFields(tc.fields)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(tc.record.AppendJSON([]byte("kept"), fields)); got != "kept"+tc.want {
				t.Errorf("got  %s\nwant kept%s", got, tc.want)
			}
		})
	}
}

func TestAppendJSONStrings(t *testing.T) {
	for _, tc := range []struct{ name, title, want string }{
		{"plain", `a/b'c <i>&amp;</i>`, `a/b'c <i>&amp;</i>`},
		{"quote and backslash", `"\`, `\"\\`},
		{"line ends", "a\r\n\tb", `a\r\n\tb`},
		{"terminal control", "\x00\x1b[31m\x7f", `\u0000\u001b[31m\u007f`},
		{"C1 control", "a\u0080b\u009bc\u009f\u00a0", "a\\u0080b\\u009bc\\u009f\u00a0"},
		{"line separators", "\u2028\u2029", `\u2028\u2029`},
		{"directional overrides", "a\u202eb\u2066c\u2069\u206a", "a\\u202eb\\u2066c\\u2069\u206a"},
		{"text", "Žluťoučký 日本語 🦀", "Žluťoučký 日本語 🦀"},
		{"not UTF-8", "a\xffb\xc3(\xed\xa0\x80", "a\ufffdb\ufffd(\ufffd\ufffd\ufffd"},
		{"not UTF-8 at the end", "12345678\xe2\x80", "12345678\ufffd\ufffd"},
		{"late in the string", "0123456789abcdef0123\"", `0123456789abcdef0123\"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := output.Record{Title: tc.title}
			got := string(r.AppendJSON(nil, parseFields(t, "title")))
			if want := `{"title":"` + tc.want + `"}`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestEveryByteEverywhere: the eight-at-a-time search for what needs escaping
// must find each byte at each place.
func TestEveryByteEverywhere(t *testing.T) {
	title := parseFields(t, "title")
	for c := range 256 {
		for at := range 20 {
			s := []byte("abcdefghijklmnopqrst")
			s[at] = byte(c)
			r := output.Record{Title: string(s)}
			agree(t, &r, r.AppendJSON(nil, title), title)
		}
	}
}

func TestAppendJSONHasTheOrderOfFields(t *testing.T) {
	r := full()
	dec := json.NewDecoder(strings.NewReader(string(r.AppendJSON(nil, 0))))
	var got []string
	depth := 0
	for key := true; ; {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			depth++
			key = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			key = true
			continue
		}
		if depth != 1 {
			continue
		}
		if key {
			got = append(got, tok.(string))
		}
		key = !key
	}
	var want []string
	for _, f := range output.Fields() {
		if !strings.Contains(f.Name, ".") {
			want = append(want, f.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("a full record has the members\n%v\nwant those of Fields\n%v", got, want)
	}
}

// TestFieldsTellTheirType: the table's types are what a reader of JSON finds.
func TestFieldsTellTheirType(t *testing.T) {
	r := full()
	for _, f := range output.Fields() {
		var v map[string]any
		if err := json.Unmarshal(r.AppendJSON(nil, parseFields(t, f.Name)), &v); err != nil {
			t.Fatal(err)
		}
		parent, child, nested := strings.Cut(f.Name, ".")
		value := v[parent]
		if nested {
			value = value.(map[string]any)[child]
		}
		types := map[string]string{"string": "string", "integer": "float64", "boolean": "bool",
			"array of strings": "[]interface {}", "array of objects": "[]interface {}", "object": "map[string]interface {}"}
		if got := fmt.Sprintf("%T", value); got != types[f.Type] {
			t.Errorf("%s is a %s, and its type is documented as %s", f.Name, got, f.Type)
		}
		if f.Doc == "" {
			t.Errorf("%s has no documentation", f.Name)
		}
	}
}

// full is a record with every field.
func full() output.Record {
	r := outputtest.Records(29)[28]
	r.Truncated = true
	r.Type, r.Recipe, r.Item, r.Errors = "page", "shop", "product", json.RawMessage(`[{"field":"price"}]`)
	r.RedirectTo, r.RobotsTxt, r.Change = "https://example.org/b", "disallowed by line 3: Disallow: /", "moved"
	r.Error = &output.Error{Kind: "timeout", Message: "late"}
	r.Skip = &output.Skip{Rule: "depth", Detail: "3"}
	return r
}

// agree fails unless text is valid, safe to show, and reads the same as what
// encoding/json makes of r.
func agree(t *testing.T, r *output.Record, text []byte, fields output.FieldSet) {
	t.Helper()
	if !json.Valid(text) || !utf8.Valid(text) {
		t.Fatalf("not JSON in UTF-8: %q", text)
	}
	for _, c := range string(text) {
		if c < ' ' || c >= 0x7f && c <= 0x9f || c == 0x2028 || c == 0x2029 {
			t.Fatalf("%U stands unescaped in %q", c, text)
		}
	}
	oracle, err := outputtest.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(oracle, &want); err != nil {
		t.Fatal(err)
	}
	keep(want, fields)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %v\nwant %v", got, want)
	}
}

// keep leaves in v the members that fields has.
func keep(v map[string]any, fields output.FieldSet) {
	if fields == 0 {
		return
	}
	names := strings.Split(fields.String(), ",")
	for name, value := range v {
		switch members, object := value.(map[string]any); {
		case slices.Contains(names, name):
		case object:
			for member := range members {
				if !slices.Contains(names, name+"."+member) {
					delete(members, member)
				}
			}
			if len(members) == 0 {
				delete(v, name)
			}
		default:
			delete(v, name)
		}
	}
}

func parseFields(t testing.TB, list string) output.FieldSet {
	t.Helper()
	set, err := output.ParseFields(list)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func FuzzAppendJSON(f *testing.F) {
	f.Add("plain text", "https://example.org/", int64(5), uint32(0))
	f.Add("\xff\xfe\x00\"\\\u2028\u009b\x7f", "\r\n", int64(-1), uint32(3))
	f.Add("\xf0\x9f\xa6", "\xed\xa0\x80", int64(1)<<40, uint32(1<<20))
	names := output.Fields()
	f.Fuzz(func(t *testing.T, a, b string, n int64, pick uint32) {
		r := output.Record{
			URL: b, Outcome: output.Outcome([]string{"fetched", "failed", "skipped", a}[pick%4]), Status: int(pick % 1000),
			Depth: int(n % 100), Via: a, Elapsed: time.Duration(n), FetchedAt: time.UnixMilli(n % (1 << 47)),
			ContentType: b + a, Bytes: n, Truncated: n%2 == 0, Title: a, Description: a + b, Lang: b,
		}
		if pick&16 != 0 {
			r.Links = []link.Link{{URL: weburl.FromCanonical(a)}, {URL: weburl.FromCanonical(b)}}
		}
		if pick&32 != 0 {
			r.Error, r.Skip = &output.Error{Kind: a, Message: b}, &output.Skip{Rule: b, Detail: a}
		}
		agree(t, &r, r.AppendJSON(nil, 0), 0)
		some := parseFields(t, names[int(pick>>8)%len(names)].Name+","+names[int(pick>>16)%len(names)].Name)
		agree(t, &r, r.AppendJSON(nil, some), some)
	})
}

func TestDecodeUndoesAppendJSON(t *testing.T) {
	for _, want := range append(outputtest.Records(200), full()) {
		got, err := outputtest.Decode(want.AppendJSON(nil, 0))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

func TestAppendJSONDoesNotAllocate(t *testing.T) {
	r, buf := benchmarkRecord(), make([]byte, 0, 64<<10)
	if n := testing.AllocsPerRun(100, func() { r.AppendJSON(buf, 0) }); n != 0 {
		t.Errorf("%v allocations a record", n)
	}
}

// benchmarkRecord is an ordinary page: 10 KB, 33 links.
func benchmarkRecord() *output.Record {
	r := outputtest.Records(33)[32]
	r.Title, r.Description = "An ordinary page of an ordinary site", "What the page is about, in a sentence of ordinary length."
	r.Links = r.Links[:0]
	for i := range 33 {
		r.Links = append(r.Links, link.Link{URL: weburl.FromCanonical(fmt.Sprintf("https://www.example.org/section/%d/page-%d.html", i%7, i))})
	}
	return &r
}

func BenchmarkAppendJSON(b *testing.B) {
	r, buf := benchmarkRecord(), make([]byte, 0, 64<<10)
	b.SetBytes(int64(len(r.AppendJSON(buf, 0))))
	b.ReportAllocs()
	for b.Loop() {
		r.AppendJSON(buf, 0)
	}
}

// BenchmarkEncodingJSON is the same record by the standard library.
func BenchmarkEncodingJSON(b *testing.B) {
	r := benchmarkRecord()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := outputtest.Encode(r); err != nil {
			b.Fatal(err)
		}
	}
}
