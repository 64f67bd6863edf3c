package fetchtest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Site is a generated site: the pages /p/0 to /p/N-1, all of which can be
// reached from /p/0. The same Site gives the same bytes everywhere and always.
type Site struct {
	Pages int    // how many, N
	Links int    // on a page, at least 1
	Size  int    // bytes of a page, or what its links need if that is more
	Seed  uint64 // another seed, other links
}

// Generate gives the web that serves a site and nothing else.
func Generate(site Site) *Web {
	site.Pages, site.Links = max(site.Pages, 1), max(site.Links, 1)
	return &Web{site: &site}
}

// parseSite reads "pages=2000 links=33 size=10KiB seed=1", in any order; what
// is left out is 100 pages, 10 links, 2KiB and seed 1.
func parseSite(options string) (Site, error) {
	site := Site{Pages: 100, Links: 10, Size: 2 << 10, Seed: 1}
	for _, option := range strings.Fields(options) {
		key, value, _ := strings.Cut(option, "=")
		digits, kib := strings.CutSuffix(value, "KiB")
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 || kib && key != "size" {
			return site, fmt.Errorf("GENERATE: %q: want a number, such as pages=2000 or size=10KiB", option)
		}
		switch key {
		case "pages":
			site.Pages = n
		case "links":
			site.Links = n
		case "size":
			if site.Size = n; kib {
				site.Size <<= 10
			}
		case "seed":
			site.Seed = uint64(n)
		default:
			return site, fmt.Errorf("GENERATE: unknown %q; allowed are pages, links, size, seed", key)
		}
	}
	return site, nil
}

// page writes the page of a request URI, or nil when the site has none such.
// Nothing is kept: a large site costs no memory.
func (s *Site) page(uri string) []byte {
	number, ok := strings.CutPrefix(uri, "/p/")
	if s == nil || !ok {
		return nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n >= s.Pages || strconv.Itoa(n) != number {
		return nil
	}
	body := make([]byte, 0, max(s.Size, 128+24*s.Links))
	body = fmt.Appendf(body, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Page %d</title>"+
		"<meta name=\"description\" content=\"Page %d of %d.\"></head>\n<body>\n", n, n, s.Pages)
	draw := rand.New(rand.NewPCG(s.Seed, ^uint64(n)))
	share := max(s.Size-len(body)-(24+len(number))*s.Links, 0) / s.Links
	for link := range s.links(n) {
		body = append(body, `<p><a href="/p/`...)
		body = strconv.AppendInt(body, int64(link), 10)
		body = append(body, `">go on</a> `...)
		body = appendText(body, share, draw)
		body = append(body, '\n')
	}
	return append(appendText(body, s.Size-len(body), draw), "</body></html>\n"...)
}

// The words that pages are made of.
var words = strings.Fields(`a all and as at be boat but by calm can cast come deep drift each ebb far
	fill find fish flow foam for from full gull harbour haul have hold home in into is it keel knot lamp
	light line long mast mend moon most near net no north of old on one out over patience reef rope sail
	sand sea shore slow small star storm tide to under until wave we west wide wind with word yet`)

// appendText adds n bytes of words. No two pages say the same, as those of a
// site do not: a crawl may take pages of one text for a space without end.
func appendText(dst []byte, n int, draw *rand.Rand) []byte {
	for end := len(dst) + n; len(dst) < end; {
		word := words[draw.IntN(len(words))]
		dst = append(dst, word[:min(len(word), end-len(dst))]...)
		if len(dst) < end {
			dst = append(dst, ' ')
		}
	}
	return dst
}

// links gives the pages that page n leads to. Half of them are its children in
// a tree with /p/0 as its root, which is why every page can be reached; the
// others are drawn from all pages.
func (s *Site) links(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		draw := rand.New(rand.NewPCG(s.Seed, uint64(n)))
		children := max(s.Links/2, 1)
		for i := range s.Links {
			to := n*children + 1 + i
			if i >= children || to >= s.Pages {
				to = draw.IntN(s.Pages)
			}
			if !yield(to) {
				return
			}
		}
	}
}
