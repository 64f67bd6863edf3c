package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// startUp is what a person waits for before anything happens.
func startUp() experiment {
	bars := []bar{
		{what: "start-up: trawl version (ms)", limit: 20},
		{what: "start-up: crawl of one page on this machine (ms)", limit: 40},
	}
	return experiment{bars, func(ctx context.Context, l *lab) ([]result, error) {
		trawl, err := l.build(ctx)
		if err != nil {
			return nil, err
		}
		s, err := l.serve(ctx, job{Pages: 1, Links: 1, Size: 10 << 10})
		if err != nil {
			return nil, err
		}
		defer s.close()
		version, versionNote, err := l.start(ctx, trawl, "version")
		if err != nil {
			return nil, err
		}
		// Without a rate, or the page would wait for its turn after robots.txt.
		page, pageNote, err := l.start(ctx, trawl, "crawl", "--depth", "0", "--rate", "0", s.Origins[0]+pageURI(0))
		if err != nil {
			return nil, err
		}
		return []result{{bars[0], version, versionNote}, {bars[1], page, pageNote}}, nil
	}}
}

// build makes the program as it is released: static and stripped.
func (l *lab) build(ctx context.Context) (string, error) {
	trawl := filepath.Join(l.dir, "trawl")
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", trawl, "./cmd/trawl")
	cmd.Dir = "../.." // its own module: this one has not all that the program needs
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build trawl: %w: %s", err, bytes.TrimSpace(out))
	}
	return trawl, nil
}

// start is how long a command takes, in milliseconds: the fastest run, for the
// others waited for a core as well. The first one is not counted.
func (l *lab) start(ctx context.Context, name string, args ...string) (fastest float64, note string, _ error) {
	var took []float64
	for i := range l.starts + 1 {
		began := time.Now()
		if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
			return 0, "", fmt.Errorf("%s %q: %w: %s", filepath.Base(name), args, err, bytes.TrimSpace(out))
		}
		if i > 0 {
			took = append(took, float64(time.Since(began).Microseconds())/1000)
		}
	}
	return slices.Min(took), fmt.Sprintf("fastest of %d; the median is %.1f", l.starts, median(took)), nil
}
