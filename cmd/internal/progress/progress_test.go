package progress

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	p := picture{
		Stats: frontier.Stats{
			Counts: frontier.Counts{Fetched: 1234, Failed: 1, Queued: 5670, Leased: 8},
			Hosts:  12, Paused: 8, Next: 3 * time.Second,
		},
		rate: 48.25, bytes: 4_300_000, elapsed: 83 * time.Second,
	}
	want := "1,234 pages  5,678 queued  48.2/s  1 error  12 hosts  4.1 MiB  0:01:23  8 hosts paused, next in 3 s"
	if got := p.status(len(want)); got != want {
		t.Errorf("status\n%s\nwant\n%s", got, want)
	}
	for columns, want := range map[int]string{
		len(want) - 1: "1,234 pages  5,678 queued  48.2/s  1 error  12 hosts  0:01:23  8 hosts paused, next in 3 s",
		79:            "1,234 pages  5,678 queued  48.2/s  1 error  8 hosts paused, next in 3 s",
		20:            "1,234 pages  5,678 queued  48.2/s  1 error  8 hosts paused, next in 3 s", // and Draw cuts it
	} {
		if got := p.status(columns); got != want {
			t.Errorf("status in %d columns\n%s\nwant\n%s", columns, got, want)
		}
	}
	p.Paused, p.Next = 0, 0
	if got := p.status(100); !strings.HasSuffix(got, "0:01:23") {
		t.Errorf("status of a crawl that waits for nothing: %s", got)
	}
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	term := &Terminal{w: &screen, width: func() int { return 10 }}
	term.Draw("0123456789")
	term.Draw("0123456789") // as it is: nothing to draw
	if _, err := term.Write([]byte("log\n")); err != nil {
		t.Fatal(err)
	}
	term.Draw("\x1b[2J")
	term.Clear()
	if _, err := term.Write([]byte("end\n")); err != nil {
		t.Fatal(err)
	}
	want := erase + "012345678" + erase + "log\n012345678" + erase + `\x1b[2J` + erase + "end\n"
	if screen.String() != want {
		t.Errorf("screen %q\n  want %q", screen.String(), want)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain text, ünïcode × 3": "plain text, ünïcode × 3",
		"\x1b[31mred\a":           `\x1b[31mred\a`,
		"a\r\nb":                  `a\r\nb`,
		"c1 \u009b0m":             `c1 \u009b0m`,
		"over\u202eride":          `over\u202eride`,
		"bad \xff":                "bad �",
	} {
		if got := Plain(in); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// A server's words must not steer the terminal by way of the log.
func TestLogIsPlain(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var b strings.Builder
		log := NewLog(&b, format, slog.LevelInfo, false)
		New(nil, log, true).Events().Warning("said \x1b[2J", "header", "\x1b[2J", "error", errors.New("\x1b[2J"))
		if b.Len() == 0 || strings.ContainsRune(b.String(), '\x1b') {
			t.Errorf("%s: %q", format, b.String())
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	got := Summary(&crawler.Summary{
		Finish: "max-pages", Elapsed: 12.34, Known: 1234, Fetched: 1200, Failed: 4, Skipped: 20, Left: 10,
		Statuses: map[string]int64{"200": 1100, "404": 10, "301": 90}, Errors: map[string]int64{"timeout": 3, "dns": 1},
		Skips: map[string]int64{"scope": 12, "robots": 8}, Bytes: 12_900_000, Hosts: 2, Sitemaps: 3,
		Slowest: []crawler.HostTime{{Host: "a.test", Requests: 3, Mean: 2345.6}, {Host: "b.test", Requests: 9, Mean: 1.25}},
		Seeds:   crawler.SeedCount{Given: 2, Failed: 1},
	})
	want := `trawl: max-pages after 12.3 s, 97.6 pages/s
  pages     1,234 known = 1,200 fetched + 4 failed + 20 skipped + 10 left
  statuses  200 × 1,100, 301 × 90, 404 × 10
  errors    timeout × 3, dns × 1
  skipped   scope × 12, robots × 8
  bodies    12.3 MiB
  hosts     2; slowest a.test 2.3 s, b.test 1.2 ms
  sitemaps  3 read
  seeds     2 given, 1 failed, 0 denied by robots.txt
`
	if got != want {
		t.Errorf("summary\n%swant\n%s", got, want)
	}
}

// Without a terminal there is a plain line every ten seconds, at --verbose.
func TestLineEveryTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		d := New(nil, NewLog(&b, "text", slog.LevelInfo, false), true)
		d.Events().Started(func() frontier.Stats { return frontier.Stats{Counts: frontier.Counts{Fetched: 7}} })
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		d.Watch(ctx)
		if n := strings.Count(b.String(), "progress pages=7 "); n != 2 {
			t.Errorf("%d lines in 25 s:\n%s", n, b.String())
		}
		if !strings.Contains(b.String(), "per_second=0.7 ") {
			t.Errorf("the first line does not know how fast it went:\n%s", b.String())
		}
	})
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for of := range 101 {
		if got := Percent(float64(of)/100, 0); got != float64(of) {
			t.Errorf("%d of 100 are %v%%", of, got)
		}
	}
	if a, b := Percent(0.9996, 1), Percent(0.9996, 0); a != 99.9 || b != 99 {
		t.Errorf("9996 of 10000 are %v%% and %v%%, want 99.9 and 99", a, b)
	}
}

// A name that several items have is told with theirs, as --fail-on takes it. What
// nothing was asked for was not looked for in vain.
func TestFieldsOfSeveralItems(t *testing.T) {
	t.Parallel()
	h := crawler.Harvested{Items: 3, Fill: []crawler.FieldFill{
		{Recipe: "r", Item: "post", Field: "id", Of: 2, Share: 1}, {Recipe: "r", Item: "post", Field: "title", Of: 2, Share: 0.5},
		{Recipe: "r", Item: "note", Field: "id", Of: 1}, {Recipe: "r", Item: "note", Field: "text"},
	}}
	if got, want := harvested(&h), "3 items, post.id 100%, title 50%, note.id 0%, text of no page"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
