package fetchtest

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	status := f.nextStatus()
	if !wait(r.Context(), f.delay) || f.abort == 0 {
		panic(http.ErrAbortHandler) // net/http's way to cut the connection
	}
	expand := expander(r)
	for key, values := range f.header {
		w.Header()[key] = nil
		for _, value := range values {
			w.Header().Add(key, expand.Replace(value))
		}
	}
	if status == http.StatusOK && notModified(w.Header(), r) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.send(w, status, f.content(status, expand))
}

// nextStatus counts the request and gives the status that it gets.
func (f *file) nextStatus() int {
	n := f.served.Add(1) - 1
	return f.statuses[min(n, int64(len(f.statuses)-1))]
}

func (f *file) content(status int, expand *strings.Replacer) []byte {
	if f.sequence && status/100 != 2 {
		return []byte(http.StatusText(status) + "\n")
	}
	body := []byte(expand.Replace(f.body))
	if f.packed {
		body = encode("gzip", body)
	}
	return body
}

func (f *file) send(w http.ResponseWriter, status int, body []byte) {
	if f.encoding != "" {
		body = encode(f.encoding, body)
		w.Header().Set("Content-Encoding", strings.TrimPrefix(f.encoding, "raw-"))
	}
	// A length that the head names is kept: a lie about it is worth a test.
	if w.Header().Get("Content-Length") == "" && status != http.StatusNoContent && status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	if f.abort < 0 {
		_, _ = w.Write(body) // the reader may have gone: nothing to tell it then
		return
	}
	_, _ = w.Write(body[:min(f.abort, len(body))])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// expander replaces {{HOST}} and {{PORT}} by those that the request named.
func expander(r *http.Request) *strings.Replacer {
	port := "80"
	if i := strings.LastIndexByte(r.Host, ':'); i >= 0 && !strings.HasSuffix(r.Host, "]") {
		port = r.Host[i+1:]
	}
	return strings.NewReplacer("{{HOST}}", hostname(r), "{{PORT}}", port)
}

// notModified judges the request's validators (RFC 9110 §13.2.2: of the two,
// If-None-Match decides).
func notModified(h http.Header, r *http.Request) bool {
	if asked := r.Header.Get("If-None-Match"); asked != "" {
		return h.Get("ETag") != "" && strings.TrimPrefix(asked, "W/") == strings.TrimPrefix(h.Get("ETag"), "W/")
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	if err != nil {
		return false
	}
	changed, err := http.ParseTime(h.Get("Last-Modified"))
	return err == nil && !changed.After(since)
}

// wait tells whether d passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// encoder gives the writer of a content coding, nil for one that nobody knows.
// Where the standard library has the coder it is used: what trawl decodes with
// then meets bytes of another hand.
func encoder(coding string, w io.Writer) io.WriteCloser {
	switch coding {
	case "gzip":
		return gzip.NewWriter(w)
	case "deflate":
		return zlib.NewWriter(w)
	case "raw-deflate":
		raw, _ := flate.NewWriter(w, flate.DefaultCompression) // fails for a bad level alone
		return raw
	case "br":
		return brotli.NewWriter(w)
	case "zstd":
		z, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) // fails for bad options alone
		return z
	}
	return nil
}

// encode applies a content coding that encoder knows.
func encode(coding string, body []byte) []byte {
	var buf bytes.Buffer
	w := encoder(coding, &buf)
	_, _ = w.Write(body) // a bytes.Buffer takes everything
	_ = w.Close()
	return buf.Bytes()
}
