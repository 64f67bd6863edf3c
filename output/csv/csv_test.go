package csv_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/csv"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/output/outputtest"
)

// Every promise of a sink holds for tables, whose rows come back as records.
func TestFile(t *testing.T) {
	for _, tabs := range []bool{false, true} {
		outputtest.Run(t, func(t testing.TB) outputtest.Place {
			return place(filepath.Join(t.TempDir(), "out.csv"), csv.Options{Columns: csv.All(), Tabs: tabs, Raw: true})
		})
	}
}

func TestStream(t *testing.T) {
	o := csv.Options{Columns: csv.All(), Raw: true}
	outputtest.Run(t, func(testing.TB) outputtest.Place {
		var pipe bytes.Buffer
		return outputtest.Place{
			Open: func(t testing.TB) output.Sink { return open(t, "-", jsonl.Options{Stdout: &pipe, As: csv.Encoding(o)}) },
			Read: func(t testing.TB) []output.Record { return decode(t, pipe.String(), o) },
		}
	})
}

func place(name string, o csv.Options) outputtest.Place {
	return outputtest.Place{
		Open: func(t testing.TB) output.Sink {
			return open(t, name, jsonl.Options{Mode: jsonl.Append, As: csv.Encoding(o)})
		},
		Read: func(t testing.TB) []output.Record { return decode(t, get(t, name), o) },
		Clone: func(t testing.TB) outputtest.Place {
			dup := filepath.Join(t.TempDir(), "clone.csv")
			put(t, dup, get(t, name))
			return place(dup, o)
		},
		Tear:    func(t testing.TB) { put(t, name, get(t, name)+`https://exam,"`) },
		Spoil:   func(t testing.TB) { put(t, name, strings.ToUpper(get(t, name))) },
		Shorten: func(t testing.TB) { put(t, name, strings.TrimSuffix(get(t, name), "\n")) },
	}
}

func TestRows(t *testing.T) {
	r := output.Record{URL: "http://a/?x,y", Outcome: output.Fetched, Status: 200, Title: "=HYPERLINK(1)",
		Data: json.RawMessage(`{"price":-1.50,"name":"say \"hi\"\nthere","tags":["a","b"],"low":"-5","cmd":"-5+cmd|x","at":"@A1","none":null}`)}
	columns := csv.Columns("url", "status", "title", "data.price", "data.name", "data.tags", "data.low", "data.cmd", "data.at", "data.none", "data.gone")
	for _, tc := range []struct {
		o    csv.Options
		want string
	}{
		{csv.Options{Columns: columns}, "\"http://a/?x,y\",200,'=HYPERLINK(1),-1.50,\"say \"\"hi\"\"\nthere\",\"[\"\"a\"\",\"\"b\"\"]\",-5,'-5+cmd|x,'@A1,,\r\n"},
		{csv.Options{Columns: columns, Raw: true, Tabs: true}, "\"http://a/?x,y\"\t200\t=HYPERLINK(1)\t-1.50\t\"say \"\"hi\"\"\nthere\"\t\"[\"\"a\"\",\"\"b\"\"]\"\t-5\t-5+cmd|x\t@A1\t\t\n"},
	} {
		as := csv.Encoding(tc.o)
		if got := string(as.Append(nil, &r)); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

// A row whose only cell is empty is one to readers that pass over empty lines.
func TestARowIsNoEmptyLine(t *testing.T) {
	as := csv.Encoding(csv.Options{Columns: csv.Columns("title")})
	text := as.Append(as.Append(as.Header, &output.Record{}), &output.Record{Title: "x"})
	if got, want := string(text), "title\r\n\"\"\r\nx\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A table is as safe to look at as JSON is, and NUL is none to readers that refuse
// a file for it.
func TestControlCharacters(t *testing.T) {
	as := csv.Encoding(csv.Options{Columns: csv.Columns("title", "data.p"), Raw: true})
	r := output.Record{Title: "\x1b[31m a\u009bb\x00\x7f\té", Data: json.RawMessage(`{"p":["\u001b]0;x\u0007"]}`)}
	if got, want := string(as.Append(nil, &r)), "\"\\u001b[31m a\\u009bb\\u0000\\u007f\té\",\"[\"\"\\u001b]0;x\\u0007\"\"]\"\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A name may have dots of its own, as --meta dc.title has.
func TestNamesWithDots(t *testing.T) {
	as := csv.Encoding(csv.Options{Columns: csv.Columns("data.dc.title", "data.dc", "data.a.b")})
	r := output.Record{Data: json.RawMessage(`{"dc.title":"x","dc":{"title":"y"},"a":{"b":"z"}}`)}
	if got, want := string(as.Append(nil, &r)), "x,\"{\"\"title\"\":\"\"y\"\"}\",z\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What --select makes need not be an object: the values of an array are the
// columns', a value alone the first's.
func TestShapes(t *testing.T) {
	as := csv.Encoding(csv.Options{Columns: csv.Columns("url", "status")})
	for shape, want := range map[string]string{
		`["http://a/",200]`:          "http://a/,200\r\n",
		`["http://a/"]`:              "http://a/,\r\n",
		`["http://a/",200,"more"]`:   "http://a/,200\r\n",
		`"http://a/"`:                "http://a/,\r\n",
		`null`:                       ",\r\n",
		`{"status":200,"url":["a"]}`: "\"[\"\"a\"\"]\",200\r\n",
	} {
		r := output.Record{URL: "http://b/", Status: 404, Shape: json.RawMessage(shape)}
		if got := string(as.Append(nil, &r)); got != want {
			t.Errorf("%s: %q, want %q", shape, got, want)
		}
	}
}

// The header is there once, in a file that is written to twice too, and a file
// with other columns is not written to.
func TestHeaderOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.csv")
	as := csv.Encoding(csv.Options{Columns: csv.Columns("url", "status")})
	var mark output.Mark
	for range 2 {
		s := open(t, name, jsonl.Options{Mode: jsonl.Append, As: as})
		must(t, s.Write(t.Context(), &output.Record{URL: "http://a/", Status: 200}))
		var err error
		mark, err = s.Flush(t.Context())
		must(t, err)
		must(t, s.Close())
	}
	if got, want := get(t, name), "url,status\r\nhttp://a/,200\r\nhttp://a/,200\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, to := range []output.Mark{"", mark} { // a crawl that goes on with other fields, too
		s := open(t, name, jsonl.Options{Mode: jsonl.Append, As: csv.Encoding(csv.Options{Columns: csv.Columns("url", "title")})})
		if err := s.Rewind(t.Context(), to); err == nil || !strings.Contains(err.Error(), `its header is "url,status`) {
			t.Errorf("other columns, from %q: %v", to, err)
		}
		must(t, s.Close())
	}
}

func open(t testing.TB, name string, o jsonl.Options) output.Sink {
	t.Helper()
	s, err := jsonl.Open(name, o)
	must(t, err)
	return s
}

// decode reads a table back: each row becomes a JSON record.
func decode(t testing.TB, text string, o csv.Options) (all []output.Record) {
	t.Helper()
	types := make(map[string]string)
	for _, f := range output.Fields() {
		types[f.Name] = f.Type
	}
	comma := byte(',')
	if o.Tabs {
		comma = '\t'
	}
	for i, row := range rows(text, comma) {
		if i == 0 || len(row) == 1 && o.Columns[0].Name == row[0] {
			continue
		}
		if row[0] == o.Columns[0].Name { // the header, once more down a pipe
			continue
		}
		object := make(map[string]json.RawMessage)
		for j, cell := range row {
			if cell == "" {
				continue
			}
			object[o.Columns[j].Name] = json.RawMessage(cell)
			if types[o.Columns[j].Name] == "string" {
				quoted, err := json.Marshal(control.ReplaceAllStringFunc(cell, func(escape string) string {
					code, err := strconv.ParseUint(escape[len(`\u`):], 16, 16)
					must(t, err)
					return string(rune(code))
				}))
				must(t, err)
				object[o.Columns[j].Name] = quoted
			}
		}
		// In the order of fields, as raw members keep the bytes they came with.
		line, err := json.Marshal(object)
		must(t, err)
		r, err := outputtest.Decode(line)
		must(t, err)
		all = append(all, r)
	}
	return all
}

// control is what a control character is in a cell.
var control = regexp.MustCompile(`\\u00(?:[01][0-9a-f]|7f|[89][0-9a-f])`)

// rows reads RFC 4180 as it is: encoding/csv makes \r\n in a cell \n.
func rows(text string, comma byte) (all [][]string) {
	var row []string
	var cell strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"' && quoted && i+1 < len(text) && text[i+1] == '"':
			cell.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
			cell.WriteByte(c)
		case c == comma || c == '\n':
			row = append(row, cell.String())
			cell.Reset()
			if c == '\n' {
				all, row = append(all, row), nil
			}
		case c != '\r':
			cell.WriteByte(c)
		}
	}
	return all
}

func get(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}

func put(t testing.TB, name, content string) {
	t.Helper()
	must(t, os.WriteFile(name, []byte(content), 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
