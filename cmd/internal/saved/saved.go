// Package saved gives pages that were kept in files as if they came from their
// servers: HTML, XML and JSON files, directories of them, and the records of
// trawl crawl --html.
package saved

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trawl-crawler/trawl/fetch"
	"github.com/trawl-crawler/trawl/output"
	"github.com/trawl-crawler/trawl/parse/weburl"
)

// A Reader reads pages.
type Reader struct {
	Base   weburl.URL // of a single page its own URL, else what names are resolved against; zero: http://localhost/
	Stdin  io.Reader  // what "-" stands for
	Page   func(*fetch.Page) error
	Record func(*output.Record) error // one that has html
	Outs   []string                   // files that are written meanwhile: no pages of a directory
	Stdout *os.File                   // what "-" stands for there

	unread []error // of files of a directory
}

// Check finds names that Read could not begin with, or that are written to
// meanwhile: their pages would be lost, or there would be more without end.
func (r *Reader) Check(names []string) error {
	for _, name := range names {
		if name == "-" {
			continue
		}
		if r.writes(name) {
			return fmt.Errorf("%q: it is read and written at once; name another output, and move that here afterwards", name)
		}
		if _, err := os.Stat(name); err != nil {
			return fmt.Errorf("%q: %w; want a file or directory of saved pages, or -", name, errors.Unwrap(err))
		}
	}
	return nil
}

// writes tells whether a file is one of Outs, under whatever name, also if it was
// the shell that opened it. A device is not: what is written to it is not what is
// read.
func (r *Reader) writes(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && slices.ContainsFunc(r.Outs, func(out string) bool {
		stat := func() (os.FileInfo, error) { return os.Stat(out) }
		if out == "-" {
			stat = r.Stdout.Stat
		}
		other, err := stat()
		return err == nil && os.SameFile(info, other)
	})
}

// Read calls Page, or Record, for the pages of the names, in their order: files,
// directories, in which all files whose name says that they have text are
// pages, and - for the standard input. A file of a directory that cannot be
// read, such as a link to nowhere, keeps it from no other page, and is the error
// in the end.
func (r *Reader) Read(names []string) error {
	alone := len(names) == 1
	for _, name := range names {
		if err := r.name(name, alone); err != nil {
			return err
		}
	}
	switch n := len(r.unread); n {
	case 0, 1:
		return errors.Join(r.unread...)
	default:
		return fmt.Errorf("%w, and %d more could not be read", r.unread[0], n-1)
	}
}

// unreadable marks the error of a file, which is not that of an output.
type unreadable struct{ error }

func (r *Reader) name(name string, alone bool) error {
	if name == "-" {
		body, err := io.ReadAll(r.Stdin)
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		switch {
		case isRecord(body):
			return r.records("-", bytes.NewReader(body))
		case isPacked(body):
			return errors.New("standard input: it is compressed: have a zcat before it")
		}
		return r.page("", "", body, alone)
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return r.dir(name)
	}
	return r.file(name, filepath.Base(name), alone)
}

// dir reads the pages below a directory, in lexical order.
func (r *Reader) dir(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			r.unread = append(r.unread, err)
			return nil
		}
		if d.IsDir() || mediaType(path) == "" || r.writes(path) {
			return nil
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		err = r.file(path, filepath.ToSlash(relative), false)
		if _, own := errors.AsType[unreadable](err); own {
			r.unread = append(r.unread, err)
			return nil
		}
		return err
	})
}

func (r *Reader) file(path, relative string, alone bool) error {
	if mediaType(path) == records {
		f, err := os.Open(path)
		if err != nil {
			return unreadable{err}
		}
		defer f.Close()
		return r.records(path, f)
	}
	body, err := os.ReadFile(path)
	switch {
	case err != nil:
		return unreadable{err}
	case mediaType(path) == "" && isRecord(body):
		return r.records(path, bytes.NewReader(body))
	case isPacked(body):
		return fmt.Errorf("%s: it is compressed: give what it holds to the standard input, as in zcat FILE | trawl extract -", path)
	}
	return r.page(relative, mediaType(path), body, alone)
}

// isRecord tells whether a body begins as records of trawl do.
func isRecord(body []byte) bool { return bytes.HasPrefix(body, []byte(`{"url":`)) }

// isPacked tells whether a body is gzip or zstd, which no page is.
func isPacked(body []byte) bool {
	return bytes.HasPrefix(body, []byte("\x1f\x8b")) || bytes.HasPrefix(body, []byte("\x28\xb5\x2f\xfd"))
}

// page gives one page. Without a media type the body says what it is.
func (r *Reader) page(relative, kind string, body []byte, alone bool) error {
	u := r.Base
	if u.IsZero() {
		u = weburl.FromCanonical("http://localhost/")
		alone = false
	}
	if !alone {
		var err error
		if u, err = u.Resolve((&url.URL{Path: "./" + relative}).String()); err != nil {
			return fmt.Errorf("%s: %w", relative, err)
		}
	}
	if kind == "" {
		kind = sniff(body)
	}
	return r.Page(&fetch.Page{
		URL: u, MediaType: kind, Body: body, Length: int64(len(body)),
		Header: http.Header{"Content-Type": {kind}},
	})
}

// ErrNoHTML says that records were read for nothing.
var ErrNoHTML = errors.New("none of its records has html: trawl crawl --html keeps it")

// records reads JSON Lines. Records without html are no pages.
func (r *Reader) records(name string, from io.Reader) error {
	lines := bufio.NewReader(from)
	found := false
	for n := 1; ; n++ {
		line, end := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			record, err := output.Decode(line)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", name, n, err)
			}
			if record.HTML != "" {
				found = true
				if err := r.Record(whole(&record)); err != nil {
					return fmt.Errorf("%s:%d: %w", name, n, err)
				}
			}
		}
		if errors.Is(end, io.EOF) {
			break
		}
		if end != nil {
			return fmt.Errorf("%s: %w", name, end)
		}
	}
	if !found {
		return fmt.Errorf("%s: %w", name, ErrNoHTML)
	}
	return nil
}

// whole gives a record of which some fields were kept only what --emit and the
// encoder go by.
func whole(r *output.Record) *output.Record {
	if r.Outcome == "" {
		r.Outcome, r.Bytes = output.Fetched, -1
	}
	return r
}

const records = "application/jsonl"

// mediaType is that of a file by its name; "" is none that is read.
func mediaType(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html", ".htm":
		return "text/html"
	case ".xhtml":
		return "application/xhtml+xml"
	case ".xml", ".rss", ".atom":
		return "application/xml"
	case ".json":
		return "application/json"
	case ".txt", ".md":
		return "text/plain"
	case ".jsonl", ".ndjson":
		return records
	}
	return ""
}

// sniff is the media type of a body by its first bytes.
func sniff(body []byte) string {
	start := bytes.TrimLeft(body, " \t\r\n\ufeff")
	if len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		return "application/json"
	}
	kind, _, _ := strings.Cut(http.DetectContentType(start), ";")
	if kind == "text/plain" && len(start) > 0 && start[0] == '<' {
		return "text/html"
	}
	return kind
}
