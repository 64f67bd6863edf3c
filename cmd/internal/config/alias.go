package config

import (
	"maps"
	"slices"

	"github.com/spf13/pflag"
)

// aliasTable has the words that other crawlers and downloaders use for our
// flags. Only those that take the same values are here: wget's --tries counts
// the first try and its --limit-rate is of bytes, so they are not. It is made
// anew for those who ask, a few times a run.
func aliasTable() map[string]string {
	return map[string]string{
		"max-depth": "depth", "level": "depth", "depth-limit": "depth",
		"max-concurrency": "concurrency", "workers": "concurrency", "threads": "concurrency", "parallel": "concurrency",
		"parallelism": "concurrency", "concurrent-requests": "concurrency", "jobs": "concurrency",
		"concurrent-requests-per-domain": "host-concurrency", "per-host-concurrency": "host-concurrency",
		"wait": "delay", "download-delay": "delay", "request-interval": "delay",
		"rate-limit": "rate",
		"agent":      "user-agent", "ua": "user-agent", "useragent": "user-agent",
		"headers": "header", "cookies": "cookie", "load-cookies": "cookie-jar", "save-cookies": "cookie-jar",
		"ignore-robots": "no-robots", "ignore-robots-txt": "no-robots",
		"no-check-certificate": "insecure",
		"output-document":      "output", "output-format": "format",
		"input-file": "input", "url-file": "input", "urls": "input", "list": "input", "seeds": "input",
		"accept-regex": "include", "match-regex": "include", "crawl-scope": "include",
		"reject-regex": "exclude", "filter-regex": "exclude", "crawl-out-scope": "exclude",
		"page-requisites": "assets",
		"limit":           "max-pages", "page-limit": "max-pages", "max-urls": "max-pages",
		"max-time": "max-duration", "crawl-duration": "max-duration", "time-limit": "max-duration",
		"quota":        "max-bytes",
		"max-filesize": "max-body", "max-response-size": "max-body", "max-size": "max-body",
		"max-redirect": "max-redirects", "max-redirs": "max-redirects",
		"max-retries": "retries", "waitretry": "retry-wait", "retry-delay": "retry-wait",
		"read-timeout": "idle-timeout", "request-timeout": "timeout",
		"silent": "quiet",
	}
}

func aliases() []string { return slices.Sorted(maps.Keys(aliasTable())) }

func canonicalOf(name string) string {
	if canonical, ok := aliasTable()[name]; ok {
		return canonical
	}
	return name
}

// normalizer has an alias be the flag it stands for.
func normalizer() func(*pflag.FlagSet, string) pflag.NormalizedName {
	table := aliasTable()
	return func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if canonical, ok := table[name]; ok {
			name = canonical
		}
		return pflag.NormalizedName(name)
	}
}
