package gate_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/parse/robots"
)

// shop is what an engine stores of each answer, as bytes.
type shop struct {
	t      *testing.T
	kept   map[string][]byte // by origin
	copies []gate.Copy
	asked  int
}

func (s *shop) options() gate.Options {
	return gate.Options{Learned: s.learned, Recall: s.recall}
}

func (s *shop) learned(c gate.Copy) {
	s.copies = append(s.copies, c)
	if c.Err != nil || c.Recalled {
		return
	}
	data, err := c.Kept.MarshalBinary()
	if err != nil {
		s.t.Error(err)
	}
	s.kept[c.URL.Origin()] = data
}

func (s *shop) recall(_ context.Context, origin string) (k gate.Kept, ok bool) {
	s.asked++
	data, ok := s.kept[origin]
	if ok {
		if err := k.UnmarshalBinary(data); err != nil {
			s.t.Error(err)
		}
	}
	return k, ok
}

func newShop(t *testing.T) *shop { return &shop{t: t, kept: map[string][]byte{}} }

// A copy from before a restart serves without a request, as long as it would
// have without one.
func TestRecall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := newSite(t), newShop(t)
		s.body += "\nCrawl-delay: 3\nSitemap: /s.xml"
		g := gate.New(s, store.options())
		wantTurn(t, g, "spent")
		wantTurn(t, g, "200")
		after(t, 23*time.Hour)

		g = gate.New(s, store.options())
		wantTurn(t, g, "200")
		p, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, "http://site.example/private")})
		if got := outcome(p, err); got != "robots 2 Disallow: /private" {
			t.Errorf("got %s", got)
		}
		s.wantAsked(0)
		if store.asked != 2 {
			t.Errorf("recalled %d times, want once for each gate", store.asked)
		}
		first, again := store.copies[0], store.copies[1]
		if len(store.copies) != 2 || !again.Recalled || again.Delay != 3*time.Second || !again.HasDelay ||
			again.URL != first.URL || again.Status != 200 || !reflect.DeepEqual(again.Sitemaps, first.Sitemaps) || len(again.Sitemaps) != 1 {
			t.Errorf("learned %+v", store.copies)
		}
		after(t, time.Hour)
		wantTurn(t, g, "spent")
		s.wantAsked(0, 24*time.Hour)
	})
}

// A copy older than a day is asked for anew, and serves while the server
// fails until it is 30 days old.
func TestRecallOfOldCopy(t *testing.T) {
	for _, tt := range []struct {
		name   string
		age    time.Duration
		status int
		turns  []string
	}{
		{"server that answers", 25 * time.Hour, 200, []string{"spent", "200"}},
		{"server that fails", 25 * time.Hour, 503, []string{"spent", "200"}},
		{"server that fails for long", 31 * 24 * time.Hour, 503, []string{"robots_unavailable"}},
		{"clock set back", -time.Hour, 503, []string{"200"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, store := newSite(t), newShop(t)
				k := gate.Kept{URL: url(t, "http://site.example/robots.txt"), Status: 200, FetchedAt: time.Now().Add(-tt.age), Body: []byte(s.body)}
				store.kept["http://site.example"], _ = k.MarshalBinary()
				s.set(tt.status, 0)
				g := gate.New(s, store.options())
				for _, want := range tt.turns {
					wantTurn(t, g, want)
				}
			})
		})
	}
}

// That there are no rules is an answer too.
func TestRecallOfNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := newSite(t), newShop(t)
		s.set(http.StatusNotFound, 0)
		wantTurn(t, gate.New(s, store.options()), "spent")
		wantTurn(t, gate.New(s, store.options()), "200")
		s.wantAsked(0)
	})
}

// What is kept of a file that is too long says the same as the file did.
func TestKeptOfLongFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := newSite(t), newShop(t)
		s.body = "User-agent: *\nDisallow: /private\n" + strings.Repeat("#\n", robots.MaxSize/2-30) + "Disallow: /p" + strings.Repeat("a", 100)
		g := gate.New(s, store.options())
		wantTurn(t, g, "spent")
		wantTurn(t, g, "200")
		k := store.copies[0].Kept
		if len(k.Body) > robots.MaxSize+1 || !k.File().Cut() {
			t.Errorf("%d bytes of which it is not known that they were cut", len(k.Body))
		}
		wantTurn(t, gate.New(s, store.options()), "200")
	})
}

// A verdict costs a page nothing where nobody reads it.
func TestVerdictIsForReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for mode, want := range map[gate.Mode]bool{gate.Obey: false, gate.Report: true} {
			g := gate.New(newSite(t), gate.Options{Mode: mode})
			wantTurn(t, g, "spent")
			p, err := g.Fetch(t.Context(), fetch.Request{URL: url(t, page)})
			if err != nil || (p.Robots != nil) != want {
				t.Errorf("mode %d: verdict %v, error %v", mode, p.Robots, err)
			}
		}
	})
}

func FuzzKept(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01\xc8\x01\x00\x08http://a/User-agent: *"))
	f.Add([]byte("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var k, again gate.Kept
		if k.UnmarshalBinary(data) != nil {
			return
		}
		out, err := k.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(out); err != nil || !reflect.DeepEqual(k, again) {
			t.Errorf("%+v comes back as %+v: %v", k, again, err)
		}
	})
}
