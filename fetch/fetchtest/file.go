package fetchtest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// file is one resource: what it answers with, and how.
type file struct {
	statuses []int // one a request, the last for all that follow
	sequence bool  // statuses came from Status-Sequence
	header   http.Header
	body     string
	delay    time.Duration
	encoding string
	packed   bool // the body is served as a gzip file
	abort    int  // bytes of the body before the connection is cut; negative never

	served atomic.Int64
}

func parseFile(name, content string) (*file, error) {
	f := &file{statuses: []int{http.StatusOK}, header: http.Header{}, body: content, abort: -1}
	f.header.Set("Content-Type", mediaType(name))
	f.packed = strings.HasSuffix(name, ".gz")
	return f, f.takeHead()
}

// takeHead moves the head, if there is one, from the body to where it belongs.
// The line "HTTP" is asked for because the first line of a robots.txt looks
// like a header.
func (f *file) takeHead() error {
	first, rest, _ := strings.Cut(f.body, "\n")
	status, ok := strings.CutPrefix(strings.TrimSpace(first), "HTTP")
	if !ok || status != "" && status[0] != ' ' {
		return nil
	}
	if status = strings.TrimSpace(status); status != "" {
		if err := f.setStatuses(status); err != nil {
			return err
		}
	}
	for rest != "" {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return fmt.Errorf("head: %q is no %q; a blank line ends the head", line, "Header: value")
		}
		if err := f.setHead(key, strings.TrimSpace(value)); err != nil {
			return err
		}
	}
	f.body = rest
	return nil
}

func (f *file) setHead(key, value string) (err error) {
	switch key = http.CanonicalHeaderKey(key); key {
	case "Delay":
		f.delay, err = time.ParseDuration(value)
	case "Status-Sequence":
		f.sequence = true
		err = f.setStatuses(strings.Split(value, ",")...)
	case "Encoding":
		if f.encoding = value; encoder(value, io.Discard) == nil {
			err = errors.New("allowed are br, deflate, gzip, raw-deflate, zstd")
		}
	case "Abort":
		err = f.setAbort(value)
	case "Content-Type":
		if f.header[key] = nil; value != "" { // nil keeps net/http from guessing one
			f.header.Set(key, value)
		}
	default:
		f.header.Add(key, value)
	}
	if err != nil {
		return fmt.Errorf("head: %s %q: %w", key, value, err)
	}
	return nil
}

func (f *file) setStatuses(words ...string) error {
	f.statuses = nil
	for _, word := range words {
		status, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || status < 200 || status > 999 {
			return fmt.Errorf("head: %q is no status; allowed are 200 to 999", word)
		}
		f.statuses = append(f.statuses, status)
	}
	return nil
}

func (f *file) setAbort(value string) error {
	if f.abort = 0; value == "true" {
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return errors.New("want true or a number of bytes")
	}
	f.abort = n
	return nil
}

// mediaType is a table of its own because mime.TypeByExtension reads the
// machine's.
func mediaType(name string) string {
	name, _, _ = strings.Cut(name, "?")
	switch ext := path.Ext(name[strings.LastIndex(name, "/"):]); ext {
	case ".css", ".csv":
		return "text/" + ext[1:] + "; charset=utf-8"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".xml":
		return "application/xml"
	case ".rss", ".atom":
		return "application/" + ext[1:] + "+xml"
	case ".json", ".pdf", ".zip":
		return "application/" + ext[1:]
	case ".gz":
		return "application/gzip"
	case ".png", ".gif", ".webp", ".jpeg":
		return "image/" + ext[1:]
	case ".jpg":
		return "image/jpeg"
	case ".svg":
		return "image/svg+xml"
	case ".mp4":
		return "video/mp4"
	case ".woff2":
		return "font/woff2"
	}
	return "text/html; charset=utf-8"
}
