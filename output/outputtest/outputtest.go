// Package outputtest is the one suite that every output.Sink must pass,
// crashes and rewinds included.
package outputtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A Place is somewhere a sink keeps records, seen from outside: a file, a
// table, a buffer behind a pipe.
type Place struct {
	// Open opens a sink on the place as it is, keeping what is there.
	Open func(testing.TB) output.Sink

	// Read is what a reader finds there now.
	Read func(testing.TB) []output.Record

	// Clone is a copy of the place as it is now, which is what a process that
	// is killed at this point leaves. Nil when the sink cannot be rewound (a
	// pipe): then the suite asks for ErrNoRewind, and the rest is not called.
	Clone func(testing.TB) Place

	// Tear leaves half a record at the end, as a write cut short does.
	Tear func(testing.TB)

	// Spoil puts something else of the same size in place of the content.
	Spoil func(testing.TB)

	// Shorten takes a little off the end.
	Shorten func(testing.TB)
}

// Run runs the suite, each part on a new and empty place.
func Run(t *testing.T, place func(testing.TB) Place) {
	parts := []struct {
		name string
		run  func(*testing.T, Place)
	}{
		{"records come back equal and in order", inOrder},
		{"a mark is never zero", markNeverZero},
		{"nothing written is nothing there", empty},
		{"flushed is readable", flushed},
	}
	if place(t).Clone == nil {
		parts = append(parts, struct {
			name string
			run  func(*testing.T, Place)
		}{"rewind is refused", noRewind})
	} else {
		parts = append(parts, rewinding...)
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) { p.run(t, place(t)) })
	}
}

var rewinding = []struct {
	name string
	run  func(*testing.T, Place)
}{
	{"crash at any point, rewind, go on", crashes},
	{"crash before the first commit", crashAtOnce},
	{"rewind twice to one mark", rewindTwice},
	{"marks survive a close", afterClose},
	{"changed content is foreign", spoiled},
	{"shortened content is foreign", shortened},
	{"another sink's mark is foreign", foreignMark},
}

func inOrder(t *testing.T, p Place) {
	want := Records(500)
	s := start(t, p, "")
	write(t, s, want)
	closeSink(t, s)
	same(t, p.Read(t), want)
}

func markNeverZero(t *testing.T, p Place) {
	s := start(t, p, "")
	if m := flush(t, s); m == "" {
		t.Error("Flush before the first record gave the zero mark: it would be rewound to the beginning of whatever is there")
	}
	closeSink(t, s)
}

func empty(t *testing.T, p Place) {
	s := start(t, p, "")
	flush(t, s)
	closeSink(t, s)
	same(t, p.Read(t), nil)
}

func flushed(t *testing.T, p Place) {
	want := Records(30)
	s := start(t, p, "")
	write(t, s, want[:10])
	first := flush(t, s)
	same(t, p.Read(t), want[:10])
	if again := flush(t, s); again != first {
		t.Errorf("Flush with nothing new gave the mark %q, before it %q", again, first)
	}
	write(t, s, want[10:])
	if second := flush(t, s); second == first {
		t.Errorf("Flush after new records gave the same mark %q", second)
	}
	same(t, p.Read(t), want)
	closeSink(t, s)
}

func noRewind(t *testing.T, p Place) {
	s := start(t, p, "")
	write(t, s, Records(1))
	m := flush(t, s)
	closeSink(t, s)

	s = p.Open(t)
	if err := s.Rewind(t.Context(), m); !errors.Is(err, output.ErrNoRewind) {
		t.Errorf("Rewind(%q) = %v, want ErrNoRewind", m, err)
	}
	write(t, s, Records(1)) // and it goes on all the same
	closeSink(t, s)
	same(t, p.Read(t), append(Records(1), Records(1)...))
}

// crashes kills the writer after each step of a small crawl, with and without
// a torn record at the end, and goes on from the last mark: each record must
// be there once.
func crashes(t *testing.T, p Place) {
	want := Records(16)
	s := start(t, p, "")
	defer closeSink(t, s)
	mark, safe := flush(t, s), 0
	for at := range want {
		write(t, s, want[at:at+1])
		if at%5 == 3 {
			mark, safe = flush(t, s), at+1
		}
		for _, torn := range []bool{false, true} {
			after := p.Clone(t)
			if torn {
				after.Tear(t)
			}
			s := start(t, after, mark)
			flush(t, s)
			same(t, after.Read(t), want[:safe])
			write(t, s, want[safe:])
			closeSink(t, s)
			same(t, after.Read(t), want)
		}
	}
}

// crashAtOnce: the mark is taken before anything is written, so what a crash
// leaves before the first commit is dropped too.
func crashAtOnce(t *testing.T, p Place) {
	s := start(t, p, "")
	mark := flush(t, s)
	write(t, s, Records(3000))
	closeSink(t, s)

	s = start(t, p, mark)
	flush(t, s)
	same(t, p.Read(t), nil)
	closeSink(t, s)
}

func rewindTwice(t *testing.T, p Place) {
	want := Records(20)
	s := start(t, p, "")
	write(t, s, want[:5])
	mark := flush(t, s)
	write(t, s, want[5:])
	closeSink(t, s)
	for range 2 {
		s := start(t, p, mark)
		flush(t, s)
		same(t, p.Read(t), want[:5])
		write(t, s, want[5:])
		closeSink(t, s)
		same(t, p.Read(t), want)
	}
}

func afterClose(t *testing.T, p Place) {
	want := Records(50)
	mark := output.Mark("")
	for i := 0; i < len(want); i += 10 {
		s := start(t, p, mark)
		write(t, s, want[i:i+10])
		mark = flush(t, s)
		closeSink(t, s)
	}
	same(t, p.Read(t), want)
}

func spoiled(t *testing.T, p Place) {
	mark := filled(t, p)
	p.Spoil(t)
	refused(t, p, mark)
}

func shortened(t *testing.T, p Place) {
	mark := filled(t, p)
	p.Shorten(t)
	refused(t, p, mark)
}

func foreignMark(t *testing.T, p Place) {
	filled(t, p)
	before := p.Read(t)
	for _, mark := range []output.Mark{"17", "nonsense", "-5:00", ":"} {
		refused(t, p, mark)
	}
	same(t, p.Read(t), before)
}

func filled(t *testing.T, p Place) output.Mark {
	t.Helper()
	s := start(t, p, "")
	write(t, s, Records(10))
	mark := flush(t, s)
	closeSink(t, s)
	return mark
}

func refused(t *testing.T, p Place, mark output.Mark) {
	t.Helper()
	s := p.Open(t)
	if err := s.Rewind(t.Context(), mark); !errors.Is(err, output.ErrForeign) {
		t.Errorf("Rewind(%q) = %v, want ErrForeign", mark, err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close after a refused Rewind: %v", err)
	}
}

func start(t *testing.T, p Place, mark output.Mark) output.Sink {
	t.Helper()
	s := p.Open(t)
	if err := s.Rewind(t.Context(), mark); err != nil {
		t.Fatalf("Rewind(%q): %v", mark, err)
	}
	return s
}

func write(t *testing.T, s output.Sink, records []output.Record) {
	t.Helper()
	for i := range records {
		if err := s.Write(t.Context(), &records[i]); err != nil {
			t.Fatalf("Write: %v", err)
		}
	}
}

func flush(t *testing.T, s output.Sink) output.Mark {
	t.Helper()
	m, err := s.Flush(t.Context())
	if err != nil {
		t.Fatalf("Flush: %v", err)
	}
	return m
}

func closeSink(t *testing.T, s output.Sink) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func same(t *testing.T, got, want []output.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records there, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("record %d is\n%+v\nwant\n%+v", i, got[i], want[i])
		}
	}
}

// Records are n records that differ, of every outcome and with every field
// now and then, some of them awkward. They hold nothing that a record loses
// on its way through JSON.
func Records(n int) []output.Record {
	all := make([]output.Record, n)
	for i := range all {
		r := &all[i]
		r.URL = fmt.Sprintf("https://example.org/page/%d", i)
		r.Depth = i % 4
		r.Seed = "https://example.org/"
		switch i % 6 {
		case 5:
			*r = output.Record{URL: r.URL, Type: output.TypeItem, Recipe: "shop", Item: "product"}
			r.Data = json.RawMessage(`{"name":"Näme \u001b[31m\u007f 🦀","price":1.50,"tags":["a","b"],"seller":{"name":"=1+1"}}`)
			r.Errors = json.RawMessage(`[{"field":"x","kind":"missing","message":"nothing found"}]`)
		case 0:
			r.Outcome = output.Skipped
			r.Skip = &output.Skip{Rule: "robots", Detail: "Disallow: /page/*\t# no"}
		case 1:
			r.Outcome = output.Failed
			r.Attempts = 3
			r.Error = &output.Error{Kind: "timeout", Message: "no answer in 30s: \"https://example.org/\"\n"}
		default:
			fill(r, i)
		}
	}
	return all
}

func fill(r *output.Record, i int) {
	r.Outcome, r.Status = output.Fetched, 200
	r.Via = "https://example.org/?a=1&b=<2>"
	r.FetchedAt = time.Date(2026, 3, 1, 12, 0, i%60, 7e6, time.UTC)
	r.Elapsed = time.Duration(i) * time.Millisecond
	r.Attempts, r.IP, r.Protocol = 1, "2001:db8::1", "HTTP/2.0"
	r.ContentType, r.Charset, r.CharsetFrom = "text/html; charset=utf-8", "utf-8", "header"
	r.Bytes = int64(i * 1000)
	if r.Truncated = i%7 == 0; r.Truncated {
		r.Limits = []string{"ratio", "links"}
	}
	r.SHA256 = fmt.Sprintf("%064x", i)
	r.ETag, r.LastModified = `W/"5e1"`, "Sun, 01 Mar 2026 11:59:00 GMT"
	r.Title = "Näytä \\ \u0000\u001b[31m\u007f\u009b \u2028\u202e 日本語 🦀"
	r.Description, r.Canonical, r.Lang, r.Robots = "a 'b' \"c\"", r.URL, "en", "noindex"
	r.Data, r.Structured, r.Article = json.RawMessage(`{"a":1}`), json.RawMessage(`{"json_ld":[{"@type":"Thing"}]}`), json.RawMessage(`{"title":"t"}`)
	r.Text, r.Markdown, r.HTML = "one\n\ntwo", "# one\n\ntwo", "<h1>one</h1>\r\n"
	r.Headers = json.RawMessage(`{"Content-Type":["text/html"],"X-A":["1","2"]}`)
	r.Links = make([]link.Link, 0, i%33)
	for j := range i % 33 {
		r.Links = append(r.Links, link.Link{URL: weburl.FromCanonical(fmt.Sprintf("https://example.org/page/%d?x=%d", i, j))})
	}
}
