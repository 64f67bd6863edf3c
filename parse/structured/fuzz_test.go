package structured

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/net/html"

	"github.com/trawl-crawler/trawl/parse/internal/hostile"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Whatever the page, the result encodes, is the same again, and is bounded.
func FuzzExtract(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	base, err := weburl.Parse("https://www.example.org/a/b")
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range hostile.Bodies(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		root, err := html.Parse(bytes.NewReader(body))
		if err != nil {
			return
		}
		limits := Limits{Bytes: 4096, Depth: 8, Errors: 5}
		first, err := json.Marshal(Extract(root, base, limits))
		if err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(Extract(root, base, limits))
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("%v: first\n%s\nthen\n%s", err, first, again)
		}
		const escapes, faults = 6, 5 * 2000
		if !utf8.Valid(first) || len(first) > escapes*limits.Bytes+faults {
			t.Fatalf("%d bytes: %s", len(first), first)
		}
	})
}

// On JSON, encoding/json is the oracle: the same values, and no faults.
func FuzzLenient(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5e3,-0,true,false,null,{}],"b":"c\n\u00e9\ud83d\ude00\ud83d\"\\\/"}`, `[[],[[]],{"":{"":""}}]`,
		`"a" `, ` -1.5E+2`, `{"a":1,"a":2}`, `["\ud83dx","\ude00","//","/*","<!--"]`, `"\u00`, `["a\u12","]`, `{"a" : "b" , "c":[ ] }`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		const maxDepth = 100
		p := &parser{text: text, maxDepth: maxDepth, maxFaults: 5, spend: func(int) bool { return true }}
		got := p.all()
		if len(p.faults) > 3*p.maxFaults {
			t.Fatalf("%d faults", len(p.faults))
		}
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil {
			return
		}
		if _, err := decoder.Token(); err != io.EOF || strings.Count(text, "[")+strings.Count(text, "{") > maxDepth {
			return
		}
		if len(p.faults) > 0 {
			t.Fatalf("faults in JSON: %+v", p.faults)
		}
		if diff := cmp.Diff([]any{want}, got); diff != "" {
			t.Fatalf("(-encoding/json +lenient)\n%s", diff)
		}
	})
}
