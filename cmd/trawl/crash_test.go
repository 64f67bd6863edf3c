package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/frontier/disk"
	"github.com/trawl-crawler/trawl/fetch/fetchtest"
)

// asTrawl in the environment makes the test binary be trawl.
const asTrawl = "TRAWL_TEST_IS_TRAWL"

const (
	crashPages = 1600
	crashKills = 30 // at least
)

// TestKilledAgainAndAgain kills a crawl with SIGKILL until it is complete.
// Then the file has each page once, and no page that was recorded was ever
// asked for again.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel() // it mostly waits for its child
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	server := fetchtest.Start(t, fetchtest.Generate(fetchtest.Site{Pages: crashPages, Links: 12, Size: 1 << 10, Seed: 1}))
	dir := t.TempDir()
	state, file := filepath.Join(dir, "state"), filepath.Join(dir, "pages.jsonl")

	kills, again := 0, 0
	for complete := false; !complete; {
		recorded := fetchedIn(t, state)
		before := len(server.Log())
		cmd := exec.CommandContext(t.Context(), os.Args[0], server.URL("127.0.0.1", "/p/0"), "--state", state, "-o", file,
			"--revisit", "8760h", // a kill between the last commit and the exit leaves a complete crawl: nothing is due in the next
			"--rate", "0", "--sync-every", "20ms", "--min-free", "none", "--quiet", "--host-concurrency", "4")
		cmd.Env = append(os.Environ(), asTrawl+"=1")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		complete = !killed(t, cmd, server, before+dice.IntN(70), dice)
		if !complete {
			kills++
		} else if stderr.Len() > 0 {
			t.Fatalf("after %d kills: %s", kills, &stderr)
		}
		for _, hit := range server.Log()[before:] {
			if recorded[hit.URI] {
				t.Errorf("%s was recorded before kill %d and asked for after it", hit.URI, kills)
			}
		}
	}
	asked := make(map[string]int)
	for _, hit := range server.Log() {
		if asked[hit.URI]++; asked[hit.URI] > 1 && hit.URI != "/robots.txt" && hit.URI != "/sitemap.xml" {
			again++
		}
	}
	t.Logf("%d kills; %d pages asked for again, in flight or newer than the last commit", kills, again)
	if kills < crashKills {
		t.Errorf("%d kills, want %d", kills, crashKills)
	}
	eachPageOnce(t, file)
}

// killed kills the process when the server has been asked so often, or a
// moment later, and tells whether it was alive until then.
func killed(t *testing.T, cmd *exec.Cmd, server *fetchtest.Server, hits int, dice *rand.Rand) bool {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for len(server.Log()) <= hits {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("trawl: %v: %s", err, cmd.Stderr)
			}
			return false
		case <-ticker.C:
		}
	}
	<-time.After(time.Duration(dice.IntN(20)) * time.Millisecond) // in the middle of a commit, or of anything
	_ = cmd.Process.Kill()
	return (<-ended) != nil
}

// fetchedIn are the paths that the state has as fetched.
func fetchedIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	recorded := make(map[string]bool)
	store, err := disk.Read(dir, disk.Options{})
	if errors.Is(err, disk.ErrForeign) || errors.Is(err, disk.ErrCorrupt) && len(recorded) == 0 {
		return recorded // killed before it was made
	}
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range store.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Outcome == frontier.Fetched && row.Job.Kind == frontier.Page {
			recorded[row.Job.URL.Path()] = true
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return recorded
}

func eachPageOnce(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for line := range bytes.Lines(text) {
		var r struct{ URL string }
		if err := json.Unmarshal(line, &r); err != nil || !bytes.HasSuffix(line, []byte("\n")) {
			t.Fatalf("%q: %v", line, err)
		}
		if seen[r.URL] {
			t.Errorf("%s is there twice", r.URL)
		}
		seen[r.URL] = true
	}
	if len(seen) != crashPages {
		t.Errorf("the file has %d pages, want %d", len(seen), crashPages)
	}
}
