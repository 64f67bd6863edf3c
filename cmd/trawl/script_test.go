package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

// A process under the race detector stays for a second when it has ended, in
// case that a race comes to light. Hundreds of short ones need no such second.
const raceVariable, noLastSecond = "GORACE", "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	if os.Getenv(asTrawl) != "" {
		main()
	}
	os.Setenv(raceVariable, noLastSecond) // for the processes of the tests
	testscript.Main(m, map[string]func(){"trawl": main})
}

// TestScripts drives the real binary over real loopback HTTP, as the scripts
// in testdata/script say. Beside testscript's own commands they have
//
//	web FILE [hosts=N] [tls]  serve the fake web in FILE (see fetch/fetchtest; leading > are dropped) on
//	                          127.0.0.1 and up; sets $WEB to its URL and $PORT
//	mute                      listen at $MUTE and never answer
//	testsite                  run trawl testsite; sets $SITE to its index page
//	weblog [-H NAME]          print what the web was asked, sorted, or that with the header NAME of each request
//	gaps DURATION             fail if a host was asked again sooner; with !, if one never was
//	records [FILE]            print the records of FILE, or of the last stdout, one a line, sorted:
//	                          "200 URL", "failed URL (kind)"; ports are left out
//	exits CODE PROGRAM ARG…   run it and want this exit code
//	head N PROGRAM ARG…       run it, read N lines of its output and close the pipe; want exit code 0
//	$RECIPES                  is the directory of the README's recipes
//	signal CODE SIG[,SIG] PROGRAM ARG…
//	                          run it, send it a signal when the web is first asked for a page, another when it
//	                          has said that it heard the first, and want this exit code
//	await FILE                wait until the file is there
//	[terminal]                whether there are pseudo-terminals here
//	stall CODE SIG PROGRAM ARG…
//	                          run it with a full pipe that nobody reads, send it a signal, and want this exit code
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "../../testdata/script",
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"web":      web,
			"mute":     mute,
			"testsite": testsite,
			"weblog":   weblog,
			"gaps":     gaps,
			"records":  records,
			"exits":    exits,
			"head":     head,
			"signal":   sendSignal,
			"await":    await,
			"stall":    stall,
		},
		Condition: func(cond string) (bool, error) {
			if cond != "terminal" {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
			if err == nil {
				err = f.Close()
			}
			return err == nil && runtime.GOOS == "linux", nil
		},
		Setup: func(env *testscript.Env) error {
			env.Values[server{}] = new(server)
			env.Setenv("NO_PROXY", "")
			env.Setenv(raceVariable, noLastSecond)
			recipes, err := filepath.Abs("../../testdata/recipes")
			if err != nil {
				return err
			}
			env.Setenv("RECIPES", recipes)
			return nil
		},
	})
}
