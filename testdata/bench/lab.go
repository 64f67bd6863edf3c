package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// size is how much of everything is measured.
type size struct {
	small, large int // pages of the site of 10 KiB, of 50 KiB
	perHost      int // pages of each host where connections are counted
	inFlight     int // requests at a time
	known        int // URLs, in the largest set
	starts       int // of the program
}

// The sizes of a run that is judged, and of one that only has to work.
var (
	full   = size{small: 10_000, large: 3000, perHost: 300, inFlight: 10_000, known: 10_000_000, starts: 31}
	little = size{small: 500, large: 100, perHost: 200, inFlight: 500, known: 200_000, starts: 3}
)

// A lab runs experiments.
type lab struct {
	size
	rounds  int
	docs    string
	profile string
	program string // this one
	dir     string // of its own, for files of the contenders
}

func newLab(s size) (*lab, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "trawl-bench-")
	return &lab{size: s, program: program, dir: dir}, err
}

func (l *lab) close() { os.RemoveAll(l.dir) }

// An experiment gives the values of some bars.
type experiment struct {
	bars []bar
	run  func(context.Context, *lab) ([]result, error)
}

func (e *experiment) matches(re *regexp.Regexp) bool {
	return slices.ContainsFunc(e.bars, func(b bar) bool { return re.MatchString(b.what) })
}

// play is a contender's or a server's whole life: it is told a job, and ends
// with its report on the standard output.
func play(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%q: want a role and its job", args)
	}
	role, ok := roles()[args[0]]
	if !ok {
		return fmt.Errorf("unknown role %q", args[0])
	}
	var j job
	if err := json.Unmarshal([]byte(args[1]), &j); err != nil {
		return fmt.Errorf("job %q: %w", args[1], err)
	}
	r, err := role(ctx, j)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func (l *lab) command(ctx context.Context, role string, j job) (*exec.Cmd, error) {
	text, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, l.program, roleArg, role, string(text))
	cmd.Dir = l.dir
	return cmd, nil
}

// contend has one contender do its job and gives its report.
func (l *lab) contend(ctx context.Context, role string, j job) (report, error) {
	var r report
	cmd, err := l.command(ctx, role, j)
	if err != nil {
		return r, err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("%w: %s", err, strings.TrimSpace(said.String()))
	}
	return r, json.Unmarshal(out, &r)
}

// A turn is one contender's part in a round.
type turn struct {
	role string
	job  job
}

// turns gives the reports of all rounds, by round and then by contender. Each
// must have read all pages. (One may have read some twice, as colly does when
// two pages name a third at the same moment: its costs are those of a page.)
func (l *lab) turns(ctx context.Context, rounds int, contenders ...turn) ([][]report, error) {
	all := make([][]report, rounds)
	for i := range all {
		all[i] = make([]report, len(contenders))
		for k, c := range contenders {
			if l.profile != "" {
				c.job.Profile = filepath.Join(l.profile, fmt.Sprintf("%s-%s-%d-", c.role, c.job.Name, i))
			}
			r, err := l.contend(ctx, c.role, c.job)
			if err != nil {
				return nil, err
			}
			if r.Pages < c.job.Pages {
				return nil, fmt.Errorf("%s read %d pages of %d", c.role, r.Pages, c.job.Pages)
			}
			all[i][k] = r
		}
	}
	return all, nil
}

// few are the rounds of what takes many seconds a turn, many those of what takes
// one: a ratio of two such turns may be a fifth off on a busy machine.
func (l *lab) few() int  { return min(l.rounds, 3) }
func (l *lab) many() int { return 3*l.rounds - 2 }

// ratio is the median, over the rounds, of what two contenders did in the same round.
func ratio(rounds [][]report, a, b int, of func(report) float64) float64 {
	return medianOf(rounds, func(r []report) float64 { return of(r[a]) / of(r[b]) })
}

func medianOf[T any](all []T, value func(T) float64) float64 {
	values := make([]float64, len(all))
	for i := range all {
		values[i] = value(all[i])
	}
	return median(values)
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// A server is a site in a process of its own.
type server struct {
	address
	cmd  *exec.Cmd
	stop io.Closer
}

// serve starts a server, which ends with its standard input.
func (l *lab) serve(ctx context.Context, j job) (*server, error) {
	cmd, err := l.command(ctx, "server", j)
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	stop, stopErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(stopErr, outErr); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, stop: stop}
	if err := json.NewDecoder(out).Decode(&s.address); err != nil {
		s.close()
		return nil, fmt.Errorf("the server gave no address: %w", err)
	}
	return s, nil
}

func (s *server) close() {
	s.stop.Close()
	_ = s.cmd.Wait() // how it ends is no matter once it is not needed
}
