package jsonl_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/output/outputtest"
)

func TestFile(t *testing.T) {
	outputtest.Run(t, func(t testing.TB) outputtest.Place {
		return filePlace(filepath.Join(t.TempDir(), "out.jsonl"))
	})
}

// TestFileAppending runs the suite behind a record that is there already, and
// must be there in the end.
func TestFileAppending(t *testing.T) {
	outputtest.Run(t, func(t testing.TB) outputtest.Place {
		name := filepath.Join(t.TempDir(), "out.jsonl")
		put(t, name, `{"title":"old","depth":0}`+"\n")
		return behindOld(filePlace(name))
	})
}

// behindOld is p without its first record, which is the old one.
func behindOld(p outputtest.Place) outputtest.Place {
	read, clone := p.Read, p.Clone
	p.Read = func(t testing.TB) []output.Record {
		all := read(t)
		if len(all) == 0 || all[0].Title != "old" {
			t.Fatalf("the old record is gone; there are %d", len(all))
		}
		return all[1:]
	}
	p.Clone = func(t testing.TB) outputtest.Place { return behindOld(clone(t)) }
	return p
}

func TestStream(t *testing.T) {
	outputtest.Run(t, func(testing.TB) outputtest.Place {
		var pipe bytes.Buffer
		return outputtest.Place{
			Open: func(testing.TB) output.Sink { return jsonl.NewStream(&pipe, 0) },
			Read: func(t testing.TB) []output.Record { return decode(t, pipe.Bytes()) },
		}
	})
}

func filePlace(name string) outputtest.Place {
	return outputtest.Place{
		Open: func(t testing.TB) output.Sink { return open(t, name, jsonl.Options{Mode: jsonl.Append}) },
		Read: func(t testing.TB) []output.Record { return decode(t, []byte(get(t, name))) },
		Clone: func(t testing.TB) outputtest.Place {
			dup := filepath.Join(t.TempDir(), "clone.jsonl")
			put(t, dup, get(t, name))
			return filePlace(dup)
		},
		Tear:    func(t testing.TB) { put(t, name, get(t, name)+`{"url":"https://exam`) },
		Spoil:   func(t testing.TB) { put(t, name, strings.ToUpper(get(t, name))) },
		Shorten: func(t testing.TB) { put(t, name, strings.TrimSuffix(get(t, name), "\n")) },
	}
}

func TestModes(t *testing.T) {
	const old, torn = "{\"depth\":7}\n", `{"depth":`
	const page = `{"url":"http://a/","depth":0}` + "\n"
	for _, tc := range []struct {
		name, before string
		mode         jsonl.Mode
		want         string
	}{
		{"create, nothing there", "", jsonl.Create, page},
		{"append, nothing there", "", jsonl.Append, page},
		{"append", old, jsonl.Append, old + page},
		{"append behind a line without an end", torn, jsonl.Append, torn + "\n" + page},
		{"overwrite", old, jsonl.Overwrite, page},
		{"overwrite what is longer", strings.Repeat(old, 99), jsonl.Overwrite, page},
	} {
		for _, rewind := range []bool{true, false} {
			name := filepath.Join(t.TempDir(), "out.jsonl")
			if tc.before != "" {
				put(t, name, tc.before)
			}
			s := open(t, name, jsonl.Options{Mode: tc.mode})
			if got := get(t, name); got != tc.before {
				t.Errorf("%s: Open alone changed the file to %q", tc.name, got)
			}
			if rewind {
				must(t, s.Rewind(t.Context(), ""))
			}
			must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
			must(t, s.Close())
			if got := get(t, name); got != tc.want {
				t.Errorf("%s: the file holds %q, want %q", tc.name, got, tc.want)
			}
		}
	}
}

// TestOpenIsNotTheBeginning: a command that fails after opening its output,
// on a bad seed for instance, has cost nothing.
func TestOpenIsNotTheBeginning(t *testing.T) {
	for _, mode := range []jsonl.Mode{jsonl.Append, jsonl.Overwrite} {
		name := filepath.Join(t.TempDir(), "out.jsonl")
		put(t, name, "precious")
		must(t, open(t, name, jsonl.Options{Mode: mode}).Close())
		if got := get(t, name); got != "precious" {
			t.Errorf("mode %d: the file holds %q", mode, got)
		}
	}
}

// What another program does to the file while it is written is not written over,
// and leaves no hole in it.
func TestAFileThatAnotherProgramChanges(t *testing.T) {
	const page = `{"url":"http://a/","depth":0}` + "\n"
	for _, now := range []string{"", page + "another's\n"} {
		name := filepath.Join(t.TempDir(), "out.jsonl")
		s := open(t, name, jsonl.Options{})
		must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
		_, err := s.Flush(t.Context())
		must(t, err)
		put(t, name, now)
		must(t, s.Write(t.Context(), &output.Record{URL: "http://b/"}))
		want := fmt.Sprintf("it has %d bytes, and had %d", len(now), len(page))
		if _, err := s.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Flush of a file of %q: %v, want that %s", now, err, want)
		}
		must(t, s.Close())
		if got := get(t, name); got != now {
			t.Errorf("the file holds %q, want %q", got, now)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	full := filepath.Join(dir, "full.jsonl")
	put(t, full, "12345")
	for _, tc := range []struct {
		name, path string
		is         error
		says       string
	}{
		{"not empty", full, output.ErrNotEmpty, `holds 5 bytes: the output is not empty; say --append to write behind them or --overwrite to replace them`},
		{"no name", "", nil, `output "": name a file, or say -`},
		{"a directory", dir, nil, `is a directory: name a file in it`},
		{"no directory", filepath.Join(dir, "no", "out"), fs.ErrNotExist, `no such file or directory: make its directory first`},
		{"a file for a directory", filepath.Join(full, "out"), syscall.ENOTDIR, `cannot be opened: not a directory`},
	} {
		s, err := jsonl.Open(tc.path, jsonl.Options{})
		if err == nil {
			s.Close()
			t.Errorf("%s: opened", tc.name)
			continue
		}
		if tc.is != nil && !errors.Is(err, tc.is) {
			t.Errorf("%s: %v is not %v", tc.name, err, tc.is)
		}
		if !strings.Contains(err.Error(), tc.path) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v, want the path and %q", tc.name, err, tc.says)
		}
	}
	if got := get(t, full); got != "12345" {
		t.Errorf("a refused file holds %q", got)
	}
}

func TestForeignFileIsLeftAsItIs(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.jsonl")
	s := open(t, name, jsonl.Options{})
	must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
	mark, err := s.Flush(t.Context())
	must(t, err)
	must(t, s.Close())

	for _, tc := range []struct{ other, why string }{
		{"", "it has 0 bytes, and had 30"},
		{"short", "it has 5 bytes, and had 30"},
		{strings.Repeat("another file, and longer\n", 99), "what is before byte 30 has changed"},
	} {
		other := tc.other
		put(t, name, other)
		for _, mode := range []jsonl.Mode{jsonl.Append, jsonl.Overwrite} {
			s := open(t, name, jsonl.Options{Mode: mode})
			err := s.Rewind(t.Context(), mark)
			if !errors.Is(err, output.ErrForeign) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), tc.why) {
				t.Errorf("Rewind of %.9q: %v, want ErrForeign with the file's name and %q", other, err, tc.why)
			}
			if _, again := s.Flush(t.Context()); again == nil {
				t.Error("it can be flushed all the same")
			}
			must(t, s.Close())
			if get(t, name) != other {
				t.Errorf("the foreign file %.9q was changed", other)
			}
		}
	}
}

// TestMarkSeesTheWindow: a change within the last 64 KiB before the mark is
// seen, and one further up is not, as File.Rewind says.
func TestMarkSeesTheWindow(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.jsonl")
	s := open(t, name, jsonl.Options{})
	for _, r := range outputtest.Records(300) {
		must(t, s.Write(t.Context(), &r))
	}
	mark, err := s.Flush(t.Context())
	must(t, err)
	must(t, s.Close())
	content := get(t, name)

	for _, tc := range []struct {
		back int
		want error
	}{{1, output.ErrForeign}, {64 << 10, output.ErrForeign}, {64<<10 + 1, nil}} {
		changed := []byte(content)
		changed[len(changed)-tc.back] ^= 1
		put(t, name, string(changed))
		s := open(t, name, jsonl.Options{Mode: jsonl.Append})
		if err := s.Rewind(t.Context(), mark); !errors.Is(err, tc.want) {
			t.Errorf("changed %d bytes before the mark: %v, want %v", tc.back, err, tc.want)
		}
		must(t, s.Close())
	}
}

func TestStdout(t *testing.T) {
	var out bytes.Buffer
	s := open(t, "-", jsonl.Options{Stdout: &out, Fields: 1})
	must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
	must(t, s.Close())
	if got := out.String(); got != "{\"url\":\"http://a/\"}\n" {
		t.Errorf("stdout got %q", got)
	}
}

// TestStreamWritesWholeRecords: one call a record, however long, so that a
// reader of a pipe sees lines and not pieces.
func TestStreamWritesWholeRecords(t *testing.T) {
	var calls []string
	s := jsonl.NewStream(writerFunc(func(b []byte) (int, error) {
		calls = append(calls, string(b))
		return len(b), nil
	}), 0)
	records := []output.Record{{URL: "a"}, {Title: strings.Repeat("x", 3<<20)}, {URL: "b"}}
	for i := range records {
		must(t, s.Write(t.Context(), &records[i]))
		if want := string(records[i].AppendJSON(nil, 0)) + "\n"; len(calls) != i+1 || calls[i] != want {
			t.Fatalf("after record %d: %d calls, the last of %d bytes", i, len(calls), len(calls[len(calls)-1]))
		}
	}
}

func TestStreamGoesOnAfterAPartialWrite(t *testing.T) {
	var got bytes.Buffer
	s := jsonl.NewStream(writerFunc(func(b []byte) (int, error) {
		n := min(len(b), 7)
		got.Write(b[:n])
		if n < len(b) {
			return n, io.ErrShortWrite
		}
		return n, nil
	}), 0)
	want := outputtest.Records(20)
	for i := range want {
		must(t, s.Write(t.Context(), &want[i]))
	}
	if n := len(decode(t, got.Bytes())); n != len(want) {
		t.Errorf("%d records, want %d", n, len(want))
	}
}

func TestReaderGone(t *testing.T) {
	r, w, err := os.Pipe()
	must(t, err)
	defer w.Close()
	s := jsonl.NewStream(w, 0)
	must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
	must(t, r.Close())
	for range 2 {
		if err := s.Write(t.Context(), &output.Record{URL: "http://a/"}); !errors.Is(err, output.ErrReaderGone) {
			t.Errorf("Write after the reader left: %v, want ErrReaderGone", err)
		}
	}
	must(t, s.Close())
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func open(t testing.TB, name string, o jsonl.Options) output.Sink {
	t.Helper()
	s, err := jsonl.Open(name, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t testing.TB, text []byte) []output.Record {
	t.Helper()
	if len(text) > 0 && text[len(text)-1] != '\n' {
		t.Fatalf("the last line has no end: %q", text[bytes.LastIndexByte(text, '\n')+1:])
	}
	var all []output.Record
	for line := range bytes.Lines(text) {
		r, err := outputtest.Decode(line)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func get(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
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

// The buffer is empty after the record that fills it: Flush must tell what
// Write has written by then, or a crawl that ends here would cut it off when
// it is taken up again.
func TestFlushBehindAFullBuffer(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "out.jsonl"), jsonl.Options{})
	before, err := s.Flush(t.Context())
	must(t, err)
	must(t, s.Write(t.Context(), &output.Record{Title: strings.Repeat("x", 1<<20)}))
	after, err := s.Flush(t.Context())
	must(t, err)
	if before == after {
		t.Errorf("the mark is %q before and after a record of a mebibyte", before)
	}
	must(t, s.Close())
}
