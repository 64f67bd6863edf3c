package progress

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/crawler"
)

// Summary is what a crawl did, for a person: a few lines, the last one ended.
func Summary(s *crawler.Summary) string {
	var b strings.Builder
	elapsed := time.Duration(s.Elapsed * float64(time.Second))
	fmt.Fprintf(&b, "trawl: %s after %s, %.1f pages/s\n", s.Finish, roughly(elapsed), float64(s.Visited())/max(s.Elapsed, 0.001))
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-9s %s\n", name, text)
		}
	}
	row("pages", fmt.Sprintf("%s known = %s fetched + %s failed + %s skipped + %s left",
		thousands(s.Known), thousands(s.Fetched), thousands(s.Failed), thousands(s.Skipped), thousands(s.Left)))
	row("statuses", tally(s.Statuses))
	row("errors", tally(s.Errors))
	row("skipped", tally(s.Skips))
	row("bounds", over(s.Limits))
	row("changes", tally(s.Changes))
	row("data", harvested(s.Data))
	if h := s.Data; h != nil && h.Follow != nil && *h.Follow == 0 && h.Trees+h.Items > 0 {
		row("follow", "nothing: no page has what the recipe or --follow says")
	}
	row("select", tally(s.SelectErrors))
	row("bodies", Size(s.Bytes))
	row("hosts", hosts(s))
	if s.Sitemaps > 0 {
		row("sitemaps", thousands(s.Sitemaps)+" read")
	}
	if s.Seeds.Failed+s.Seeds.Denied > 0 {
		row("seeds", fmt.Sprintf("%d given, %d failed, %d denied by robots.txt", s.Seeds.Given, s.Seeds.Failed, s.Seeds.Denied))
	}
	return b.String()
}

// Extraction is what was taken from saved pages, for a person.
func Extraction(s *crawler.Summary) string {
	text := fmt.Sprintf("trawl: %s\n", count(s.Fetched, "page"))
	if data := harvested(s.Data); data != "" {
		text += "  data      " + data + "\n"
	}
	if failed := tally(s.SelectErrors); failed != "" {
		text += "  select    " + failed + "\n"
	}
	return text
}

// LogSummary is Summary for a program that reads the log.
func LogSummary(log *slog.Logger, s *crawler.Summary) { log.Info("ended", "summary", s) }

// tally writes counts, the highest first: "200 × 41, 404 × 2".
func tally(counts map[string]int64) string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%s × %s", Plain(k), thousands(counts[k]))
	}
	return strings.Join(keys, ", ")
}

// over says how many went over which bound, by the names of the settings.
func over(limits map[string]int64) string {
	flags := make(map[string]int64, len(limits))
	for bound, n := range limits {
		flags["--max-"+bound] = n
	}
	return tally(flags)
}

// harvested says what was found, and how often each field was.
func harvested(h *crawler.Harvested) string {
	if h == nil || h.Items+h.Errors == 0 && len(h.Fill) == 0 {
		return ""
	}
	parts := []string{count(h.Items, "item")}
	if h.Errors > 0 {
		parts = append(parts, count(h.Errors, "field error"))
	}
	items := make(map[string]int) // that have a field of the name
	for _, f := range h.Fill {
		items[f.Field]++
	}
	for _, f := range h.Fill {
		name := f.Field
		if items[name] > 1 && f.Item != "" {
			name = f.Item + "." + name // as --fail-on knows it
		}
		share := "of no page" // was asked for it: all had not changed, or no item was found
		if f.Of > 0 {
			share = fmt.Sprintf("%.0f%%", Percent(f.Share, 0))
		}
		parts = append(parts, Plain(name)+" "+share)
	}
	return strings.Join(parts, ", ")
}

// hosts names the slowest, where there is more than one to compare.
// Percent is a share in hundredths, cut behind so many digits: what is not all is
// not shown as 100. Of a share such as 0.29 a hundred times is not quite 29.
func Percent(share float64, digits int) float64 {
	unit := math.Pow10(digits)
	return math.Floor(share*100*unit+1e-9) / unit
}

func hosts(s *crawler.Summary) string {
	text := thousands(int64(s.Hosts))
	if s.Hosts < 2 || len(s.Slowest) == 0 {
		return text
	}
	var slow []string
	for _, h := range s.Slowest[:min(3, len(s.Slowest))] {
		mean := time.Duration(h.Mean * float64(time.Millisecond))
		slow = append(slow, fmt.Sprintf("%s %s", Plain(h.Host), roughly(mean)))
	}
	return text + "; slowest " + strings.Join(slow, ", ")
}

// roughly writes a duration to three digits or so.
func roughly(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
