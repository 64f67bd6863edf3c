package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/gocolly/colly/v2"
)

// roles are all that this program can be told to be.
func roles() map[string]func(context.Context, job) (report, error) {
	return map[string]func(context.Context, job) (report, error){
		"server":      playServer,
		"bare":        playBare,
		"colly":       playColly,
		"trawl":       playTrawl,
		"trawl-state": playTrawlState,
		"bare-slow":   playBareSlow,
		"trawl-slow":  playTrawlSlow,
		"map":         playMap,
		"seen":        playSeen,
	}
}

// playBare reads pages with net/http and does nothing with them.
func playBare(ctx context.Context, j job) (report, error) {
	client := bareClient(j.Fetchers)
	defer client.CloseIdleConnections()
	m := startMeter()
	err := profiled(j.Profile, func() error { return readAll(ctx, client, j) })
	return m.stop(j.Pages), err
}

func readAll(ctx context.Context, client *http.Client, j job) error {
	var next atomic.Int64
	return inParallel(j.Fetchers, func() error {
		buf := make([]byte, 32<<10)
		for n := next.Add(1) - 1; n < int64(j.Pages); n = next.Add(1) - 1 {
			if err := bareGet(ctx, client, j.Origins[0]+pageURI(int(n)), buf); err != nil {
				return err
			}
		}
		return nil
	})
}

func bareClient(perHost int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: perHost}}
}

func bareGet(ctx context.Context, client *http.Client, url string, buf []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for err == nil {
		_, err = resp.Body.Read(buf)
	}
	if err != io.EOF {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}

// inParallel runs n of f and joins their errors.
func inParallel(n int, f func() error) error {
	errs := make([]error, n)
	var running sync.WaitGroup
	for i := range errs {
		running.Go(func() { errs[i] = f() })
	}
	running.Wait()
	return errors.Join(errs...)
}

// playColly crawls the site as colly's own examples do; it writes no records
// and asks for no robots.txt. Its connections are kept as the others' are.
func playColly(_ context.Context, j job) (report, error) {
	c := colly.NewCollector(colly.Async(true))
	c.WithTransport(&http.Transport{MaxIdleConnsPerHost: j.Fetchers})
	if err := c.Limit(&colly.LimitRule{DomainGlob: "*", Parallelism: j.Fetchers}); err != nil {
		return report{}, err
	}
	var pages atomic.Int64
	c.OnResponse(func(*colly.Response) { pages.Add(1) })
	c.OnHTML("a[href]", func(e *colly.HTMLElement) {
		_ = e.Request.Visit(e.Attr("href")) // most are known: that is an error to colly
	})
	m := startMeter()
	if err := c.Visit(j.Origins[0] + pageURI(0)); err != nil {
		return report{}, err
	}
	c.Wait()
	return m.stop(int(pages.Load())), nil
}
