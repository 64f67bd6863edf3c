package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// slowRequests is what a request in flight takes of memory.
func slowRequests() experiment {
	b := bar{what: "memory with 10,000 slow requests in flight ÷ bare net/http", limit: 1.3, aim: 0.9}
	return experiment{[]bar{b}, func(ctx context.Context, l *lab) ([]result, error) {
		var both [2]report
		for i, role := range []string{"trawl-slow", "bare-slow"} {
			r, err := l.slow(ctx, role)
			if err != nil {
				return nil, err
			}
			both[i] = r
		}
		trawl, bare := float64(both[0].Bytes), float64(both[1].Bytes)
		note := fmt.Sprintf("%.0f and %.0f MB with %d", trawl/1e6, bare/1e6, l.inFlight)
		return []result{{b, trawl / bare, note}}, nil
	}}
}

// slow has one contender make all its requests to a server of its own.
func (l *lab) slow(ctx context.Context, role string) (report, error) {
	s, err := l.serve(ctx, job{Pages: 1, Links: 1, Requests: l.inFlight})
	if err != nil {
		return report{}, err
	}
	defer s.close()
	r, err := l.contend(ctx, role, job{Origins: s.Origins, Control: s.Control, Fetchers: l.inFlight})
	if err == nil && r.Pages != l.inFlight {
		err = fmt.Errorf("%s read %d pages of %d", role, r.Pages, l.inFlight)
	}
	return r, err
}

// residentAtPeak is this process's memory once the server has all requests.
func residentAtPeak(ctx context.Context, control string) (uint64, error) {
	if err := ask(ctx, control+"/gathered", nil); err != nil {
		return 0, err
	}
	bytes, err := resident()
	if err != nil {
		return 0, err
	}
	return bytes, ask(ctx, control+"/release", nil)
}

// duringPeak runs f, whose requests the server holds until the memory they
// take has been measured.
func duringPeak(ctx context.Context, j job, f func(context.Context) (pages int, err error)) (report, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	type peak struct {
		bytes uint64
		err   error
	}
	peaks := make(chan peak, 1)
	go func() {
		bytes, err := residentAtPeak(ctx, j.Control)
		if err != nil {
			cancel(err) // else f would wait for ever
		}
		peaks <- peak{bytes, err}
	}()
	pages, err := f(ctx)
	if err != nil {
		cancel(err)
	}
	p := <-peaks
	if err == nil {
		err = p.err
	}
	return report{Pages: pages, Bytes: p.bytes}, err
}

func playBareSlow(ctx context.Context, j job) (report, error) {
	client := bareClient(j.Fetchers)
	defer client.CloseIdleConnections()
	return duringPeak(ctx, j, func(ctx context.Context) (int, error) {
		var next, pages atomic.Int64
		err := inParallel(j.Fetchers, func() error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, j.Origins[0]+slowURI(int(next.Add(1))), nil)
			if err != nil {
				return err
			}
			resp, err := client.Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			pages.Add(1)
			_, err = io.Copy(io.Discard, resp.Body)
			return err
		})
		return int(pages.Load()), err
	})
}

func playTrawlSlow(ctx context.Context, j job) (report, error) {
	o := crawler.Options{Store: memory.New(), Sitemaps: crawler.Sitemaps{Mode: crawler.SitemapOff}}
	// A host gets one request at a time until it has answered for a page.
	o.Seeds = append(o.Seeds, weburl.FromCanonical(j.Origins[0]+pageURI(0)))
	for i := range j.Fetchers {
		o.Seeds = append(o.Seeds, weburl.FromCanonical(j.Origins[0]+slowURI(i)))
	}
	return duringPeak(ctx, j, func(ctx context.Context) (int, error) {
		sum, err := crawl(ctx, j, o)
		return int(sum.Fetched) - 1, err
	})
}
