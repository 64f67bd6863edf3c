package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

// server is the fake web of a script.
type server struct{ *fetchtest.Server }

func serverOf(ts *testscript.TestScript) *server { return ts.Value(server{}).(*server) }

func web(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: web FILE [hosts=N] [tls]")
	}
	var text strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		text.WriteString(strings.TrimPrefix(line, ">"))
	}
	site, err := fetchtest.Parse([]byte(text.String()))
	ts.Check(err)
	if slices.Contains(args[1:], "tls") {
		s := httptest.NewUnstartedServer(site)
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // a certificate that is refused is no news here
		s.StartTLS()
		ts.Defer(s.Close)
		ts.Setenv("WEB", s.URL)
		return
	}
	hosts := 1
	for _, arg := range args[1:] {
		n, _ := strings.CutPrefix(arg, "hosts=")
		hosts, err = strconv.Atoi(n)
		ts.Check(err)
	}
	s, err := fetchtest.Listen(site, fetchtest.Hosts(hosts)...)
	ts.Check(err)
	ts.Defer(s.Close)
	serverOf(ts).Server = s
	ts.Setenv("WEB", s.URL("127.0.0.1", ""))
	ts.Setenv("PORT", strconv.Itoa(s.Port()))
}

func mute(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // its queue takes connections, and nobody takes them from there
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	ts.Setenv("MUTE", l.Addr().String())
}

func testsite(ts *testscript.TestScript, _ bool, _ []string) {
	cmd := command(ts, []string{"trawl", "testsite"})
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var index string
	_, err = fmt.Fscanln(stdout, &index)
	ts.Check(err)
	ts.Setenv("SITE", index)
}

func weblog(ts *testscript.TestScript, _ bool, args []string) {
	var lines []string
	for _, hit := range serverOf(ts).Log() {
		line := hit.String()
		if len(args) == 2 && args[0] == "-H" {
			line = fmt.Sprintf("%s%s %q", hit.Host, hit.URI, hit.Header.Values(args[1]))
		}
		lines = append(lines, line+"\n")
	}
	slices.Sort(lines)
	_, _ = io.WriteString(ts.Stdout(), strings.Join(lines, ""))
}

func gaps(ts *testscript.TestScript, neg bool, args []string) {
	least, err := time.ParseDuration(args[0])
	ts.Check(err)
	s, shortest := serverOf(ts), make(map[string]time.Duration)
	for _, hit := range s.Log() {
		shortest[hit.Host] = slices.Min(append(s.Gaps(hit.Host), time.Hour))
	}
	fmt.Fprintf(ts.Stdout(), "%d hosts\n", len(shortest))
	for host, gap := range shortest {
		if gap < least && !neg {
			ts.Fatalf("host %s was asked again after %v", host, gap)
		}
		if gap >= least && neg {
			ts.Fatalf("host %s was never asked again before %v", host, gap)
		}
	}
}

func records(ts *testscript.TestScript, _ bool, args []string) {
	name := "stdout"
	if len(args) == 1 {
		name = args[0]
	}
	port := ":" + ts.Getenv("PORT")
	var lines []string
	for line := range strings.Lines(ts.ReadFile(name)) {
		var r struct {
			URL, Outcome string
			Status       int
			RedirectTo   string `json:"redirect_to"`
			Error        struct{ Kind string }
			Skip         struct{ Rule string }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			ts.Fatalf("%q is no record: %v", line, err)
		}
		text := r.Outcome + " " + r.URL
		switch {
		case r.RedirectTo != "":
			text = fmt.Sprintf("%d %s -> %s", r.Status, r.URL, r.RedirectTo)
		case r.Status != 0:
			text = fmt.Sprintf("%d %s", r.Status, r.URL)
		case r.Error.Kind+r.Skip.Rule != "":
			text += fmt.Sprintf(" (%s%s)", r.Error.Kind, r.Skip.Rule)
		}
		lines = append(lines, strings.ReplaceAll(text, port, "")+"\n")
	}
	slices.Sort(lines)
	_, _ = io.WriteString(ts.Stdout(), strings.Join(lines, ""))
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	wantCode(ts, args[0], ts.Exec(args[1], args[2:]...))
}

func wantCode(ts *testscript.TestScript, want string, err error) {
	code := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		code = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != want {
		ts.Fatalf("exit code %d, want %s", code, want)
	}
}

// command is a program of the script, not started.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path := args[0]
	for dir := range strings.SplitSeq(ts.Getenv("PATH"), ":") {
		if found, err := exec.LookPath(dir + "/" + path); err == nil {
			path = found
			break
		}
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, key := range []string{"PATH", "HOME", "TMPDIR", "TRAWL_RATE", "GOCOVERDIR"} {
		cmd.Env = append(cmd.Env, key+"="+ts.Getenv(key))
	}
	return cmd
}

func head(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: head N PROGRAM ARG…")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := command(ts, args[1:])
	cmd.Stderr = ts.Stderr()
	pipe, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	lines := bufio.NewScanner(pipe)
	for range n {
		if !lines.Scan() {
			break
		}
		fmt.Fprintln(ts.Stdout(), lines.Text())
	}
	ts.Check(pipe.Close())
	wantCode(ts, "0", cmd.Wait())
}

func sendSignal(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: signal CODE SIG[,SIG] PROGRAM ARG…")
	}
	cmd := command(ts, args[2:])
	var stderr heard
	before := len(serverOf(ts).Log())
	cmd.Stdout, cmd.Stderr = ts.Stdout(), &stderr
	ts.Check(cmd.Start())
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}
	for i, name := range strings.Split(args[1], ",") {
		if i == 0 {
			eventually(ts, "no page was asked for", func() bool {
				return slices.ContainsFunc(serverOf(ts).Log()[before:], func(h fetchtest.Hit) bool {
					return h.URI != "/robots.txt" && h.URI != "/sitemap.xml"
				})
			})
		} else {
			eventually(ts, "the first signal was not heard", func() bool { return strings.Contains(stderr.String(), "finishing") })
		}
		ts.Check(cmd.Process.Signal(signals[name]))
	}
	err := cmd.Wait()
	_, _ = io.WriteString(ts.Stderr(), stderr.String())
	wantCode(ts, args[0], err)
}

// heard is a text that one goroutine writes and another looks at.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// eventually waits until something is so.
func eventually(ts *testscript.TestScript, otherwise string, so func() bool) {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(20 * time.Second)
	for !so() {
		select {
		case <-ticker.C:
		case <-deadline:
			ts.Fatalf("%s", otherwise)
		}
	}
}

func await(ts *testscript.TestScript, _ bool, args []string) {
	eventually(ts, args[0]+" is not there", func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
}

func stall(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: stall CODE SIG PROGRAM ARG…")
	}
	cmd := command(ts, args[2:])
	cmd.Stderr = ts.Stderr()
	unread, full, err := os.Pipe()
	ts.Check(err)
	defer unread.Close()
	cmd.Stdout = full
	ts.Check(cmd.Start())
	ts.Check(full.Close())
	asked, since := 0, time.Now()
	eventually(ts, "the crawl does not wait for its reader", func() bool { // it asks for nothing more
		if n := len(serverOf(ts).Log()); n != asked {
			asked, since = n, time.Now()
		}
		return asked > 0 && time.Since(since) > time.Second
	})
	ts.Check(cmd.Process.Signal(map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}[args[1]]))
	wantCode(ts, args[0], cmd.Wait())
}
