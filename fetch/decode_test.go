package fetch_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/trawl-crawler/trawl/fetch"
)

// encode applies codings in order; "raw" is deflate without zlib's header.
func encode(t testing.TB, data []byte, codings ...string) []byte {
	t.Helper()
	for _, coding := range codings {
		var b bytes.Buffer
		var w io.WriteCloser
		var err error
		switch coding {
		case "gzip":
			w = gzip.NewWriter(&b)
		case "deflate":
			w = zlib.NewWriter(&b)
		case "raw":
			w, err = flate.NewWriter(&b, 6)
		case "br":
			w = brotli.NewWriter(&b)
		case "zstd":
			w, err = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
		case "zstd with a large window":
			w, err = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(16<<20))
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		data = b.Bytes()
	}
	return data
}

func TestContentCodings(t *testing.T) {
	text := strings.Repeat("<p>Der Text einer Seite.</p>\n", 500)
	plain := []byte(text)
	zipped := encode(t, plain, "gzip")
	for _, tt := range []struct {
		name, header string
		body         []byte
		want         string // the text, or how the error begins
	}{
		{"none", "", plain, text},
		{"identity", "identity", plain, text},
		{"gzip", "gzip", zipped, text},
		{"gzip by its old name", "x-gzip", zipped, text},
		{"upper case", "GZip", zipped, text},
		{"two gzip members", "gzip", append(bytes.Clone(zipped), zipped...), text + text},
		{"gzip and padding", "gzip", append(bytes.Clone(zipped), "\n\n\n0123456789"...), text},
		{"gzip and a line's end", "gzip", append(bytes.Clone(zipped), "\r\n"...), text},
		{"two gzip members and a zero", "gzip", slices.Concat(zipped, zipped, []byte{0}), text + text},
		{"deflate and a line's end", "deflate", append(encode(t, plain, "deflate"), "\r\n"...), text},
		{"br and a line's end", "br", append(encode(t, plain, "br"), "\r\n"...), text},
		{"br cut", "br", encode(t, plain, "br")[:20], "content coding br: the data end too early"},
		{"br and padding", "br", append(encode(t, plain, "br"), make([]byte, 5000)...), text},
		{"second gzip member cut", "gzip", slices.Concat(zipped, zipped[:5]), "content coding gzip: the data end too early"},
		{"deflate", "deflate", encode(t, plain, "deflate"), text},
		{"deflate without zlib", "deflate", encode(t, plain, "raw"), text},
		{"br", "br", encode(t, plain, "br"), text},
		{"zstd", "zstd", encode(t, plain, "zstd"), text},
		{"one over the other", "br, gzip , deflate", encode(t, plain, "br", "gzip", "deflate"), text},
		{"a mistake for a coding", "UTF-8", plain, text},
		{"empty gzip", "gzip", nil, ""},
		{"empty br", "br", nil, ""},
		{"empty deflate", "deflate", nil, ""},
		{"empty zstd", "zstd", nil, ""},
		{"gzip cut", "gzip", zipped[:len(zipped)/2], "content coding gzip: the data end too early"},
		{"br that is none", "br", plain, "content coding br: "},
		{"zstd that is none", "zstd", plain, "content coding zstd: "},
		{"deflate that is none", "deflate", plain, "content coding deflate: "},
		{"inner coding that is none", "zstd, gzip", zipped, "content coding zstd, gzip: "},
		{"zstd window", "zstd", encode(t, bytes.Repeat(plain, 1500), "zstd with a large window"), "content coding zstd: window size exceeded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = []string{"text/html"}
				if tt.header != "" {
					w.Header().Set("Content-Encoding", tt.header)
				}
				if r.URL.RawQuery == "chunked" {
					w.(http.Flusher).Flush()
				}
				w.Write(tt.body)
			})
			c := newClient(t, fetch.Options{})
			for _, query := range []string{"", "?chunked", "", ""} { // decoders are used again
				page, err := c.Fetch(t.Context(), fetch.Request{URL: parse(t, s.URL+"/"+query)})
				switch {
				case err != nil && !strings.Contains(err.Error(), ": decode: "+tt.want):
					t.Errorf("%v, want decode: %.80s", err, tt.want)
				case err == nil && (string(page.Body) != tt.want || page.Length != int64(len(tt.want)) || page.Truncated):
					t.Errorf("%d bytes, length %d, truncated %v: %.40q; want %d: %.40q", len(page.Body), page.Length, page.Truncated, page.Body, len(tt.want), tt.want)
				}
			}
		})
	}
}

// A body is cut at the decoded limit, and what is left of a bomb is not even
// downloaded.
func TestBombs(t *testing.T) {
	zeros := make([]byte, 16<<20)
	members := bytes.Repeat(encode(t, nil, "gzip"), 200_000)
	for _, tt := range []struct {
		name, header string
		body         []byte
		length       int64
	}{
		{"gzip", "gzip", encode(t, zeros, "gzip"), 1 << 20},
		{"br", "br", encode(t, zeros, "br"), 1 << 20},
		{"zstd", "zstd", encode(t, zeros, "zstd"), 1 << 20},
		{"gzip in gzip", "gzip, gzip", encode(t, zeros, "gzip", "gzip"), 1 << 20},
		{"bytes that come to nothing", "gzip", members, 0},
		{"layer that comes to nothing", "gzip, gzip", encode(t, members, "gzip"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.Header().Set("Content-Encoding", tt.header)
				w.Write(tt.body)
			})
			page, err := newClient(t, fetch.Options{MaxBody: 1 << 20}).Fetch(t.Context(), fetch.Request{URL: parse(t, s.URL)})
			if err != nil {
				t.Fatal(err)
			}
			if !page.Truncated || page.Length != tt.length || int64(len(page.Body)) != tt.length {
				t.Errorf("length %d, truncated %v; want %d, cut", page.Length, page.Truncated, tt.length)
			}
		})
	}
}

// Of a body that is not wanted, and says it is huge, next to nothing is read.
func TestVideoCostsAHeader(t *testing.T) {
	sent := make(chan int64, 1)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		w.Header().Set("Content-Length", fmt.Sprint(int64(4)<<30))
		var n int64
		for chunk := make([]byte, 64<<10); ; {
			m, err := w.Write(chunk)
			n += int64(m)
			if err != nil {
				sent <- n
				return
			}
		}
	})
	c := newClient(t, fetch.Options{Want: func(string) int64 { return 0 }})
	page := get(t, c, s.URL)
	if page.Length != 4<<30 || page.Body != nil {
		t.Errorf("length %d, body of %d bytes", page.Length, len(page.Body))
	}
	if n := <-sent; n > 64<<20 { // what the loopback's buffers take
		t.Errorf("the server could send %d bytes", n)
	}
}
