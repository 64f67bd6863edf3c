package fetch_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/trawl-crawler/trawl/fetch"
)

// BenchmarkFetch is one exchange over a kept connection, a page of 10 KiB;
// bare is the least that net/http can be asked for the same. The server is in
// the same process and counts in both.
func BenchmarkFetch(b *testing.B) {
	page := bytes.Repeat([]byte("<p>text of a page</p>\n"), 10<<10/22)
	gz := encode(b, page, "gzip")
	plain := newServer(b, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"text/html; charset=utf-8"}
		w.Write(page)
	})
	zipped := newServer(b, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"text/html; charset=utf-8"}
		w.Header()["Content-Encoding"] = []string{"gzip"}
		w.Write(gz)
	})
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		tr := &http.Transport{DisableCompression: true}
		defer tr.CloseIdleConnections()
		var body bytes.Buffer
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, plain.URL+"/page", nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("User-Agent", "trawl")
			resp, err := tr.RoundTrip(req)
			if err != nil {
				b.Fatal(err)
			}
			body.Reset()
			if _, err := body.ReadFrom(resp.Body); err != nil {
				b.Fatal(err)
			}
			resp.Body.Close()
		}
	})
	for name, url := range map[string]string{"client": plain.URL, "gzip": zipped.URL} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			c := newClient(b, fetch.Options{})
			req := fetch.Request{URL: parse(b, url+"/page")}
			for b.Loop() {
				if _, err := c.Fetch(b.Context(), req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
