package progress

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/trawl-crawler/trawl/crawler/frontier"
)

// picture is what a status line says.
type picture struct {
	frontier.Stats
	rate    float64
	bytes   int64
	elapsed time.Duration
}

// status is the picture in one line of so many columns. Where there are few,
// the least wanted goes: who sees nothing happen wants to know what is waited
// for.
func (p picture) status(columns int) string {
	const hosts, bytes, elapsed = 4, 5, 6
	parts := []string{
		thousands(p.Counts.Fetched) + " pages",
		thousands(p.Counts.Queued+p.Counts.Leased) + " queued",
		p.perSecond() + "/s",
		count(p.Counts.Failed, "error"),
		hosts:   count(int64(p.Hosts), "host"),
		bytes:   Size(p.bytes),
		elapsed: clock(p.elapsed),
	}
	if w := p.waiting(); w != "" {
		parts = append(parts, w)
	}
	for _, least := range []int{bytes, hosts, elapsed} {
		if utf8.RuneCountInString(line(parts)) <= columns {
			break
		}
		parts[least] = ""
	}
	return line(parts)
}

// line joins what there is.
func line(parts []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), "  ")
}

func (p picture) perSecond() string { return strconv.FormatFloat(p.rate, 'f', 1, 64) }

// waiting says what the crawl waits for, if nothing is due within a second.
func (p picture) waiting() string {
	next := ""
	if p.Next >= time.Second {
		next = fmt.Sprintf("next in %.0f s", p.Next.Seconds())
	}
	if p.Paused == 0 {
		return next
	}
	paused := count(int64(p.Paused), "host") + " paused"
	if next == "" {
		return paused
	}
	return paused + ", " + next
}

func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return thousands(n) + " " + what
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Size writes bytes in the unit that suits them: "4.1 MiB".
func Size(n int64) string {
	f, unit := float64(n), 0
	for f >= 1024 && unit < 4 {
		f /= 1024
		unit++
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %ciB", f, "KMGT"[unit-1])
}

func clock(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Plain escapes what could steer a terminal or break a line, and leaves
// everything that can be read as it is.
func Plain(s string) string {
	if strings.IndexFunc(s, steers) < 0 && strings.ToValidUTF8(s, "") == s {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if steers(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// steers knows what is no graphic character nor a space: controls and
// directional overrides among them.
func steers(r rune) bool { return r != ' ' && !unicode.IsGraphic(r) }
