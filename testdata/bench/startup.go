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
		idle, err := l.buildIdle(ctx)
		if err != nil {
			return nil, err
		}
		nothing, _, err := l.start(ctx, idle)
		if err != nil {
			return nil, err
		}
		version, versionNote, err := l.start(ctx, trawl, "version")
		if err != nil {
			return nil, err
		}
		versionNote += fmt.Sprintf("; a program that does nothing %.1f", nothing)
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
	// In its own module: this one has not all that the program needs.
	return l.goBuild(ctx, "trawl", "../..", "./cmd/trawl")
}

// buildIdle makes a program that does nothing, which is what Go and the system
// take to start any.
func (l *lab) buildIdle(ctx context.Context) (string, error) {
	source := filepath.Join(l.dir, "idle.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		return "", err
	}
	return l.goBuild(ctx, "idle", l.dir, source)
}

func (l *lab) goBuild(ctx context.Context, name, dir, what string) (string, error) {
	program := filepath.Join(l.dir, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", program, what)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return program, nil
}

// start is how long a command takes, in milliseconds: the fastest run, for the
// others waited for a core as well. The first one is not counted, and says what
// is wrong, if anything; the others have no pipes to this process, which would
// have to be woken to read them.
func (l *lab) start(ctx context.Context, name string, args ...string) (fastest float64, note string, _ error) {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return 0, "", fmt.Errorf("%s %q: %w: %s", filepath.Base(name), args, err, bytes.TrimSpace(out))
	}
	var took []float64
	for range l.starts {
		began := time.Now()
		if err := exec.CommandContext(ctx, name, args...).Run(); err != nil {
			return 0, "", fmt.Errorf("%s %q: %w", filepath.Base(name), args, err)
		}
		took = append(took, float64(time.Since(began).Microseconds())/1000)
	}
	return slices.Min(took), fmt.Sprintf("fastest of %d; the median is %.1f", l.starts, median(took)), nil
}
