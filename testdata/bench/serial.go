package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/crawler/frontier/memory"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/jsonl"
	"github.com/trawl-crawler/trawl/parse/link"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// serial is what no number of cores divides: what the committer does for a
// page, and what anyone does under the frontier's lock. At 15 µs a page it would
// let 66,000 pages a second pass.
func serial() experiment {
	bars := []bar{
		{what: "committer and frontier's lock, 33 links (µs a page)", limit: 15},
		{what: "the same with a durable state", limit: 15},
	}
	return experiment{bars, func(ctx context.Context, l *lab) ([]result, error) {
		var results []result
		for i, durable := range []bool{false, true} {
			took := make([]report, l.rounds)
			for k := range took {
				var err error
				if took[k], err = l.serially(ctx, fmt.Sprintf("serial-%d-%d", i, k), durable); err != nil {
					return nil, err
				}
			}
			note := fmt.Sprintf("CPU; %d pages of 1,000 hosts", l.known/50)
			results = append(results, result{bars[i], medianOf(took, cpu), note})
		}
		return results, nil
	}}
}

// serially hands jobs out and takes their ends in, in one goroutine, with the
// records and commits that a crawl makes of them. It leaves no files: with some
// GB of them to be written back, the system takes longer for each write of the
// next turn.
func (l *lab) serially(ctx context.Context, name string, durable bool) (report, error) {
	dir := filepath.Join(l.dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return report{}, err
	}
	defer os.RemoveAll(dir)
	var store frontier.Store = memory.New()
	if durable {
		var err error
		if store, err = disk.Open(filepath.Join(dir, "state"), disk.Options{}); err != nil {
			return report{}, err
		}
	}
	defer store.Close()
	sink, err := jsonl.Open(filepath.Join(dir, "records.jsonl"), jsonl.Options{})
	if err != nil {
		return report{}, err
	}
	defer sink.Close()
	const linksPerPage = 33
	pages := l.known / 50
	links := make([]link.Link, pages+linksPerPage)
	for i := range links {
		links[i].URL = weburl.FromCanonical(fmt.Sprintf("http://h%d.example.org/section/page-%d.html", i%1000, i))
	}
	within, guard := scope.New(scope.Any, nil, nil, links[0].URL), trap.New(trap.Options{Mode: trap.On})
	q, _, err := frontier.Open(ctx, store, frontier.Options{
		Politeness: frontier.Politeness{Rate: unlimited, HostConcurrency: 64},
		Admit: func(c *frontier.Candidate) *frontier.Skip {
			if !within.Decide(c.Job.URL).In || guard.Admit(c.Job.URL, c.Job.Via).Trapped {
				return &frontier.Skip{Rule: "scope", Final: true}
			}
			return nil
		},
	})
	if err != nil {
		return report{}, err
	}
	q.Add([]frontier.Candidate{frontier.Seed(links[0].URL)})
	record := someRecord()
	m := startMeter()
	for i := range pages {
		lease, err := q.Next(ctx)
		if err != nil {
			return report{}, fmt.Errorf("after %d pages: %w", i, err)
		}
		lease.Started(time.Now())
		lease.Ended(frontier.Exchange{Health: frontier.Healthy})
		// Of the links of a page one is new, as in a crawl that has got going.
		found := links[max(0, i+2-linksPerPage) : i+2]
		record.URL, record.Depth, record.Via, record.Links = lease.Job.URL.String(), lease.Job.Depth, lease.Job.Via.String(), found
		if err := sink.Write(ctx, record); err != nil {
			return report{}, err
		}
		q.Done(lease, &frontier.Done{Outcome: frontier.Fetched, Status: 200, Links: found})
		if i%1000 == 999 {
			if err := commit(ctx, q, sink); err != nil {
				return report{}, err
			}
		}
	}
	return m.stop(pages), commit(ctx, q, sink)
}

// commit is in the order of the crawl's: records first.
func commit(ctx context.Context, q *frontier.Queue, sink output.Sink) error {
	mark, err := sink.Flush(ctx)
	if err != nil {
		return err
	}
	return q.Commit(ctx, mark)
}

// someRecord is a page's. It is made once, as in a crawl it is the parsers, of which
// there are as many as cores, that make records.
func someRecord() *output.Record {
	return &output.Record{
		Outcome: output.Fetched, Status: 200, Seed: "http://h0.example.org/section/page-0.html",
		FetchedAt: time.Now(), Elapsed: 20 * time.Millisecond, Attempts: 1, IP: "127.0.0.1", Protocol: "HTTP/1.1",
		ContentType: "text/html; charset=utf-8", Charset: "utf-8", CharsetFrom: "header", Bytes: 10240,
		SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Title: "Page", Description: "A page of many.", Lang: "en",
	}
}
