package rotate_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/output/outputtest"
	"github.com/trawl-crawler/trawl/output/rotate"
)

func open(path string) (output.Sink, error) {
	return jsonl.Open(path, jsonl.Options{Mode: jsonl.Append})
}

func TestSuite(t *testing.T) {
	for name, when := range map[string]rotate.When{
		"a file a flush": {Size: 1},
		"a few files":    {Size: 2000},
		"one file":       {Size: 1 << 30},
	} {
		t.Run(name, func(t *testing.T) {
			outputtest.Run(t, func(t testing.TB) outputtest.Place { return place(t.TempDir(), when) })
		})
	}
}

func place(dir string, when rotate.When) outputtest.Place {
	edit := func(t testing.TB, change func(string) string) {
		files := list(t, dir)
		name := filepath.Join(dir, files[len(files)-1])
		must(t, os.WriteFile(name, []byte(change(get(t, name))), 0o666))
	}
	return outputtest.Place{
		Open: func(testing.TB) output.Sink { return rotate.New(filepath.Join(dir, "pages.jsonl"), when, open) },
		Read: func(t testing.TB) (all []output.Record) {
			for _, name := range list(t, dir) {
				for line := range bytes.Lines([]byte(get(t, filepath.Join(dir, name)))) {
					r, err := outputtest.Decode(line)
					must(t, err)
					all = append(all, r)
				}
			}
			return all
		},
		Clone: func(t testing.TB) outputtest.Place {
			dup := t.TempDir()
			must(t, os.CopyFS(dup+"/copy", os.DirFS(dir)))
			return place(dup+"/copy", when)
		},
		Tear:    func(t testing.TB) { edit(t, func(s string) string { return s + `{"url":"https://exam` }) },
		Spoil:   func(t testing.TB) { edit(t, strings.ToUpper) },
		Shorten: func(t testing.TB) { edit(t, func(s string) string { return strings.TrimSuffix(s, "\n") }) },
	}
}

// A file without .part is complete, and nothing that is dropped later was ever
// in it: whoever ships files has shipped no record twice.
func TestClosedFilesAreComplete(t *testing.T) {
	dir := t.TempDir()
	shipped, all := 0, outputtest.Records(200)
	ship := func() {
		for _, name := range list(t, dir) {
			if path := filepath.Join(dir, name); !strings.HasSuffix(name, ".part") {
				shipped += strings.Count(get(t, path), "\n")
				must(t, os.Remove(path))
			}
		}
	}
	mark := output.Mark("")
	for done := 0; done < len(all); {
		s := rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{Size: 3000}, open)
		must(t, s.Rewind(t.Context(), mark))
		for i := range 3 { // the last step is never committed
			for j := range 11 {
				if done+j < len(all) {
					must(t, s.Write(t.Context(), &all[done+j]))
				}
			}
			ship()
			if i < 2 {
				var err error
				mark, err = s.Flush(t.Context())
				must(t, err)
				done = min(done+11, len(all))
			}
		}
		must(t, s.Close())
		ship()
	}
	s := rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{}, open)
	must(t, s.Rewind(t.Context(), mark))
	must(t, s.Close())
	ship()
	if shipped != len(all) {
		t.Errorf("%d records were shipped, want %d", shipped, len(all))
	}
}

// What another crawl left open is its own, and stays.
func TestAnOpenFileOfAnotherCrawlStays(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "pages-20260101T000000Z-0007.jsonl.part")
	must(t, os.WriteFile(other, []byte("{}\n"), 0o666))
	mark := output.Mark("")
	for range 2 { // the first run ends before it commits a record
		s := rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{}, open)
		must(t, s.Rewind(t.Context(), mark))
		var err error
		mark, err = s.Flush(t.Context())
		must(t, err)
		must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
		must(t, s.Close())
	}
	if files := list(t, dir); len(files) != 2 || filepath.Join(dir, files[0]) != other {
		t.Errorf("files %v, want that of the other crawl and one of ours", files)
	}
}

// … also what was begun after ours, be its crawl killed or at work; what no crawl
// has committed is dropped.
func TestALaterFileOfAnotherCrawlStays(t *testing.T) {
	dir := t.TempDir()
	begin := func(mark output.Mark) *rotate.Sink {
		s := rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{}, open)
		must(t, s.Rewind(t.Context(), mark))
		must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
		return s
	}
	commit := func(s *rotate.Sink) output.Mark {
		mark, err := s.Flush(t.Context())
		must(t, err)
		must(t, s.Write(t.Context(), &output.Record{URL: "http://b/"}))
		return mark
	}
	ours, killed, working := begin(""), begin(""), begin("")
	mark, other := commit(ours), commit(killed)
	for _, s := range []*rotate.Sink{ours, killed, begin("")} {
		must(t, s.Close()) // but for the lock, as if it was killed: its last records are not committed
	}
	before := list(t, dir)
	must(t, begin(mark).Close())
	if after := list(t, dir); len(before) != 4 || !slices.Equal(after, before[:3]) {
		t.Errorf("files %v, and %v before; want all but the last, of which nothing was committed", after, before)
	}
	commit(working)
	must(t, working.Close())
	s := begin(other)
	must(t, s.Close())
	if text := get(t, filepath.Join(dir, list(t, dir)[1])); strings.Count(text, "\n") != 2 {
		t.Errorf("the other crawl goes on in a file of %q, want the record that it had committed and another", text)
	}
}

// A complete file belongs to whoever it is for: the crawl goes on whatever was
// done to it, and does nothing to it itself.
func TestACompleteFileIsNotTouched(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"as it was": func(string) error { return nil },
		"emptied":   func(path string) error { return os.Truncate(path, 0) },
		"no file":   func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o777)) },
		"locked": func(path string) error {
			other, err := open(path)
			t.Cleanup(func() { other.Close() })
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			begin := func(mark output.Mark) output.Sink {
				s := rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{Size: 1}, open)
				must(t, s.Rewind(t.Context(), mark))
				must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
				return s
			}
			s := begin("")
			first, err := s.Flush(t.Context())
			must(t, err)
			must(t, s.Write(t.Context(), &output.Record{URL: "http://b/"})) // what completes the first
			must(t, s.Close())
			complete := filepath.Join(dir, list(t, dir)[0])
			must(t, change(complete))
			before, err := os.Stat(complete)
			must(t, err)
			must(t, begin(first).Close())
			after, err := os.Stat(complete)
			must(t, err)
			if after.Size() != before.Size() || after.ModTime() != before.ModTime() {
				t.Errorf("it has %d bytes, and had %d", after.Size(), before.Size())
			}
		})
	}
}

// The state of a crawl may be put back from a copy; what was shipped may not.
func TestACompleteFileIsNotCutToAnOldMark(t *testing.T) {
	dir := t.TempDir()
	s := rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{}, open)
	must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
	old, err := s.Flush(t.Context())
	must(t, err)
	must(t, s.Write(t.Context(), &output.Record{URL: "http://b/"}))
	_, err = s.Flush(t.Context())
	must(t, err)
	_, err = s.Flush(t.Context()) // the mark was kept
	must(t, err)
	must(t, s.Close())
	s = rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{}, open)
	must(t, s.Rewind(t.Context(), old))
	must(t, s.Close())
	if text := get(t, filepath.Join(dir, list(t, dir)[0])); !strings.Contains(text, "http://b/") {
		t.Errorf("the complete file was cut to %q", text)
	}
}

// A file's name says what it is of, and begins with no hyphen.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"pages.jsonl": `^pages-\d{8}T\d{6}Z-0001\.jsonl$`, "pages": `^pages-\d{8}T\d{6}Z-0001$`, ".pages": `^\.pages-\d{8}T\d{6}Z-0001$`,
	} {
		dir := t.TempDir()
		s := rotate.New(filepath.Join(dir, name), rotate.When{}, open)
		must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
		must(t, s.Close())
		if got := list(t, dir); len(got) != 1 || !regexp.MustCompile(want).MatchString(strings.TrimSuffix(got[0], ".new.part")) {
			t.Errorf("%s: %q, want %s", name, got, want)
		}
	}
}

func TestFilesByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := rotate.New(filepath.Join(dir, "pages.jsonl"), rotate.When{Every: time.Hour}, open)
		for range 5 {
			must(t, s.Write(t.Context(), &output.Record{URL: "http://a/"}))
			_, err := s.Flush(t.Context())
			must(t, err)
			<-time.After(30 * time.Minute)
		}
		got := list(t, dir)
		must(t, s.Close())
		want := []string{"pages-20000101T000000Z-0001.jsonl", "pages-20000101T013000Z-0002.jsonl.part"}
		if !slices.Equal(got, want) {
			t.Errorf("files %v, want %v", got, want)
		}
	})
}

func list(t testing.TB, dir string) (files []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		files = append(files, e.Name())
	}
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(number(a), number(b)) })
	return files
}

func number(name string) string { return strings.Split(name, "-")[2][:4] }

func get(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	must(t, err)
	return string(text)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
