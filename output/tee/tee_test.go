package tee_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/output/outputtest"
	"github.com/trawl-crawler/trawl/output/tee"
)

func TestSuite(t *testing.T) {
	outputtest.Run(t, func(t testing.TB) outputtest.Place { return place(t.TempDir()) })
}

// place is a directory with two files, of which one has the pages and the
// other everything else.
func place(dir string) outputtest.Place {
	pages, rest := filepath.Join(dir, "pages.jsonl"), filepath.Join(dir, "rest.jsonl")
	each := func(t testing.TB, change func(string) string) {
		for _, name := range []string{pages, rest} {
			put(t, name, change(get(t, name)))
		}
	}
	return outputtest.Place{
		Open: func(t testing.TB) output.Sink {
			return tee.New(
				tee.Branch{Sink: open(t, pages), Keep: output.EmitPages.Wants},
				tee.Branch{Sink: open(t, rest), Keep: (output.EmitErrors | output.EmitSkipped | output.EmitItems).Wants},
			)
		},
		Read: func(t testing.TB) []output.Record {
			all := append(decode(t, get(t, pages)), decode(t, get(t, rest))...)
			slices.SortStableFunc(all, func(a, b output.Record) int { return number(a) - number(b) })
			return all
		},
		Clone: func(t testing.TB) outputtest.Place {
			dup := t.TempDir()
			if err := os.CopyFS(dup, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			return place(dup)
		},
		Tear:    func(t testing.TB) { each(t, func(s string) string { return s + `{"ur` }) },
		Spoil:   func(t testing.TB) { each(t, strings.ToUpper) },
		Shorten: func(t testing.TB) { each(t, func(s string) string { return strings.TrimSuffix(s, "\n") }) },
	}
}

// number is the place of a record of the suite in what was written: its URL
// ends with it.
func number(r output.Record) int {
	n := 0
	for _, c := range r.URL[strings.LastIndexByte(r.URL, '/')+1:] {
		n = n*10 + int(c-'0')
	}
	return n
}

// TestPipeBesideFile: the file is rewound though the pipe cannot be, and the
// caller learns that some records come twice.
func TestPipeBesideFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.jsonl")
	var pipe bytes.Buffer
	start := func(m output.Mark) (*tee.Sink, error) {
		s := tee.New(tee.Branch{Sink: jsonl.NewStream(&pipe, 0)}, tee.Branch{Sink: open(t, name)})
		return s, s.Rewind(t.Context(), m)
	}
	records := outputtest.Records(2)

	s, err := start("")
	must(t, err)
	must(t, s.Write(t.Context(), &records[0]))
	mark, err := s.Flush(t.Context())
	must(t, err)
	must(t, s.Write(t.Context(), &records[1]))
	must(t, s.Close())

	s, err = start(mark)
	if !errors.Is(err, output.ErrNoRewind) {
		t.Errorf("Rewind: %v, want ErrNoRewind", err)
	}
	must(t, s.Write(t.Context(), &records[1]))
	must(t, s.Close())
	if n := len(decode(t, get(t, name))); n != 2 {
		t.Errorf("the file has %d records, want each once", n)
	}
	if n := len(decode(t, pipe.String())); n != 3 {
		t.Errorf("the pipe got %d records, want one of the two again", n)
	}
}

func TestOtherOutputsThanBefore(t *testing.T) {
	s := tee.New(tee.Branch{Sink: jsonl.NewStream(&bytes.Buffer{}, 0)})
	for _, m := range []output.Mark{`["1","2"]`, `[]`, `17`, `12:00`, `null`} {
		if err := s.Rewind(t.Context(), m); !errors.Is(err, output.ErrForeign) {
			t.Errorf("Rewind(%q): %v, want ErrForeign", m, err)
		}
	}
}

// TestOneBranchFails: the others are flushed and closed all the same.
func TestOneBranchFails(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.jsonl")
	s := tee.New(tee.Branch{Sink: broken{}}, tee.Branch{Sink: open(t, name)})
	if err := s.Write(t.Context(), &output.Record{Outcome: output.Fetched}); !errors.Is(err, syscall.EIO) {
		t.Errorf("Write: %v, want EIO", err)
	}
	if m, err := s.Flush(t.Context()); !errors.Is(err, syscall.EIO) || m != "" {
		t.Errorf("Flush = %q, %v, want EIO", m, err)
	}
	if err := s.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("Close: %v, want EIO", err)
	}
	must(t, open(t, name).Close()) // which its lock forbade, were it open still
}

type broken struct{ output.Sink }

func (broken) Write(context.Context, *output.Record) error { return syscall.EIO }
func (broken) Flush(context.Context) (output.Mark, error)  { return "", syscall.EIO }
func (broken) Close() error                                { return syscall.EIO }

func open(t testing.TB, name string) output.Sink {
	t.Helper()
	s, err := jsonl.Open(name, jsonl.Options{Mode: jsonl.Append})
	must(t, err)
	return s
}

func decode(t testing.TB, text string) []output.Record {
	t.Helper()
	var all []output.Record
	for line := range strings.Lines(text) {
		r, err := outputtest.Decode([]byte(line))
		must(t, err)
		all = append(all, r)
	}
	return all
}

func get(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	must(t, err)
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
