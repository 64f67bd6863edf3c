package recrawl_test

import (
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/crawler/recrawl"
)

var (
	day1 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	day2 = day1.AddDate(0, 0, 1)
)

func TestJudge(t *testing.T) {
	page := recrawl.Visit{At: day1, Status: 200, Body: 1, Text: 10, Data: 100, ETag: "a"}
	moved := recrawl.Visit{At: day1, Status: 301, Body: 7}
	gone := recrawl.Visit{At: day1, Status: 200, Body: 1, Text: 10, Gone: true, Fails: 1}
	failing := recrawl.Visit{At: day1, Status: 200, Body: 1, Text: 10, Fails: 1}
	broken := recrawl.Visit{At: day1, Fails: 1}
	for _, tt := range []struct {
		name    string
		last    recrawl.Visit
		see     recrawl.Observation
		compare recrawl.Compare
		want    recrawl.Change
		fails   int
		gone    bool
	}{
		{"never seen", recrawl.Visit{}, recrawl.Observation{Status: 200, Body: 1}, recrawl.Text, recrawl.New, 0, false},
		{"never seen and broken", recrawl.Visit{}, recrawl.Observation{Status: 404}, recrawl.Text, recrawl.New, 1, false},
		{"still broken", broken, recrawl.Observation{Status: 404}, recrawl.Text, recrawl.Unchanged, 2, false},
		{"mended", broken, recrawl.Observation{Status: 200, Body: 1}, recrawl.Text, recrawl.New, 0, false},
		{"the server says so", page, recrawl.Observation{Status: 304}, recrawl.Text, recrawl.Unchanged, 0, false},
		{"same bytes", page, recrawl.Observation{Status: 200, Body: 1, Text: 99}, recrawl.Text, recrawl.Unchanged, 0, false},
		{"same text", page, recrawl.Observation{Status: 200, Body: 2, Text: 10, Data: 100}, recrawl.Text, recrawl.Unchanged, 0, false},
		{"same text, bytes count", page, recrawl.Observation{Status: 200, Body: 2, Text: 10}, recrawl.Body, recrawl.Modified, 0, false},
		{"other text", page, recrawl.Observation{Status: 200, Body: 2, Text: 11}, recrawl.Text, recrawl.Modified, 0, false},
		{"same text, other data", page, recrawl.Observation{Status: 200, Body: 2, Text: 10, Data: 101}, recrawl.Text, recrawl.Modified, 0, false},
		{"same text, same data", page, recrawl.Observation{Status: 200, Body: 2, Text: 10, Data: 100}, recrawl.Text, recrawl.Unchanged, 0, false},
		{"same text, no data any more", page, recrawl.Observation{Status: 200, Body: 2, Text: 10, Plan: 2}, recrawl.Text, recrawl.Unchanged, 0, false},
		{"same bytes, other data", page, recrawl.Observation{Status: 200, Body: 1, Text: 10, Data: 101}, recrawl.Text, recrawl.Unchanged, 0, false},
		{"404", page, recrawl.Observation{Status: 404}, recrawl.Text, recrawl.Gone, 1, true},
		{"410", page, recrawl.Observation{Status: 410}, recrawl.Text, recrawl.Gone, 1, true},
		{"one failing run is forgiven", page, recrawl.Observation{Status: 503}, recrawl.Text, recrawl.Unchanged, 1, false},
		{"no answer is forgiven once", page, recrawl.Observation{}, recrawl.Text, recrawl.Unchanged, 1, false},
		{"two are not", failing, recrawl.Observation{Status: 503}, recrawl.Text, recrawl.Gone, 2, true},
		{"still gone", gone, recrawl.Observation{Status: 404}, recrawl.Text, recrawl.Unchanged, 2, true},
		{"back", gone, recrawl.Observation{Status: 200, Body: 1, Text: 10}, recrawl.Text, recrawl.New, 0, false},
		{"moved", page, recrawl.Observation{Status: 301, Body: 7}, recrawl.Text, recrawl.Moved, 0, false},
		{"still moved", moved, recrawl.Observation{Status: 302, Body: 7}, recrawl.Text, recrawl.Unchanged, 0, false},
		{"moved elsewhere", moved, recrawl.Observation{Status: 301, Body: 8}, recrawl.Text, recrawl.Moved, 0, false},
		{"no redirect any more", moved, recrawl.Observation{Status: 200, Body: 1}, recrawl.Text, recrawl.Modified, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := recrawl.Policy{Compare: tt.compare, Grace: 1}
			tt.see.At = day2
			change, next := p.Judge(tt.last, tt.see)
			if change != tt.want || next.Fails != tt.fails || next.Gone != tt.gone || !next.At.Equal(day2) {
				t.Errorf("%s, fails %d, gone %v, at %v; want %s, %d, %v", change, next.Fails, next.Gone, next.At, tt.want, tt.fails, tt.gone)
			}
			if changed := next.ChangedAt.Equal(day2); changed != (tt.want != recrawl.Unchanged) {
				t.Errorf("ChangedAt is %v after %s", next.ChangedAt, change)
			}
		})
	}
}

func TestAFailureForgetsNothing(t *testing.T) {
	p := recrawl.Policy{Grace: 1}
	page := recrawl.Visit{At: day1, Status: 200, Body: 1, Text: 10, ETag: "a"}
	_, next := p.Judge(page, recrawl.Observation{At: day2})
	change, _ := p.Judge(next, recrawl.Observation{At: day2, Status: 200, Body: 1, Text: 10})
	if change != recrawl.Unchanged || next.ETag != "a" {
		t.Errorf("after one failing run the same page is %s with ETag %q, want unchanged and its ETag", change, next.ETag)
	}
}

func TestDue(t *testing.T) {
	seen := recrawl.Visit{At: day1, Interval: 36 * time.Hour}
	for _, tt := range []struct {
		name    string
		policy  recrawl.Policy
		visit   recrawl.Visit
		lastmod time.Time
		want    bool
	}{
		{"all", recrawl.Policy{Mode: recrawl.All}, seen, time.Time{}, true},
		{"never visited", recrawl.Policy{Mode: recrawl.Fixed, Every: time.Hour}, recrawl.Visit{}, time.Time{}, true},
		{"fixed, due", recrawl.Policy{Mode: recrawl.Fixed, Every: 24 * time.Hour}, seen, time.Time{}, true},
		{"fixed, by a run a day that came to it late the day before", recrawl.Policy{Mode: recrawl.Fixed, Every: 26 * time.Hour}, seen, time.Time{}, true},
		{"adaptive, by a run an hour", recrawl.Policy{Mode: recrawl.Adaptive}, recrawl.Visit{At: day2.Add(-54 * time.Minute), Interval: time.Hour}, time.Time{}, true},
		{"adaptive, too soon", recrawl.Policy{Mode: recrawl.Adaptive}, recrawl.Visit{At: day2.Add(-53 * time.Minute), Interval: time.Hour}, time.Time{}, false},
		{"fixed, not due", recrawl.Policy{Mode: recrawl.Fixed, Every: 27 * time.Hour}, seen, time.Time{}, false},
		{"visited in the future, by a clock that was set back", recrawl.Policy{Mode: recrawl.Fixed, Every: time.Hour}, recrawl.Visit{At: day2.Add(1)}, time.Time{}, true},
		{"failed, and forgiven", recrawl.Policy{Mode: recrawl.Fixed, Every: 27 * time.Hour, Grace: 2}, recrawl.Visit{At: day1, Fails: 2}, time.Time{}, true},
		{"failed once too often", recrawl.Policy{Mode: recrawl.Fixed, Every: 27 * time.Hour, Grace: 2}, recrawl.Visit{At: day1, Fails: 3}, time.Time{}, false},
		{"gone", recrawl.Policy{Mode: recrawl.Fixed, Every: 27 * time.Hour, Grace: 2}, recrawl.Visit{At: day1, Fails: 1, Gone: true}, time.Time{}, false},
		{"adaptive, not due", recrawl.Policy{Mode: recrawl.Adaptive}, seen, time.Time{}, false},
		{"adaptive, but the sitemap says it changed", recrawl.Policy{Mode: recrawl.Adaptive}, seen, day1.Add(time.Hour), true},
		{"adaptive, and the sitemap says it did not", recrawl.Policy{Mode: recrawl.Adaptive}, seen, day1.Add(-time.Hour), false},
	} {
		if got := tt.policy.Due(&tt.visit, day2, tt.lastmod); got != tt.want {
			t.Errorf("%s: due %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestAdaptiveIntervals(t *testing.T) {
	p := recrawl.Policy{Mode: recrawl.Adaptive, Min: 10 * time.Hour, Max: 50 * time.Hour}
	var v recrawl.Visit
	body := uint64(0)
	for i, step := range []struct {
		changed bool
		want    time.Duration
	}{
		{true, 24 * time.Hour}, {true, 12 * time.Hour}, {true, 10 * time.Hour}, {false, 15 * time.Hour},
		{false, 22*time.Hour + 30*time.Minute}, {false, 33*time.Hour + 45*time.Minute}, {false, 50 * time.Hour}, {true, 25 * time.Hour},
	} {
		if step.changed {
			body++
		}
		_, v = p.Judge(v, recrawl.Observation{At: day1, Status: 200, Body: body, Text: body})
		if v.Interval != step.want {
			t.Errorf("step %d: interval %v, want %v", i, v.Interval, step.want)
		}
	}
	for _, other := range []recrawl.Policy{{Mode: recrawl.All}, {Mode: recrawl.Fixed, Every: time.Hour}} {
		if _, v = other.Judge(v, recrawl.Observation{At: day1, Status: 200, Body: body, Text: body}); v.Interval != 25*time.Hour {
			t.Errorf("after a run that is not adaptive: interval %v, want it as it was", v.Interval)
		}
	}
	p.Grace = 1
	for i, want := range []time.Duration{25 * time.Hour, 12*time.Hour + 30*time.Minute} {
		if _, v = p.Judge(v, recrawl.Observation{At: day2, Status: 503}); v.Interval != want {
			t.Errorf("failure %d: interval %v, want %v: the first is forgiven, by the second it is gone", i, v.Interval, want)
		}
	}
}
