package zoo

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// mapped is a site whose robots.txt names a sitemap; maps answers for what is
// below /NAME/maps/, of which "0" is named.
func mapped(maps handler) server {
	return origins(1, func(s *site, w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(s.path(r), "maps/") {
			maps(s, w, r)
			return
		}
		plain(s, w, r)
	}, func(s *site, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		send(w, "text/plain", "Sitemap: "+s.expand("maps/0")+"\n")
	})
}

const (
	urlset = `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`
	mapset = `<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`
)

func loc(s *site, path string) string { return "<url><loc>" + s.expand(path) + "</loc></url>" }

// sitemapBombs are sitemaps that lead nowhere, or to too much. Whoever reads
// no sitemaps gets the seed alone.
func sitemapBombs() []Case {
	optional := func(urls ...string) []Want {
		all := pages(append([]string{""}, urls...)...)
		for i := range all[1:] {
			all[i+1].Optional = true
		}
		return all
	}
	xml := func(doc func(s *site, w io.Writer)) handler {
		return func(s *site, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			doc(s, w)
		}
	}
	child := func(s *site, w io.Writer, paths ...string) {
		_, _ = io.WriteString(w, mapset)
		for _, p := range paths {
			_, _ = fmt.Fprintf(w, "<sitemap><loc>%s</loc></sitemap>", s.expand(p))
		}
		_, _ = io.WriteString(w, "</sitemapindex>")
	}
	return []Case{
		{Name: "sitemap-self", Does: "reads an index that names itself once",
			Want: optional(), MaxFetches: 4, up: mapped(xml(func(s *site, w io.Writer) { child(s, w, "maps/0", "maps/0?", "maps/0#again") }))},
		{Name: "sitemap-deep", Does: "follows indexes of indexes only so far: these are 11 deep, and go on",
			Want: optional(), MaxFetches: 40, up: mapped(func(s *site, w http.ResponseWriter, r *http.Request) {
				var n int
				_, _ = fmt.Sscanf(s.path(r), "maps/%d", &n) // 0 if it is not one of ours
				xml(func(s *site, w io.Writer) { child(s, w, fmt.Sprintf("maps/%d", n+1)) })(s, w, r)
			})},
		{Name: "sitemap-gzip-bomb", Does: "reads a gzipped sitemap up to 50 MiB, and fetches what it named before",
			Want: optional("named"), up: gzippedMap},
		{Name: "sitemap-laughs", Does: "expands no entities that are defined by each other",
			Want: optional("named"), Never: []string{"lollol"}, up: mapped(xml(func(s *site, w io.Writer) {
				_, _ = io.WriteString(w, laughs()+"<urlset>"+loc(s, "named")+"<url><loc>"+s.expand("lol")+"&z;</loc></url></urlset>")
			}))},
		{Name: "sitemap-external", Does: "reads no external entities, neither files nor URLs",
			Want: optional("named"), Never: []string{"leak"}, up: mapped(xml(func(s *site, w io.Writer) {
				_, _ = fmt.Fprintf(w, `<?xml version="1.0"?><!DOCTYPE urlset SYSTEM "%s" [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY u SYSTEM "%s"><!ENTITY %% p SYSTEM "%s"> %%p;]>`,
					s.expand("leak-dtd"), s.expand("leak"), s.expand("leak-parameter"))
				_, _ = io.WriteString(w, "<urlset>"+loc(s, "named")+"<url><loc>"+s.expand("file")+"&f;&u;</loc></url></urlset>")
			}))},
		{Name: "sitemap-nested", Does: "survives elements that are nested a million deep",
			Want: optional("named"), up: mapped(xml(func(s *site, w io.Writer) {
				_, _ = io.WriteString(w, urlset+loc(s, "named"))
				flood(w, "<url>", million)
			}))},
		{Name: "sitemap-forever", Does: "reads a sitemap without end up to 50,000 entries or 50 MiB",
			Want: optional("named"), MaxFetches: 5, up: mapped(xml(func(s *site, w io.Writer) {
				_, _ = io.WriteString(w, urlset+loc(s, "named"))
				flood(w, "<url><loc>http://elsewhere.invalid/</loc></url>\n", -1)
			}))},
	}
}

// gzippedMap names a page, and goes on with 10 GiB of spaces.
func gzippedMap(s *site) error {
	get := sync.OnceValues(func() (bomb, error) { return gzipBomb(urlset+loc(s, "named"), ' ', bombSize) })
	return mapped(func(_ *site, w http.ResponseWriter, _ *http.Request) { throw(w, "application/gzip", "", get) })(s)
}

// laughs defines z as 10^12 words.
func laughs() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "lol">`)
	last := "a"
	for _, name := range []string{"b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "z"} {
		fmt.Fprintf(&b, "<!ENTITY %s %q>", name, strings.Repeat("&"+last+";", 10))
		last = name
	}
	b.WriteString("]>")
	return b.String()
}
