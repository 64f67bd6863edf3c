package http1_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// BenchmarkRoundTrip fetches pages of 10 KiB, 64 at a time, as a crawl does, with
// net/http's Transport and with this package's. The server, which is in the same
// process, is the least there is and counts in both.
//
//	go test ./fetch/http1 -run '^$' -bench RoundTrip -count 5
func BenchmarkRoundTrip(b *testing.B) {
	page := strings.Repeat("<p>text of a page</p>\n", 10<<10/22)
	answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(page), page)
	s := serve(b, func(string, int) string { return answer })
	ours := newTransport(b)
	ours.MaxHeader, ours.ReadBuffer, ours.MaxIdle, ours.MaxIdlePerHost = 256<<10, 16<<10, 64, 64
	theirs := &http.Transport{DisableCompression: true, ReadBufferSize: 16 << 10, MaxIdleConnsPerHost: 64}
	b.Cleanup(theirs.CloseIdleConnections)
	for _, tt := range []struct {
		name string
		http.RoundTripper
	}{{"net/http", theirs}, {"http1", ours}} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(64 / runtime.GOMAXPROCS(0))
			var failed atomic.Bool
			b.RunParallel(func(pb *testing.PB) {
				buf := make([]byte, 16<<10)
				for pb.Next() {
					resp, err := tt.RoundTrip(request(b, b.Context(), "http://"+s.Addr().String()+"/page"))
					for err == nil {
						_, err = resp.Body.Read(buf)
					}
					if err != io.EOF {
						failed.Store(true)
						return
					}
					resp.Body.Close()
				}
			})
			if failed.Load() {
				b.Error("a request failed")
			}
		})
	}
}
