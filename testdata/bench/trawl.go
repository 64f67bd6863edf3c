package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/budget"
	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// playTrawl crawls the site with all that a crawl has.
func playTrawl(ctx context.Context, j job) (report, error) {
	var seeds []weburl.URL
	for _, origin := range j.Origins {
		seeds = append(seeds, weburl.FromCanonical(origin+pageURI(0)))
	}
	o := crawler.Options{
		Store:  &aged{memory.New(), j.Known},
		Seeds:  seeds,
		Limits: crawler.Limits{PagesPerHost: j.Pages},
		Timing: crawler.Timing{SyncEvery: time.Second},
	}
	if j.State {
		dir := fmt.Sprintf("state-%d", os.Getpid())
		defer os.RemoveAll(dir)
		store, err := disk.Open(dir, disk.Options{})
		if err != nil {
			return report{}, err
		}
		o.Store, o.Again = store, crawler.Again{Rows: store, Notes: store}
	}
	defer o.Store.Close()
	var m meter
	o.Events.Started = func(func() frontier.Stats) { m = startMeter() } // what is known is known
	var sum crawler.Summary
	err := profiled(j.Profile, func() (err error) {
		sum, err = crawl(ctx, j, o)
		return err
	})
	if err != nil {
		return report{}, err
	}
	r := m.stop(int(sum.Statuses["200"]))
	if want := len(seeds) * j.Pages; r.Pages != want {
		return r, fmt.Errorf("read %d pages of %d: %+v", r.Pages, want, sum)
	}
	return r, nil
}

// playTrawlState is playTrawl with a store that outlives the process.
func playTrawlState(ctx context.Context, j job) (report, error) {
	j.State = true
	return playTrawl(ctx, j)
}

// crawl fills in what all crawls have (what trawl crawl has by default), and
// runs one from a client and a file of records of its own.
func crawl(ctx context.Context, j job, o crawler.Options) (crawler.Summary, error) {
	perHost := j.Fetchers
	if j.PerHost > 0 {
		perHost = j.PerHost
	}
	client, err := fetch.New(fetch.Options{
		Concurrency: j.Fetchers, HostConcurrency: perHost,
		Timeout: time.Minute, IdleTimeout: time.Minute,
	})
	if err != nil {
		return crawler.Summary{}, err
	}
	defer client.Close()
	memory := budget.Divide(budget.Auto(), j.Fetchers)
	memory.Apply()
	watched, cancel := context.WithCancel(ctx)
	defer cancel()
	go memory.Watch(watched, client.Hold)
	file := fmt.Sprintf("records-%d.jsonl", os.Getpid())
	defer os.Remove(file)
	sink, err := jsonl.Open(file, jsonl.Options{})
	if err != nil {
		return crawler.Summary{}, err
	}
	defer sink.Close()
	o.Fetcher, o.Sink, o.Concurrency = client, sink, j.Fetchers
	o.Scope = scope.New(scope.Host, nil, nil, o.Seeds...)
	o.Emit = output.EmitPages | output.EmitErrors
	o.Robots.Agent = "trawl"
	o.Traps.Mode = trap.On
	o.Follow = crawler.Follow{Depth: -1, Redirects: 10}
	o.Politeness = frontier.Politeness{Rate: rate.Limit(j.Rate), HostConcurrency: perHost}
	o.Retry = crawler.Retry{Max: 2, Wait: time.Second}
	return crawler.Run(ctx, o)
}

// aged is a store that knows some URLs already, none of them of the site.
type aged struct {
	frontier.Store
	known int
}

func (a *aged) State(ctx context.Context) (*frontier.State, error) {
	s, err := a.Store.State(ctx)
	if err == nil && a.known > 0 {
		s.Known = known(a.known)
	}
	return s, err
}

func known(n int) iter.Seq2[frontier.Known, error] {
	return func(yield func(frontier.Known, error) bool) {
		for i := range n {
			if !yield(frontier.Known{Fingerprint: fingerprint(i), Outcome: frontier.Fetched}, nil) {
				return
			}
		}
	}
}

// fingerprint is the ith of a row of evenly spread numbers (SplitMix64).
func fingerprint(i int) uint64 {
	z := (uint64(i) + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
