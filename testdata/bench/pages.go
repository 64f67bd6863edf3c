package main

import (
	"context"
	"fmt"
)

// fetchers work at a time where CPU time is measured.
const fetchers = 16

// unlimited is a rate that never makes a crawl wait, and has its limiter work.
const unlimited = 1e9

func experiments() []experiment {
	return []experiment{smallPages(), largePages(), scanning(), resolving(), knowing(), wallTime(), connections(), serial(), manyKnown(), slowRequests(), startUp()}
}

// smallPages are what a usual page costs, and the durable state beside.
func smallPages() experiment {
	bars := []bar{
		{what: "CPU a page ÷ bare net/http, 10 KiB, 33 links", limit: 1.8, aim: 1.5},
		{what: "the same with a durable state", limit: 2.4, aim: 2.0},
		{what: "CPU a page ÷ colly, 10 KiB", limit: 1. / 8, aim: 1. / 14, fraction: true},
		{what: "allocations a page over bare net/http's, 10 KiB", limit: 60, aim: 20},
	}
	return experiment{bars, func(ctx context.Context, l *lab) ([]result, error) {
		site := job{Name: "10KiB", Pages: l.small, Links: 33, Size: 10 << 10}
		rounds, slow, err := l.compare(ctx, site, "trawl-state")
		if err != nil {
			return nil, err
		}
		more := medianOf(rounds, func(r []report) float64 { return allocs(r[1]) - allocs(r[0]) })
		return []result{
			{bars[0], ratio(rounds, 1, 0, cpu), each(rounds, 1, 0, cpu, "µs")},
			{bars[1], ratio(rounds, 2, 0, cpu), each(rounds, 2, 0, cpu, "µs")},
			{bars[2], ratio(slow, 0, 1, cpu), each(slow, 0, 1, cpu, "µs")},
			{bars[3], more, each(rounds, 1, 0, allocs, "allocations")},
		}, nil
	}}
}

// largePages are what grows with a page.
func largePages() experiment {
	bars := []bar{
		{what: "CPU a page ÷ bare net/http, 50 KiB, 133 links", limit: 3.5, aim: 2.8},
		{what: "CPU a page ÷ colly, 50 KiB", limit: 1. / 15, aim: 1. / 25, fraction: true},
	}
	return experiment{bars, func(ctx context.Context, l *lab) ([]result, error) {
		site := job{Name: "50KiB", Pages: l.large, Links: 133, Size: 50 << 10}
		rounds, slow, err := l.compare(ctx, site)
		if err != nil {
			return nil, err
		}
		return []result{
			{bars[0], ratio(rounds, 1, 0, cpu), each(rounds, 1, 0, cpu, "µs")},
			{bars[1], ratio(slow, 0, 1, cpu), each(slow, 0, 1, cpu, "µs")},
		}, nil
	}}
}

// compare has the bare loop (0), trawl (1) and others read one site, and then
// trawl (0) and colly (1), which takes ten times as long.
func (l *lab) compare(ctx context.Context, site job, others ...string) (rounds, slow [][]report, _ error) {
	s, err := l.serve(ctx, site)
	if err != nil {
		return nil, nil, err
	}
	defer s.close()
	crawl := job{Name: site.Name, Origins: s.Origins, Pages: site.Pages, Fetchers: fetchers, Rate: unlimited}
	contenders := []turn{{"bare", crawl}, {"trawl", crawl}}
	for _, role := range others {
		contenders = append(contenders, turn{role, crawl})
	}
	if rounds, err = l.turns(ctx, l.many(), contenders...); err != nil {
		return nil, nil, err
	}
	slow, err = l.turns(ctx, l.few(), turn{"trawl", crawl}, turn{"colly", crawl})
	return rounds, slow, err
}

// each is the two contenders' own medians.
func each(rounds [][]report, a, b int, of func(report) float64, unit string) string {
	of1 := func(i int) float64 { return medianOf(rounds, func(r []report) float64 { return of(r[i]) }) }
	return fmt.Sprintf("%.1f and %.1f %s", of1(a), of1(b), unit)
}

// wallTime is whether trawl keeps many fetchers busy.
func wallTime() experiment {
	b := bar{what: "wall time ÷ bare net/http, 64 fetchers, one host, no rate limit", limit: 1.5, aim: 1.2}
	return experiment{[]bar{b}, func(ctx context.Context, l *lab) ([]result, error) {
		site := job{Name: "wall", Pages: l.small, Links: 33, Size: 10 << 10}
		s, err := l.serve(ctx, site)
		if err != nil {
			return nil, err
		}
		defer s.close()
		crawl := job{Name: site.Name, Origins: s.Origins, Pages: site.Pages, Fetchers: 64}
		rounds, err := l.turns(ctx, l.many(), turn{"bare", crawl}, turn{"trawl", crawl})
		if err != nil {
			return nil, err
		}
		return []result{{b, ratio(rounds, 1, 0, wall), each(rounds, 1, 0, wall, "µs")}}, nil
	}}
}

// connections is whether they are kept from one turn of a host to the next.
func connections() experiment {
	b := bar{what: "connections ÷ requests, 10 hosts, 100 requests a second each (%)", limit: 1}
	return experiment{[]bar{b}, func(ctx context.Context, l *lab) ([]result, error) {
		const hosts = 10
		s, err := l.serve(ctx, job{Pages: l.perHost, Links: 10, Size: 2 << 10, Hosts: hosts})
		if err != nil {
			return nil, err
		}
		defer s.close()
		_, err = l.contend(ctx, "trawl", job{Origins: s.Origins, Pages: l.perHost, Fetchers: fetchers, PerHost: 2, Rate: 100})
		if err != nil {
			return nil, err
		}
		var seen counts
		if err := ask(ctx, s.Control+"/counts", &seen); err != nil {
			return nil, err
		}
		value := 100 * float64(seen.Accepts) / float64(seen.Requests)
		return []result{{b, value, fmt.Sprintf("%d of %d", seen.Accepts, seen.Requests)}}, nil
	}}
}

// manyKnown is whether a crawl slows down as it grows.
func manyKnown() experiment {
	b := bar{what: "pages a CPU second at 10 M known URLs ÷ at 1 M", limit: 0.9, atLeast: true}
	return experiment{[]bar{b}, func(ctx context.Context, l *lab) ([]result, error) {
		site := job{Name: "known", Pages: l.small, Links: 33, Size: 10 << 10}
		s, err := l.serve(ctx, site)
		if err != nil {
			return nil, err
		}
		defer s.close()
		large := job{Name: site.Name, Origins: s.Origins, Pages: site.Pages, Fetchers: fetchers, Rate: unlimited, Known: l.known}
		small := large
		small.Name, small.Known = "known-less", l.known/10
		rounds, err := l.turns(ctx, l.few(), turn{"trawl", small}, turn{"trawl", large})
		if err != nil {
			return nil, err
		}
		return []result{{b, ratio(rounds, 0, 1, cpu), each(rounds, 0, 1, cpu, "µs a page")}}, nil
	}}
}
