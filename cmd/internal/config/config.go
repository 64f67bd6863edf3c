// Package config is what the user wants: every setting of the command line,
// where its value came from, and the seeds.
//
// Each setting is one row of one table (table.go). The row makes it a flag, a
// key of the --config file and a TRAWL_ variable, all three read by the same
// parser, so that a value means the same and fails with the same words
// wherever it is written. A value counts in this order:
//
//	default < file < environment < flag
//
// Nothing here opens an output or asks a server: whoever gets an error from
// this package has not fetched anything yet.
package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"time"

	"golang.org/x/time/rate"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/output/rotate"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Settings are the values of all settings, by the sections of --help.
type Settings struct {
	Reach      Reach
	Limits     Limits
	Politeness Politeness
	Identity   Identity
	Network    Network
	Data       Data
	Output     Output
	State      State
	Revisit    Revisit
	Report     Report
}

// Reach is where a crawl begins and how far it goes.
type Reach struct {
	Inputs   []string // files of seeds; "-" is the standard input
	Depth    int      // negative is no limit
	Scope    scope.Mode
	Include  []*regexp.Regexp
	Exclude  []*regexp.Regexp
	Assets   bool
	Sitemaps crawler.Sitemaps
	Query    *crawler.QueryFilter
	Traps    crawler.Traps
}

// Limits end a crawl or a single fetch.
type Limits struct {
	Crawl     crawler.Limits
	MaxBody   int64
	Fetch     fetch.Limits // what else one response may cost
	Memory    int64        // of the process; 0 is a share of what there is
	Redirects int
	Retry     crawler.Retry
}

// Politeness is what hosts may expect.
type Politeness struct {
	Concurrency     int
	HostConcurrency int
	Rate            rate.Limit // of one host, by --rate or --delay; 0 is no limit
	TotalRate       rate.Limit
	Robots          crawler.RobotsMode
	CrawlDelayCap   time.Duration

	delay    time.Duration
	noRobots bool
}

// Identity is who trawl says it is. All but the agent is told to the seeds'
// hosts only.
type Identity struct {
	UserAgent string
	Headers   []Header
	Cookies   []string // "a=1; b=2"
	CookieJar string   // a file's name
	Login     Login
}

// Header is one header line. It is for the seeds' hosts, or for the one that it
// is bound to.
type Header struct {
	Name, Value string
	To          weburl.URL // the zero value is the seeds' hosts
	Secure      bool       // To was given with https://: whatever the seeds are, it is not sent in the clear
}

// Login is a name and a password.
type Login struct{ User, Password string }

// Network is how servers are reached.
type Network struct {
	Proxy    string
	Insecure bool
	Resolve  []Override

	AllowNet, DenyNet []netip.Prefix

	Timeout, ConnectTimeout, HeaderTimeout, IdleTimeout time.Duration
}

// Override names where a "host:port" is to be reached.
type Override struct{ From, To string }

// Output is where records go, and which.
type Output struct {
	Outs              []Out
	Append, Overwrite bool
	Format            string
	Rotate            rotate.When // the zero value is never
	Emit              output.Emit
	Fields            []string // nil is all
}

// Report is what the person who runs trawl is told, by words and exit code.
type Report struct {
	FailOn         FailOn
	Quiet, Verbose bool
	LogFormat      string
	Progress       string
	Summary        string // a file's name
	Pprof          string // a loopback address
	Trace          string // a file's name
	Config         string // a file's name
}

// FailOn says which failures of a crawl are a failure of the command.
type FailOn struct {
	Kind  string  // none, seeds, any or rate
	Share float64 // of rate: more than this share of the pages, in [0, 1]
	Fill  []FillLimit
}

func (f FailOn) String() string {
	if f.Kind == "rate" {
		return fmt.Sprintf("rate:%.10g%%", f.Share*100) // 0.29 × 100 is not quite 29
	}
	return f.Kind
}
