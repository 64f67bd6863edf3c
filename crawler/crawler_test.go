package crawler_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

var update = flag.Bool("update", false, "write the golden files anew")

// web is a Fetcher that asks a fake web without a network, so that a whole
// crawl runs in fake time.
type web struct {
	*fetchtest.Web
	mu      sync.Mutex
	log     []string
	latency time.Duration
	down    map[string]bool // hosts that cannot be reached
}

func (w *web) Fetch(ctx context.Context, req fetch.Request) (*fetch.Page, error) {
	if w.down[req.URL.Host()] {
		return nil, &fetch.Error{Kind: fetch.KindConnect, URL: req.URL, Err: errors.New("connection refused")}
	}
	if req.Started != nil {
		req.Started(time.Now())
	}
	w.mu.Lock()
	w.log = append(w.log, req.URL.String())
	w.mu.Unlock()
	select {
	case <-time.After(cmp.Or(w.latency, time.Millisecond)):
	case <-ctx.Done():
		return nil, &fetch.Error{Kind: fetch.KindCanceled, URL: req.URL, Err: ctx.Err()}
	}
	rec := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(ctx, "GET", req.URL.String(), nil)
	if etag := req.Validators.ETag; etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	w.ServeHTTP(rec, r)
	media, _, _ := strings.Cut(rec.Header().Get("Content-Type"), ";")
	body := rec.Body.Bytes()
	return &fetch.Page{URL: req.URL, Status: rec.Code, Header: rec.Header(), MediaType: media, Body: body, Length: int64(len(body)), FetchedAt: time.Now(), Elapsed: time.Millisecond}, nil
}

// sink remembers records, as short lines, and fails or waits when told to.
type sink struct {
	lines []string
	write func(n int) error // called before the nth record, from 0
	flush func(n int) error // … or behind the nth
	marks int
}

func (s *sink) Rewind(context.Context, output.Mark) error { return nil }
func (s *sink) Write(_ context.Context, r *output.Record) error {
	if s.write != nil {
		if err := s.write(len(s.lines)); err != nil {
			return err
		}
	}
	s.lines = append(s.lines, line(r))
	return nil
}

func (s *sink) Flush(context.Context) (output.Mark, error) {
	if s.flush != nil {
		if err := s.flush(len(s.lines)); err != nil {
			return "", err
		}
	}
	s.marks++
	return output.Mark(fmt.Sprint(len(s.lines))), nil
}
func (s *sink) Close() error { return nil }

// line is a record in the words of a golden file.
func line(r *output.Record) string {
	b := fmt.Sprintf("%s %s", r.Outcome, r.URL)
	if r.Status > 0 {
		b += fmt.Sprintf(" %d", r.Status)
	}
	b += fmt.Sprintf(" depth=%d", r.Depth)
	if r.Attempts > 1 {
		b += fmt.Sprintf(" attempts=%d", r.Attempts)
	}
	for _, f := range [][2]string{{"via", r.Via}, {"to", r.RedirectTo}, {"robots", r.Robots}, {"robots_txt", r.RobotsTxt}} {
		if f[1] != "" {
			b += " " + f[0] + "=" + f[1]
		}
	}
	if r.Error != nil {
		b += " error=" + r.Error.Kind
	}
	if r.Skip != nil {
		b += fmt.Sprintf(" rule=%s (%s)", r.Skip.Rule, r.Skip.Detail)
	}
	return b
}

// options are those of a crawl that wants everything on a site, at once.
func options(w *web, s *sink, seeds ...string) crawler.Options {
	o := crawler.Options{
		Fetcher: w, Store: memory.New(), Sink: s,
		Emit:        output.EmitPages | output.EmitErrors | output.EmitSkipped,
		Robots:      crawler.Robots{Agent: "trawl"},
		Sitemaps:    crawler.Sitemaps{Mode: crawler.SitemapOff},
		Follow:      crawler.Follow{Depth: -1, Redirects: 10},
		Retry:       crawler.Retry{Max: 2, Wait: time.Second},
		Concurrency: 4,
		Timing:      crawler.Timing{Grace: 30 * time.Second},
	}
	for _, raw := range seeds {
		u, err := weburl.Parse(raw)
		if err != nil {
			panic(err)
		}
		o.Seeds = append(o.Seeds, u)
	}
	o.Scope = scope.New(scope.Host, nil, nil, o.Seeds...)
	return o
}

func parseWeb(t *testing.T, text string) *web {
	t.Helper()
	w, err := fetchtest.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &web{Web: w}
}

// settings are the words that the first lines of a golden file may have.
func settings(o *crawler.Options, w *web, words string) {
	for word := range strings.FieldsSeq(words) {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "depth":
			o.Follow.Depth = int(value[0] - '0')
		case "redirects":
			o.Follow.Redirects = int(value[0] - '0')
		case "assets":
			o.Follow.Assets = true
		case "ignore-query":
			o.Follow.Query = crawler.NewQueryFilter(strings.Split(value, ","))
		case "sitemap":
			o.Sitemaps.Mode = map[string]crawler.SitemapMode{"auto": crawler.SitemapAuto, "only": crawler.SitemapOnly}[value]
		case "robots":
			o.Robots.Mode = map[string]crawler.RobotsMode{"report": crawler.RobotsReport, "ignore": crawler.RobotsIgnore}[value]
		case "scope":
			o.Scope = scope.New(scope.Mode(value), nil, nil, o.Seeds...)
		case "down":
			w.down = map[string]bool{value: true}
		}
	}
}

// Each file in testdata is a web, the settings of a crawl and what it records.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { golden(t, file) })
		})
	}
}

func golden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	last := len(archive.Files) - 1
	want := archive.Files[last]
	site := &txtar.Archive{Files: archive.Files[:last]}
	w, s := parseWeb(t, string(txtar.Format(site))), &sink{}
	_, words, _ := strings.Cut(strings.TrimSpace(string(archive.Comment)), "crawl:")
	o := options(w, s, "http://h.test/")
	settings(&o, w, words)
	sum, err := crawler.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.lines)
	got := strings.Join(s.lines, "\n") + fmt.Sprintf("\n%s: known %d = fetched %d + failed %d + skipped %d + left %d; sitemaps %d\n",
		sum.Finish, sum.Known, sum.Fetched, sum.Failed, sum.Skipped, sum.Left, sum.Sitemaps)
	if *update {
		archive.Files[last].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal([]byte(got), want.Data) {
		t.Errorf("records:\n%s\nwant:\n%s", got, want.Data)
	}
}

const pair = `
-- / --
<a href=/a>a</a><a href=/b>b</a><a href=/c>c</a>
-- /a --
a
-- /b --
b
-- /c --
c
`

func TestASlowReaderSlowsTheCrawlAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &web{Web: fetchtest.Generate(fetchtest.Site{Pages: 300, Links: 10, Size: 500, Seed: 1})}
		s := &sink{}
		o := options(w, s, "http://h.test/p/0")
		o.Politeness.HostConcurrency = 4
		var ahead atomic.Int64
		o.Events.Fetched = func(*fetch.Page) { ahead.Add(1) }
		s.write = func(n int) error {
			<-time.After(time.Minute)
			if got := ahead.Load(); got > int64(n+40) {
				t.Errorf("%d pages fetched when %d records were read", got, n)
			}
			return nil
		}
		sum, err := crawler.Run(t.Context(), o)
		if err != nil || sum.Fetched != 300 || len(s.lines) != 300 {
			t.Errorf("fetched %d, recorded %d, err %v; want 300 of each", sum.Fetched, len(s.lines), err)
		}
	})
}

func TestAReaderThatLeavesIsACleanEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &web{Web: fetchtest.Generate(fetchtest.Site{Pages: 300, Links: 10, Size: 500, Seed: 1})}
		s := &sink{write: func(n int) error {
			if n == 5 {
				return fmt.Errorf("write: %w", output.ErrReaderGone)
			}
			return nil
		}}
		sum, err := crawler.Run(t.Context(), options(w, s, "http://h.test/p/0"))
		if err != nil || sum.Finish != "reader-gone" || len(s.lines) != 5 {
			t.Errorf("finish %q, err %v, %d records; want reader-gone, nil, 5", sum.Finish, err, len(s.lines))
		}
		if sum.Known != sum.Fetched+sum.Failed+sum.Skipped+sum.Left {
			t.Errorf("counts do not add up: %+v", sum)
		}
	})
}

// A sink may fail at a record, or in the last commit, of a crawl that is complete
// or at a limit but for that.
func TestASinkThatFailsEndsTheCrawlWithItsError(t *testing.T) {
	full := errors.New("no space left on device")
	after := func(records int) func(int) error {
		return func(n int) error {
			if n == records {
				return full
			}
			return nil
		}
	}
	for _, tt := range []struct {
		name, says string
		s          sink
		pages      int
	}{
		{"a record", "http://h.test/", sink{write: after(2)}, 0},
		{"the last commit", "flush records", sink{flush: after(4)}, 0},
		{"the last commit at a limit", "flush records", sink{flush: after(2)}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := options(parseWeb(t, pair), &tt.s, "http://h.test/")
				o.Limits.Pages = tt.pages
				sum, err := crawler.Run(t.Context(), o)
				if !errors.Is(err, full) || !strings.Contains(err.Error(), tt.says) || sum.Finish != "error" {
					t.Errorf("finish %q after %d records, err %v; want the sink's error with %s", sum.Finish, len(tt.s.lines), err, tt.says)
				}
			})
		})
	}
}

func TestTheFirstSignalFinishesWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := parseWeb(t, pair), &sink{}
		w.latency = 10 * time.Second
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(25*time.Second, cancel) // robots.txt, then the seed, then two of its links
		o := options(w, s, "http://h.test/")
		sum, err := crawler.Run(ctx, o)
		if err != nil || sum.Finish != "interrupted" || sum.Fetched != 3 || sum.Left != 1 || len(s.lines) != 3 {
			t.Errorf("%+v, err %v, %d records; want interrupted with 3 fetched and 1 left", sum, err, len(s.lines))
		}
	})
}

func TestWhatOutlastsTheGraceIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := parseWeb(t, pair), &sink{}
		w.latency = 8 * time.Second
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel) // robots.txt has come, the seed has not
		o := options(w, s, "http://h.test/")
		o.Timing.Grace = 3 * time.Second
		began := time.Now()
		sum, err := crawler.Run(ctx, o)
		if took := time.Since(began); took != 13*time.Second {
			t.Errorf("it took %v to end, want 13s", took)
		}
		if err != nil || sum.Finish != "interrupted" || sum.Fetched != 0 || sum.Left != 1 {
			t.Errorf("%+v, err %v; want interrupted with the seed left", sum, err)
		}
	})
}

func TestLimitsAreCleanEnds(t *testing.T) {
	site := fetchtest.Generate(fetchtest.Site{Pages: 100, Links: 10, Size: 1000, Seed: 1})
	for name, tt := range map[string]struct {
		limits crawler.Limits
		finish string
		least  int64
		most   int64
	}{
		"pages":    {crawler.Limits{Pages: 7}, "max-pages", 7, 7},
		"per host": {crawler.Limits{PagesPerHost: 7}, "max-pages-per-host", 7, 7},
		"bytes":    {crawler.Limits{Bytes: 10_000}, "max-bytes", 7, 20},
		"duration": {crawler.Limits{Duration: 20 * time.Millisecond}, "max-duration", 10, 40},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &sink{}
				o := options(&web{Web: site}, s, "http://h.test/p/0")
				o.Limits = tt.limits
				sum, err := crawler.Run(t.Context(), o)
				if err != nil || sum.Finish != tt.finish || sum.Fetched < tt.least || sum.Fetched > tt.most || int(sum.Fetched) != len(s.lines) {
					t.Errorf("finish %q, fetched %d, recorded %d, err %v; want %s after %d to %d", sum.Finish, sum.Fetched, len(s.lines), err, tt.finish, tt.least, tt.most)
				}
			})
		})
	}
}

// brokenStore fails to commit.
type brokenStore struct{ *memory.Store }

func (brokenStore) Commit(context.Context, *frontier.Batch) error { return errors.New("disk on fire") }

func TestAStoreThatFailsEndsTheCrawlWithItsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &web{Web: fetchtest.Generate(fetchtest.Site{Pages: 300, Links: 40, Size: 500, Seed: 1})}
		o := options(w, &sink{}, "http://h.test/p/0")
		o.Store = brokenStore{memory.New()}
		_, err := crawler.Run(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("err %v, want the store's", err)
		}
	})
}

// A server may ask to be left alone for eleven days: the crawl waits for as
// long as a pause may take, and tries again.
func TestALongRetryAfterIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := parseWeb(t, `
-- / --
HTTP
Status-Sequence: 429,200
Retry-After: 999999

here
`), &sink{}
		o := options(w, s, "http://h.test/")
		o.Robots.Mode = crawler.RobotsIgnore
		o.Politeness.AskedCap = time.Minute
		began := time.Now()
		sum, err := crawler.Run(t.Context(), o)
		if took := time.Since(began); err != nil || sum.Statuses["200"] != 1 || took < time.Minute || took > 2*time.Minute {
			t.Errorf("statuses %v after %v, %v; want a page after a minute", sum.Statuses, took, err)
		}
	})
}

// Three hosts take a minute for their robots.txt, and there are four fetchers:
// a fifth host is crawled as if the others were not there.
func TestASlowRobotsTxtHoldsOneFetcherOfItsHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = "-- slow%d.test/robots.txt --\nHTTP\nDelay: 1m\n\n-- slow%[1]d.test/a --\n-- slow%[1]d.test/b --\n-- slow%[1]d.test/c --\n"
		text := "-- fast.test/ --\n<a href=/1><a href=/2><a href=/3>\n-- fast.test/1 --\n-- fast.test/2 --\n-- fast.test/3 --\n"
		var seeds []string
		for i := range 3 {
			text += fmt.Sprintf(slow, i)
			for _, page := range []string{"a", "b", "c"} {
				seeds = append(seeds, fmt.Sprintf("http://slow%d.test/%s", i, page))
			}
		}
		var last time.Duration // when the fast host's last page was recorded
		began := time.Now()
		o := options(parseWeb(t, text), &sink{}, append(seeds, "http://fast.test/")...)
		o.Robots.Timeout = 2 * time.Minute
		o.Politeness = frontier.Politeness{Rate: 5, HostConcurrency: 2}
		o.Events.Recorded = func(r *output.Record) {
			if strings.Contains(r.URL, "fast") {
				last = time.Since(began)
			}
		}
		sum, err := crawler.Run(t.Context(), o)
		if err != nil || sum.Fetched != 13 || last > 2*time.Second {
			t.Errorf("fetched %d, %v, the fast host after %v; want 13 pages, its own within 2s", sum.Fetched, err, last)
		}
	})
}

// A URL whose host was given up before its turn came was never asked for.
func TestAttemptsAreRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seeds []string
		for i := range 40 {
			seeds = append(seeds, fmt.Sprintf("http://down.test/%d", i))
		}
		w := &web{down: map[string]bool{"down.test": true}}
		attempts := make(map[string]int) // by error kind
		o := options(w, &sink{}, seeds...)
		o.Robots.Mode = crawler.RobotsIgnore
		o.Retry.Max = 0
		o.Events.Recorded = func(r *output.Record) { attempts[r.Error.Kind] += r.Attempts }
		sum, err := crawler.Run(t.Context(), o)
		if err != nil || attempts["host_given_up"] != 0 || int64(attempts["connect"]) != sum.Errors["connect"] || sum.Errors["host_given_up"] == 0 {
			t.Errorf("attempts %v for errors %v, %v", attempts, sum.Errors, err)
		}
	})
}

// A page where a sitemap was only guessed to be is no news; one where robots.txt
// promises a sitemap is.
func TestASitemapThatIsAPage(t *testing.T) {
	for robots, want := range map[string]int{"": 0, "-- /robots.txt --\nSitemap: /sitemap.xml\n": 1} {
		synctest.Test(t, func(t *testing.T) {
			warnings := 0
			o := options(parseWeb(t, robots+"-- / --\nx\n-- /sitemap.xml --\n<!doctype html><title>Welcome</title>\n"), &sink{}, "http://h.test/")
			o.Sitemaps.Mode = crawler.SitemapAuto
			o.Events.Warning = func(string, ...any) { warnings++ }
			if _, err := crawler.Run(t.Context(), o); err != nil || warnings != want {
				t.Errorf("with robots.txt %q: %d warnings, %v; want %d", robots, warnings, err, want)
			}
		})
	}
}
