package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// scanning is what finding a page's links takes, on pages as people write
// them. The scanner also resolves them, drops those it has found already and
// reads the page's metadata; the tokenizer only finds them.
func scanning() experiment {
	b := bar{what: "link scanner ÷ x/net/html tokenizer, documentation pages", limit: 1. / 4, aim: 1. / 6, fraction: true}
	return experiment{[]bar{b}, func(_ context.Context, l *lab) ([]result, error) {
		docs, err := documentation(l.docs)
		if err != nil {
			return nil, err
		}
		var scanner link.Scanner
		for _, d := range docs {
			if err := sameLinks(&scanner, d); err != nil {
				return nil, err
			}
		}
		value, note := l.race(len(docs), "page", func() {
			for _, d := range docs {
				scanner.Scan(d.body, d.url, link.Options{})
			}
		}, func() {
			for _, d := range docs {
				tokenize(d.body, func([]byte) {})
			}
		})
		return []result{{b, value, note}}, nil
	}}
}

// sameLinks checks that both find the same: a scanner that is fast because it
// misses links wins nothing.
func sameLinks(s *link.Scanner, d doc) error {
	var got, want []string
	for _, l := range s.Scan(d.body, d.url, link.Options{}).Links {
		got = append(got, l.URL.String())
	}
	tokenize(d.body, func(ref []byte) {
		if u, err := d.url.Resolve(string(ref)); err == nil {
			want = append(want, u.String())
		}
	})
	slices.Sort(got)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(got, want) {
		return fmt.Errorf("%s: the scanner finds %d links, the tokenizer %d", d.url, len(got), len(want))
	}
	return nil
}

// resolving is what making a reference absolute takes.
func resolving() experiment {
	bars := []bar{
		{what: "URL resolver ÷ net/url, documentation pages' references", limit: 1. / 5, aim: 1. / 8, fraction: true},
		{what: "allocations a link already seen", limit: 0},
	}
	return experiment{bars, func(_ context.Context, l *lab) ([]result, error) {
		pages, n, err := references(l.docs)
		if err != nil {
			return nil, err
		}
		var (
			resolver weburl.Resolver
			seen     frontier.Seen
			scratch  []byte
		)
		ours := func(each func(text []byte)) {
			for _, p := range pages {
				resolver.Reset(p.base)
				for _, ref := range p.refs {
					if text, err := resolver.Append(scratch[:0], ref); err == nil {
						each(text)
						scratch = text
					}
				}
			}
		}
		value, note := l.race(n, "reference", func() { ours(func([]byte) {}) }, func() { resolveByNetURL(pages) })
		ours(func(text []byte) { seen.Add(xxh3.Hash(text)) })
		m := startMeter()
		ours(func(text []byte) { seen.Has(xxh3.Hash(text)) })
		return []result{
			{bars[0], value, note},
			{bars[1], allocs(m.stop(n)), fmt.Sprintf("%d links", n)},
		}, nil
	}}
}

// page is the references of one page.
type page struct {
	base weburl.URL
	refs [][]byte
}

// references are those of the documentation, and how many.
func references(dir string) (pages []page, n int, err error) {
	docs, err := documentation(dir)
	for _, d := range docs {
		p := page{base: d.url}
		tokenize(d.body, func(ref []byte) { p.refs = append(p.refs, slices.Clone(ref)) })
		pages, n = append(pages, p), n+len(p.refs)
	}
	return pages, n, err
}

func resolveByNetURL(pages []page) {
	for _, p := range pages {
		base, err := url.Parse(p.base.String())
		if err != nil {
			continue
		}
		for _, ref := range p.refs {
			if u, err := url.Parse(string(ref)); err == nil {
				_ = base.ResolveReference(u).String()
			}
		}
	}
}

// race has two functions take turns in this process, and gives the median of
// the ratios of their CPU times.
func (l *lab) race(n int, unit string, a, b func()) (value float64, note string) {
	took := func(f func()) time.Duration {
		m := startMeter()
		f()
		return m.stop(n).CPU
	}
	times := make([][2]time.Duration, l.rounds)
	for i := range times {
		times[i] = [2]time.Duration{took(a), took(b)}
	}
	each := func(i int) float64 {
		return medianOf(times, func(t [2]time.Duration) float64 { return float64(t[i].Nanoseconds()) / 1e3 / float64(n) })
	}
	value = medianOf(times, func(t [2]time.Duration) float64 { return float64(t[0]) / float64(t[1]) })
	return value, fmt.Sprintf("%.3g and %.3g µs a %s", each(0), each(1), unit)
}

// knowing is what it takes to tell whether a URL is new, and to remember it.
func knowing() experiment {
	bars := []bar{
		{what: "seen check and insert ÷ Go map, 10 M URLs", limit: 0.8},
		{what: "bytes of memory a URL seen", limit: 20, aim: 12},
	}
	return experiment{bars, func(ctx context.Context, l *lab) ([]result, error) {
		j := job{Name: "seen", Pages: l.known}
		rounds, err := l.turns(ctx, l.few(), turn{"seen", j}, turn{"map", j})
		if err != nil {
			return nil, err
		}
		bytes := medianOf(rounds, func(r []report) float64 { return space(r[0]) })
		return []result{
			{bars[0], ratio(rounds, 0, 1, cpu), each(rounds, 0, 1, cpu, "µs")},
			{bars[1], bytes, each(rounds, 0, 1, space, "bytes")},
		}, nil
	}}
}

// playSeen and playMap ask for each URL, and remember it when it is new.
func playSeen(_ context.Context, j job) (report, error) {
	var seen frontier.Seen
	return remember(j, func(fp uint64) {
		if !seen.Has(fp) {
			seen.Add(fp)
		}
	}, func() int { return seen.Len() })
}

func playMap(_ context.Context, j job) (report, error) {
	seen := make(map[uint64]struct{})
	return remember(j, func(fp uint64) {
		if _, ok := seen[fp]; !ok {
			seen[fp] = struct{}{}
		}
	}, func() int { return len(seen) })
}

// remember also keeps the set alive, by its size, until its memory is known.
func remember(j job, see func(fp uint64), size func() int) (report, error) {
	before := heap()
	m := startMeter()
	for i := range j.Pages {
		see(fingerprint(i))
	}
	r := m.stop(j.Pages)
	r.Bytes = heap() - before
	if n := size(); n != j.Pages {
		return r, fmt.Errorf("%d URLs are %d in the set", j.Pages, n)
	}
	return r, nil
}
