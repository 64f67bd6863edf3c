package trap

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/trawl-crawler/trawl/parse/weburl"
)

// number is that in a URL's last segment, or in its query.
func number(u weburl.URL) uint64 {
	text := u.Query()
	if text == "" {
		text = u.Path()[strings.LastIndexByte(u.Path(), '/')+1:]
	}
	n, _ := strconv.ParseUint(strings.Trim(text, "abcdefghijklmnopqrstuvwxyz=.-"), 10, 64)
	return n
}

// stub is what many a reference has to say.
const stub = "No description available."

// sites are finite, however they look. Each has its number of pages.
func sites() map[string]struct {
	pages int
	web   web
} {
	type site = struct {
		pages int
		web   web
	}
	return map[string]site{
		// An index of classes, a stub for each, which lead to one another.
		"reference of stubs": {1 + 40 + 40*100, func(u weburl.URL) (a answer) {
			a.text = stub
			switch dirs := strings.Count(u.Path(), "/"); {
			case u.Path() == "/":
				a.text = words(1, 100)
				for i := range 40 {
					a.links = append(a.links, fmt.Sprintf("/api/mod%d/", i))
				}
			case dirs == 3 && strings.HasSuffix(u.Path(), "/"):
				for i := range 100 {
					a.links = append(a.links, fmt.Sprintf("fn.%d.html", i))
				}
			default:
				a.links = []string{fmt.Sprintf("fn.%d.html", (number(u)+99)%100), fmt.Sprintf("fn.%d.html", (number(u)+1)%100), "./"}
			}
			return a
		}},
		// As above, with a second page for each stub, as useless as the first.
		"stubs and their members": {1 + 20 + 20*50*2, func(u weburl.URL) (a answer) {
			a.text = stub
			switch dirs := strings.Count(u.Path(), "/"); {
			case u.Path() == "/":
				a.text = words(1, 100)
				for i := range 20 {
					a.links = append(a.links, fmt.Sprintf("/mod%d/", i))
				}
			case dirs == 2:
				for i := range 50 {
					a.links = append(a.links, fmt.Sprintf("class%d/", i))
				}
			case dirs == 3:
				a.links = []string{"members/"}
			}
			return a
		}},
		// As above, under one more index; six of ten stubs have a second page.
		"some stubs and their members": {1 + 5 + 5*10 + 5*10*20 + 5*10*12, func(u weburl.URL) (a answer) {
			a.text = stub
			n := map[int]int{2: 10, 3: 20, 4: 0}[strings.Count(u.Path(), "/")]
			switch {
			case u.Path() == "/":
				a.text, n = words(1, 100), 5
			case n == 0 && strings.Count(u.Path(), "/") == 4 && number(weburl.FromCanonical(strings.TrimSuffix(u.String(), "/")))%5 < 3:
				a.links = []string{"members/"}
			}
			for i := range n {
				a.links = append(a.links, fmt.Sprintf("d%d/", i))
			}
			return a
		}},
		// Stubs that nothing but an index of indexes of indexes leads to.
		"tree of indexes without text": {1 + 12 + 12*12 + 12*12*12, func(u weburl.URL) (a answer) {
			a.text = stub
			if strings.Count(u.Path(), "/") < 4 {
				for i := range 12 {
					a.links = append(a.links, fmt.Sprintf("%c/", 'a'+i))
				}
			}
			return a
		}},
		// Lists that say nothing and lead to the next list, and to bugs.
		"bug tracker": {1 + 400 + 400*8 + 1, func(u weburl.URL) (a answer) {
			switch {
			case u.Path() == "/":
				return answer{text: words(1, 50), links: []string{"/list?page=0"}}
			case u.Path() == "/login":
				return answer{text: "Please log in."}
			case strings.HasPrefix(u.Path(), "/bug/"):
				n := number(u)
				return answer{text: words(n+100, 40), links: []string{fmt.Sprintf("/bug/%d", max(n, 1)-1), "/login"}}
			}
			page := number(u)
			a.text = "Bugs, the newest first."
			for i := range 8 {
				a.links = append(a.links, fmt.Sprintf("/bug/%d", page*8+uint64(i)))
			}
			if page < 399 {
				a.links = append(a.links, fmt.Sprintf("/list?page=%d", page+1))
			}
			return a
		}},
		// Each topic leads to the next one only, and each asks to log in.
		"forum with next links": {1 + 2000 + 2000, func(u weburl.URL) answer {
			switch {
			case u.Path() == "/":
				return answer{text: words(1, 50), links: []string{"/topic/0"}}
			case u.Path() == "/login":
				return answer{text: "Please log in.", links: []string{"/"}}
			case number(u) == 1999:
				return answer{text: words(5, 50), links: []string{"/login?from=1999"}}
			}
			n := number(u)
			return answer{text: words(n+10, 40), links: []string{fmt.Sprintf("/topic/%d", n+1), fmt.Sprintf("/login?from=%d", n)}}
		}},
		// An index of pictures; the pages have a picture and no word.
		"gallery": {1 + 3000, func(u weburl.URL) (a answer) {
			if u.Path() != "/" {
				return answer{links: []string{fmt.Sprintf("/photo/%d", number(u)+1)}[:min(1, 2999-min(number(u), 2999))]}
			}
			a.text = words(1, 50)
			for i := range 3000 {
				a.links = append(a.links, fmt.Sprintf("/photo/%d", i))
			}
			return a
		}},
		// What a server makes of directories: 20 × 20 of them, 5 files in each.
		"mirror": {1 + 20 + 20*20 + 20*20*5, func(u weburl.URL) (a answer) {
			dirs := strings.Count(u.Path(), "/")
			switch {
			case !strings.HasSuffix(u.Path(), "/"):
				return answer{text: words(u.Fingerprint(), 50)}
			case dirs < 3:
				for i := range 20 {
					a.links = append(a.links, fmt.Sprintf("d%d/", i))
				}
			default:
				for i := range 5 {
					a.links = append(a.links, fmt.Sprintf("file%d.deb", i))
				}
			}
			a.text = "Index of Name Last modified Size Description"
			return a
		}},
		// Ten versions of the same 60 pages, each with its table of contents.
		"versions": {1 + 10*60, func(u weburl.URL) (a answer) {
			for v := range 10 {
				a.links = append(a.links, fmt.Sprintf("/v%d/0.html", v))
			}
			if u.Path() == "/" {
				a.text = words(1, 50)
				return a
			}
			for i := range 60 {
				a.links = append(a.links, fmt.Sprintf("%d.html", i))
			}
			a.text = words(number(u)+10, 60)
			return a
		}},
		// Old links: each redirects, twice, to where the stub is now.
		"redirects to stubs": {1 + 3*1500, func(u weburl.URL) (a answer) {
			switch {
			case u.Path() == "/":
				a.text = words(1, 50)
				for i := range 1500 {
					a.links = append(a.links, fmt.Sprintf("http://example.org/doc/%d", i))
				}
				return a
			case u.Scheme() == "http":
				return answer{status: 301, location: "https" + strings.TrimPrefix(u.String(), "http")}
			case !strings.HasSuffix(u.Path(), "/"):
				return answer{status: 301, location: u.String() + "/"}
			}
			return answer{text: stub}
		}},
		"nothing but errors": {1 + 2000, func(u weburl.URL) (a answer) {
			if u.Path() != "/" {
				return answer{status: 404, text: "Not found."}
			}
			for i := range 2000 {
				a.links = append(a.links, fmt.Sprintf("/gone/%d", i))
			}
			return a
		}},
	}
}

// No page of a real site is trapped, whatever the site looks like.
func TestRealSitesAreWhole(t *testing.T) {
	for name, site := range sites() {
		t.Run(name, func(t *testing.T) {
			out := crawl(t, New(Options{Mode: On}), site.web, 10_000, "https://example.org/")
			if len(out.fetched) != site.pages || len(out.trapped) > 0 {
				t.Errorf("%d of %d pages, %d trapped; parked: %q", len(out.fetched), site.pages, len(out.trapped), out.parked)
			}
		})
	}
}

// Where a filter changes what a page says, each combination is fetched once,
// and few of its n! orders.
func TestFiltersInAnyOrder(t *testing.T) {
	names := strings.Split("abcdefgh", "")
	shop := func(u weburl.URL) (a answer) {
		set := uint64(0)
		for i, name := range names {
			if strings.Contains("&"+u.Query()+"&", "&"+name+"=1&") {
				set |= 1 << i
				continue
			}
			a.links = append(a.links, "?"+strings.TrimPrefix(u.Query()+"&"+name+"=1", "&"))
		}
		a.text = words(set, 80)
		return a
	}
	out := crawl(t, New(Options{Mode: On}), shop, 5000, "https://example.org/shop")
	texts := make(map[uint64]bool)
	for _, u := range out.fetched {
		texts[TextHash(shop(weburl.FromCanonical(u)).page())] = true
	}
	if len(texts) != 256 || len(out.fetched) > 256+3*shuffles {
		t.Errorf("%d fetches gave %d of 256 texts; parked: %q", len(out.fetched), len(texts), out.parked)
	}
}
