package crawler

import (
	"time"

	"github.com/trawl-crawler/trawl/crawler/frontier"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/fetch/gate"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/extract"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// Options is everything a crawl is made of. Run takes it as it is: defaults
// belong to whoever fills it in.
type Options struct {
	Seeds   []weburl.URL
	Fetcher fetch.Fetcher // the client; Run stacks robots.txt on it
	Store   frontier.Store
	Sink    output.Sink
	Scope   *scope.Scope

	Extract     *extract.Plan // what to take from pages; nil is nothing but links
	Emit        output.Emit   // which records are written; all URLs are crawled alike
	Robots      Robots
	Sitemaps    Sitemaps
	Follow      Follow
	Politeness  frontier.Politeness
	Traps       Traps
	Limits      Limits
	Retry       Retry
	Concurrency int    // requests in flight, in all
	Timing      Timing // of the crawl itself
	Again       Again
	Events      Events
}

// Again is what a crawl over a store that outlives it knows of earlier runs.
// The zero value is a crawl that has no past and no future.
type Again struct {
	Rows        frontier.Archive
	Notes       frontier.Notes
	Policy      recrawl.Policy
	ChangedOnly bool // write only what is new, modified, gone or moved
}

// Robots says how robots.txt and its kin are treated.
type Robots struct {
	Mode    RobotsMode
	Agent   string        // the product token that rules and directives are addressed to
	Timeout time.Duration // of a request for robots.txt; 0 is the gate's own
}

// RobotsMode is a word of --robots.
type RobotsMode uint8

// The modes.
const (
	RobotsObey   RobotsMode = iota
	RobotsReport            // everything is fetched, and the record says what robots.txt thinks
	RobotsIgnore            // robots.txt is not even asked for
)

func (m RobotsMode) gate() gate.Mode {
	if m == RobotsReport {
		return gate.Report
	}
	return gate.Obey
}

// Follow says which of the URLs that are found become jobs, beyond what the
// scope says.
type Follow struct {
	Depth     int  // links from a seed; negative is no limit, zero the seeds alone
	Redirects int  // hops from one link; zero follows none
	Assets    bool // also what pages need, one hop beyond the scope
	Query     *QueryFilter
}

// Reaches tells whether a job is near enough to its seed. Sitemaps always are.
func (f *Follow) Reaches(job *frontier.Job) bool {
	return f.Depth < 0 || job.Depth <= f.Depth || job.Kind == frontier.Sitemap
}

// Traps says what to do about URL spaces that have no end.
type Traps struct {
	Mode   trap.Mode // "" is trap.Off
	Unpark bool      // forget what earlier runs parked, and visit it
}

// Limits end a crawl in good order, or cut what one page or host may bring into
// it; zero is no limit.
type Limits struct {
	Pages        int // fetched
	PagesPerHost int
	Links        int   // of one page
	Text         int   // bytes of a title, a description or the like; 0 is link.MaxText
	Sitemaps     int   // files, of one host
	Bytes        int64 // decoded
	Duration     time.Duration
}

// Timing is the crawl's own clockwork.
type Timing struct {
	Grace     time.Duration // for what is in flight once ctx has ended; 0 is none
	SyncEvery time.Duration // between commits: at most so much is done again after a crash
}

// Retry says how often a failure that may pass is tried again.
type Retry struct {
	Max  int           // tries after the first
	Wait time.Duration // before the second try; doubles, with jitter
}

// Sitemaps says which sitemaps are read.
type Sitemaps struct {
	Mode SitemapMode
	URLs []weburl.URL // for SitemapGiven: these instead of the site's own
}

// SitemapMode is a word of --sitemap.
type SitemapMode uint8

// The modes.
const (
	SitemapAuto SitemapMode = iota // those robots.txt names, else /sitemap.xml; none when Extract names the links to take
	SitemapOnly                    // those of auto; links in pages are not followed
	SitemapOff
	SitemapGiven
)
