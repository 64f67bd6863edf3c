package config

import (
	"math"
	"regexp"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/trawl-crawler/trawl/crawler"
	"github.com/trawl-crawler/trawl/crawler/recrawl"
	"github.com/trawl-crawler/trawl/crawler/scope"
	"github.com/trawl-crawler/trawl/crawler/trap"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/recipe"
)

// Sections of --help, in its order.
func Sections() []string {
	return []string{reach, limits, bounds, polite, identity, network, data, out, durable, report}
}

const (
	reach    = "Seeds and scope"
	limits   = "Limits"
	bounds   = "Bounds"
	polite   = "Politeness"
	identity = "Identity"
	network  = "Network"
	data     = "Data from pages"
	out      = "Output"
	durable  = "State and later runs"
	report   = "Reporting"
)

// A setting is one row of the table.
type setting struct {
	name, short string
	value       pflag.Value
	usage       string
	bare        string // its value when the flag has none
	crawl       bool   // means something only where links are followed
	// public is what may be shown of a value with a secret in it; nil is all.
	public func(string) string
}

const maxConcurrency = 10_000 // each is a goroutine and a connection

// table binds each setting to its place in s, with its default. It is long
// because there is much to set, and in one piece because this is where to look.
func (s *Settings) table(agent string) map[string][]setting {
	positiveTime := positive(parseDuration)
	s.Reach.Depth = -1
	return map[string][]setting{
		reach: {
			{name: "input", short: "i", value: each(&s.Reach.Inputs, "FILE|-", plain),
				usage: "seeds, one a line, # comments; repeatable. Standard input is read too when it is piped and no seed is given"},
			{name: "depth", short: "d", value: of(&s.Reach.Depth, "N|inf", "inf", parseDepth), crawl: true,
				usage: "links from a seed; 0 is the seeds alone"},
			{name: "scope", short: "s", value: words(&s.Reach.Scope, string(scope.Host), scope.Modes()...), crawl: true,
				usage: "how far from the seeds: page (the seeds alone), path (below a seed's directory), host (with its port), domain (the registrable domain), any"},
			{name: "include", value: &list[pattern]{to: &s.Reach.Include, want: "RE|@FILE", parse: parseInclude}, crawl: true,
				usage: "follow only URLs that match; repeatable, @FILE has one a line. Seeds need not match"},
			{name: "exclude", value: &list[pattern]{to: &s.Reach.Exclude, want: "RE|@FILE", parse: parsePatterns}, crawl: true,
				usage: "never follow URLs that match; wins over --include"},
			{name: "assets", value: toggle(&s.Reach.Assets), bare: "true", crawl: true,
				usage: "also fetch what pages need (images, styles, scripts, media, fonts), one hop beyond the scope, not followed further"},
			{name: "sitemap", value: sitemaps{of(&s.Reach.Sitemaps, "auto|only|off|URL,…", "auto", parseSitemaps)}, public: withoutUserinfo, crawl: true,
				usage: "auto: those that robots.txt names, else /sitemap.xml, but none with --follow or a recipe's follow; only: follow no links in pages; URLs: these, repeatable. Entries have depth 1"},
			{name: "ignore-query", value: of(&s.Reach.Query, "NAMES", "", parseNames), bare: "*", crawl: true,
				usage: "take URLs that differ only in these query parameters for one (a,b,c), or in the query at all; the query is dropped"},
		},
		limits: {
			{name: "traps", value: words(&s.Reach.Traps.Mode, string(trap.On), trap.Modes()...), crawl: true,
				usage: "URL spaces without end (calendars, sessions, paths that repeat): on parks one once it gives nothing new, its URLs are skipped with the rule trap; report says so and goes on"},
			{name: "unpark", value: toggle(&s.Reach.Traps.Unpark), bare: "true", crawl: true,
				usage: "with --state: forget what was parked, and visit it"},
			{name: "max-pages", value: of(&s.Limits.Crawl.Pages, "N", none, orNone(whole(0, math.MaxInt))),
				usage: "end after so many pages of this run. A limit reached is a clean end: what is in flight is finished and recorded"},
			{name: "max-pages-per-host", value: of(&s.Limits.Crawl.PagesPerHost, "N", none, orNone(whole(0, math.MaxInt))),
				usage: "fetch no more of one host in this run"},
			{name: "max-duration", value: of(&s.Limits.Crawl.Duration, "D", none, orNone(parseDuration)),
				usage: "end after so long"},
			{name: "max-bytes", value: of(&s.Limits.Crawl.Bytes, "S", none, orNone(parseSize)),
				usage: "end after so much, decoded"},
			{name: "max-redirects", value: of(&s.Limits.Redirects, "N", "10", whole(0, math.MaxInt)),
				usage: "hops from one URL; each is a record of its own"},
			{name: "retries", value: of(&s.Limits.Retry.Max, "N", "2", whole(0, math.MaxInt)),
				usage: "further tries after a failure that may pass"},
			{name: "retry-wait", value: of(&s.Limits.Retry.Wait, "D", "1s", parseDuration),
				usage: "before the second try; doubles with each further one, up to 5m"},
		},
		bounds: {
			{name: "max-body", value: of(&s.Limits.MaxBody, "S", "10MiB", positive(parseSize)),
				usage: "cut a decoded body here. A record says in its limits which bounds it went over, and its error is of the kind too_large"},
			{name: "max-compressed", value: of(&s.Limits.Fetch.Compressed, "S|auto", "auto", orAuto(positive(parseSize))),
				usage: "cut a coded body here, as it comes; auto: a little more than is wanted of it decoded"},
			{name: "max-ratio", value: of(&s.Limits.Fetch.Ratio, "N", "200", whole(1, math.MaxInt32)),
				usage: "cut a body of 1 MiB and more at so many decoded bytes for each coded one"},
			{name: "max-links", value: of(&s.Limits.Crawl.Links, "N", "10000", orNone(whole(0, math.MaxInt32))),
				usage: "of one page; the others are neither recorded nor followed, nor those beyond 512 bytes for each of N (1 MiB at the least)"},
			{name: "max-text", value: of(&s.Limits.Crawl.Text, "S", "4KiB", smallSize),
				usage: "of a page's title, its description and the like"},
			{name: "max-tags", value: of(&s.Data.Take.Tree.Tags, "N", "500000", whole(1, math.MaxInt32)),
				usage: "of a page that fields are selected from: of one with more no tree is made, which its errors say"},
			{name: "max-attributes", value: of(&s.Data.Take.Tree.Attributes, "N", "1000000", whole(1, math.MaxInt32)),
				usage: "… in all tags of such a page"},
			{name: "max-nesting", value: of(&s.Data.Take.Tree.Nesting, "N", strconv.Itoa(recipe.MaxNesting), whole(1, recipe.MaxNesting)),
				usage: "… and of its elements within each other"},
			{name: "max-sitemaps", value: of(&s.Limits.Crawl.Sitemaps, "N", "1000", orNone(whole(0, math.MaxInt32))), crawl: true,
				usage: "files read for the host of one seed"},
			{name: "max-header", value: of(&s.Limits.Fetch.Header, "S", "256KiB", positive(parseSize)),
				usage: "of a response's header"},
			{name: "max-header-fields", value: of(&s.Limits.Fetch.Fields, "N", "1000", whole(1, math.MaxInt32)),
				usage: "in a response's header"},
			{name: "max-url", value: of(&s.Limits.Fetch.URL, "S", "8KiB", smallSize),
				usage: "of a URL that is asked for"},
			{name: "max-cookies", value: of(&s.Limits.Fetch.Cookies, "N", "50", whole(1, math.MaxInt32)),
				usage: "that one host may set"},
			{name: "max-memory", value: of(&s.Limits.Memory, "S|auto", "auto", orAuto(parseMemory)),
				usage: "of the whole process; the nearer it gets, the fewer requests are in flight. auto: 75 % of what the machine or its control group has, or GOMEMLIMIT"},
		},
		polite: {
			{name: "concurrency", short: "c", value: of(&s.Politeness.Concurrency, "N", "64", whole(1, maxConcurrency)),
				usage: "requests in flight, in all"},
			{name: "host-concurrency", value: of(&s.Politeness.HostConcurrency, "N", "2", whole(1, maxConcurrency)),
				usage: "requests in flight to one host"},
			{name: "rate", value: of(&s.Politeness.Rate, "N[/s|/m|/h]", "5/s", orNone(parseRate)),
				usage: "requests started to one host; 0 is no limit"},
			{name: "delay", value: of(&s.Politeness.delay, "D", "", parseDuration),
				usage: "the same as a gap between them: --delay 2s is --rate 30/m"},
			{name: "total-rate", value: of(&s.Politeness.TotalRate, "N[/s|/m|/h]", none, orNone(parseRate)),
				usage: "requests started to all hosts together"},
			{name: "robots", value: choice(&s.Politeness.Robots, "obey",
				term[crawler.RobotsMode]{"obey", crawler.RobotsObey},
				term[crawler.RobotsMode]{"report", crawler.RobotsReport},
				term[crawler.RobotsMode]{"ignore", crawler.RobotsIgnore}),
				usage: "robots.txt and nofollow; report fetches all the same and records the verdict"},
			{name: "no-robots", value: toggle(&s.Politeness.noRobots), bare: "true",
				usage: "the same as --robots ignore"},
			{name: "crawl-delay-cap", value: of(&s.Politeness.CrawlDelayCap, "D", "30s", parseDuration),
				usage: "the Crawl-delay of a robots.txt counts up to here"},
		},
		identity: {
			{name: "user-agent", short: "A", value: of(&s.Identity.UserAgent, "TEXT", agent, parseAgent),
				usage: "sent to every server; its first word is the name that robots.txt is searched for"},
			{name: "header", short: "H", value: each(&s.Identity.Headers, "'[HOST=]K: V'", parseHeader), public: headerName,
				usage: "sent to the seeds' hosts and to no other, through redirects too; with HOST= to that one alone, over https unless HOST or, if HOST has no scheme, a seed says http://; repeatable"},
			{name: "cookie", short: "b", value: each(&s.Identity.Cookies, "'K=V; K=V'", parseCookie), public: nothing,
				usage: "sent to the seeds' hosts and to no other; repeatable"},
			{name: "cookie-jar", value: text(&s.Identity.CookieJar, "FILE", ""),
				usage: "read cookies from here, and write those of the session back"},
			{name: "user", value: of(&s.Identity.Login, "U:P", "", parseLogin), public: nothing,
				usage: "name and password (basic) for the seeds' hosts; TRAWL_USER keeps them out of the list of processes"},
		},
		network: {
			{name: "timeout", short: "t", value: of(&s.Network.Timeout, "D", "30s", positiveTime),
				usage: "of a whole request"},
			{name: "connect-timeout", value: of(&s.Network.ConnectTimeout, "D", "10s", positiveTime),
				usage: "until there is a connection"},
			{name: "header-timeout", value: of(&s.Network.HeaderTimeout, "D|auto", "auto", orAuto(positiveTime)),
				usage: "from the connection to the whole header; auto: as long as --idle-timeout"},
			{name: "idle-timeout", value: of(&s.Network.IdleTimeout, "D", "15s", positiveTime),
				usage: "without a byte from the server"},
			{name: "proxy", short: "x", value: of(&s.Network.Proxy, "URL|none", "", parseProxy), public: withoutUserinfo,
				usage: "http, https, socks5 or socks5h, http if nothing is said; else HTTP_PROXY, HTTPS_PROXY and NO_PROXY count"},
			{name: "insecure", short: "k", value: toggle(&s.Network.Insecure), bare: "true",
				usage: "accept any certificate"},
			{name: "resolve", value: each(&s.Network.Resolve, "HOST:PORT:ADDR", parseOverride),
				usage: "ask this address for that host and port; repeatable"},
			{name: "allow-net", value: each(&s.Network.AllowNet, "CIDR", parseNet),
				usage: "connect to addresses of this network, too; repeatable. Those that are not public are refused unless a seed has such an address itself"},
			{name: "deny-net", value: each(&s.Network.DenyNet, "CIDR", parseNet),
				usage: "never connect to addresses of this network, whatever else allows it; repeatable"},
		},
		data: s.Data.table(),
		out: {
			{name: "output", short: "o", value: each(&s.Output.Outs, "FILE|-", parseOut),
				usage: "where records go, standard output if nothing is said; repeatable, and each may be narrowed: items.csv,emit=items,recipe=shop,fields=a+b. A file that is not empty is refused unless --append or --overwrite is given"},
			{name: "append", value: toggle(&s.Output.Append), bare: "true", usage: "write behind what the file holds"},
			{name: "overwrite", value: toggle(&s.Output.Overwrite), bare: "true", usage: "replace what the file holds"},
			{name: "rotate", value: of(&s.Output.Rotate, "D|S", none, orNone(parseRotate)),
				usage: "begin another file after so long (1h) or so much (100MB), and the rest of what is made durable at once: pages.jsonl is NAME-TIME-NUMBER.jsonl then, the open one with .part behind it"},
			{name: "format", short: "f", value: words(&s.Output.Format, "", Formats()...),
				usage: "jsonl: one JSON object a line; csv, tsv: a table with a header, nested values as JSON. Else by the file's extension, jsonl if that says nothing"},
			{name: "csv-raw", value: toggle(&s.Data.CSVRaw), bare: "true",
				usage: "in a table, leave cells as they are that a spreadsheet would run as formulas; else they get a ' before them"},
			{name: "emit", value: of(&s.Output.Emit, "pages,errors,skipped,items", "", output.ParseEmit),
				usage: "which records are written; it does not change what is crawled. Else pages,errors, with a recipe or --feed items,errors; in a table no errors"},
			{name: "fields", value: of(&s.Output.Fields, "a,b,c", "", parseFieldList),
				usage: "only these fields of a record, data, structured and article being whole; in a table the columns, in this order, data.price or price being a recipe's (data.url alone where records have a url themselves), offer.price what is in one; those of an array that --select makes, too"},
		},
		durable: {
			{name: "state", value: text(&s.State.Dir, "DIR", ""), crawl: true,
				usage: "keep the crawl in this directory: the same command goes on where it was stopped or killed, and after its end visits what is due again"},
			{name: "fresh", value: toggle(&s.State.Fresh), bare: "true", crawl: true,
				usage: "forget what the directory holds and begin anew"},
			{name: "yes", short: "y", value: toggle(&s.State.Yes), bare: "true", crawl: true,
				usage: "do not ask whether --fresh may throw unfinished work away"},
			{name: "sync-every", value: of(&s.State.SyncEvery, "D", "1s", positiveTime), crawl: true,
				usage: "make records and state durable so often: what is newer is done again after a crash"},
			{name: "if-running", value: words(&s.State.IfRunning, IfRunningFail, IfRunningWait, IfRunningSkip, IfRunningFail), crawl: true,
				usage: "when another trawl works in the directory: wait for its end, skip this run (exit 0) or fail (exit 6)"},
			{name: "min-free", value: of(&s.State.MinFree, "S", "1GiB", orNone(parseSize)), crawl: true,
				usage: "end, to be taken up again, before the disk of the state or the output has less room than this"},
			{name: "revisit", value: of(&s.Revisit.When, "all|adaptive|D", "all", parseSchedule), crawl: true,
				usage: "which pages a new run visits: all, those not visited for so long, or adaptive: sooner what changes, later what does not. A tenth of the time may be left, as a run takes some"},
			{name: "revisit-min", value: of(&s.Revisit.Min, "D", "1h", positiveTime), crawl: true,
				usage: "adaptive comes no sooner than this"},
			{name: "revisit-max", value: of(&s.Revisit.Max, "D", "720h", positiveTime), crawl: true,
				usage: "… and no later"},
			{name: "compare", value: choice(&s.Revisit.Compare, "text",
				term[recrawl.Compare]{"text", recrawl.Text},
				term[recrawl.Compare]{"body", recrawl.Body}), crawl: true,
				usage: "a page is modified when its main text differs (but for numbers and dates) or data taken from it, or when any byte of its body does"},
			{name: "grace", value: of(&s.Revisit.Grace, "N", "1", whole(0, math.MaxInt)), crawl: true,
				usage: "failing runs before a page counts as gone, in each of which it is due; 404 and 410 count at once"},
			{name: "changed-only", value: toggle(&s.Revisit.ChangedOnly), bare: "true", crawl: true,
				usage: "write only what is new, modified, gone or moved"},
			{name: "exit-changed", value: toggle(&s.Revisit.ExitChanged), bare: "true", crawl: true,
				usage: "exit 10 when anything is"},
		},
		report: {
			{name: "fail-on", value: of(&s.Report.FailOn, "none|seeds|any|rate:N%|fill:F<N%", "seeds", parseFailOn),
				usage: "seeds: exit 3 if every seed failed, 8 if robots.txt denies all; any, or more than N%, failed or with status 400 and above, or the field F found on less than N%: exit 4. A comma between several"},
			{name: "quiet", short: "q", value: toggle(&s.Report.Quiet), bare: "true", usage: "nothing on stderr but errors"},
			{name: "verbose", short: "v", value: toggle(&s.Report.Verbose), bare: "true",
				usage: "say what fails and is tried again, and where the crawl stands every 10 s"},
			{name: "log-format", value: words(&s.Report.LogFormat, "text", "text", "json"), usage: "of the lines on stderr"},
			{name: "progress", value: words(&s.Report.Progress, "auto", "auto", "always", "never"),
				usage: "a status line on stderr; auto: if it is a terminal"},
			{name: "summary", value: text(&s.Report.Summary, "FILE|-", ""), usage: "write the summary there as JSON"},
			{name: "pprof", value: of(&s.Report.Pprof, "ADDR", "", parseLoopback),
				usage: "serve profiles of trawl itself there, under /debug/pprof/; a loopback address only, as 127.0.0.1:6060"},
			{name: "trace", value: text(&s.Report.Trace, "FILE", ""), usage: "write a trace of trawl itself there, for go tool trace"},
			{name: "config", value: text(&s.Report.Config, "FILE", ""), usage: "read settings from this YAML file: flag names without --, as keys"},
		},
	}
}

// pattern is short for what include and exclude hold.
type pattern = *regexp.Regexp

// plain takes any text but none.
func plain(s string) (string, error) {
	var to string
	err := text(&to, "", "").Set(s)
	return to, err
}
