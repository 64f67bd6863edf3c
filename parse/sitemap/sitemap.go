// Package sitemap reads sitemaps as a stream of entries.
//
// What a body is, its own bytes say, for servers label sitemaps in every way: a urlset or a sitemapindex (with any
// namespace or none), RSS 2.0, Atom, or a plain list of one URL a line; any of them in gzip; in any charset that it
// declares. HTML, the usual answer of a site without a sitemap, is told apart.
//
//	body ─► gunzip ─► at most MaxSize ─► UTF-8 ─► 64 KiB window ─► scanner ─► items ─► yield
//
// Nothing is held but that window and the entry being read, a few hundred KiB in all whatever the input. The scanner is not
// encoding/xml because that holds each token whole (a comment of 50 MiB) and stops at the first fault; this one goes on, so
// that a sitemap with one bad line still gives the others. It knows no document type: entities beyond XML's five and
// character references stay as they are written, so nothing expands and nothing outside is read.
package sitemap

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trawl-crawler/trawl/parse/charset"
	"github.com/trawl-crawler/trawl/parse/internal/contain"
)

// The limits of one file. The first two are the protocol's own (sitemaps.org, "Sitemap file guidelines").
const (
	MaxEntries = 50_000   // entries
	MaxSize    = 50 << 20 // bytes, after decompression
	MaxValue   = 16 << 10 // bytes of one Loc; an entry with a longer one is passed over
)

// What Parse's errors wrap.
var (
	ErrNotSitemap = errors.New("not a sitemap")
	ErrTooMany    = fmt.Errorf("more than %d entries, the rest is not read; it should be split under a sitemap index", MaxEntries)
	ErrTooLarge   = fmt.Errorf("larger than %d MiB when decompressed, the rest is not read; it should be split under a sitemap index", MaxSize>>20)
	ErrBroken     = errors.New("broken")
)

// Entry is one URL that a sitemap names.
type Entry struct {
	Loc        string    // as written, trimmed, its entities decoded; never empty. Not resolved: Atom may have a relative one
	LastMod    time.Time // in UTC; zero when absent or unreadable
	ChangeFreq string    // as written, or empty
	Priority   float64   // 0 to 1; -1 when absent or no such number
	Index      bool      // Loc is another sitemap
}

// Parse calls yield for each entry of body, in order, until yield says false; that is no error.
//
// Entries come as they are read, before it is known whether the rest is sound. So an error does not take back what was
// yielded: it is one of the errors above, or of the decompression, and says why there may be less than the author meant.
// That is also why this is a function with a callback and not an iter.Seq2: the error belongs to the file, it comes once and
// last, and a loop over pairs would have a nil beside every entry.
//
// ErrNotSitemap comes without any entry. After ErrBroken (faults in the XML, lines that are no URL, a file that ends too
// soon) every entry that could be read was yielded; after a panic, which is ErrBroken too, those before it.
func Parse(body []byte, yield func(Entry) bool) (err error) {
	if panicked := contain.Run(func() { err = parse(body, yield) }); panicked != nil {
		return fmt.Errorf("%w: %w", ErrBroken, panicked)
	}
	return err
}

func parse(body []byte, yield func(Entry) bool) error {
	r, err := open(body)
	if err != nil {
		return err
	}
	peeked, readErr := r.Peek(peekSize)
	head := bytes.Clone(peeked) // the window moves on
	out := &sink{yield: yield}
	switch sniff(head) {
	case xmlText:
		err = parseXML(r, out)
	case urlList:
		err = parseList(r, out)
	default:
		err = notSitemap(head, readErr)
	}
	switch {
	case errors.Is(err, errStopped):
		return nil
	case errors.Is(err, ErrNotSitemap) && looksHTML(head):
		return fmt.Errorf("%w: looks like HTML; the server may answer so for any unknown path", ErrNotSitemap)
	}
	return err
}

// errStopped is how a yield that said false unwinds the reading.
var errStopped = errors.New("stopped")

// sink hands out the entries and counts them.
type sink struct {
	yield func(Entry) bool
	n     int
}

func (s *sink) put(e Entry) error {
	if s.n == MaxEntries {
		return fmt.Errorf("sitemap: %w", ErrTooMany)
	}
	s.n++
	if !s.yield(e) {
		return errStopped
	}
	return nil
}

// windowSize is how much of the decoded text is in memory; peekSize is the start by which it is recognised.
const (
	windowSize = 64 << 10
	peekSize   = 4 << 10
)

// open gives body as a stream of UTF-8 of at most MaxSize bytes, decompressed.
func open(body []byte) (*bufio.Reader, error) {
	var raw io.Reader = bytes.NewReader(body)
	if bytes.HasPrefix(body, []byte("\x1f\x8b")) {
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, fmt.Errorf("sitemap: it begins as gzip: %w", err)
		}
		raw = unzipped
	}
	file := bufio.NewReader(&capped{r: raw, left: MaxSize})
	head, _ := file.Peek(peekSize) // an error comes again when the reading gets there
	text, err := charsetOf(head).NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("sitemap: %w", err)
	}
	return bufio.NewReaderSize(text, windowSize), nil
}

// charsetOf hears what the file says of itself. What says nothing is UTF-8, the default of XML and the rule of sitemaps:
// a guess from the start of it would be no better.
func charsetOf(head []byte) charset.Detected {
	d := charset.Detect(head, "application/xml")
	if d.Source == charset.Content && d.Name == "windows-1252" {
		d.Name = "utf-8"
	}
	return d
}

// capped fails with ErrTooLarge when there is more than left. io.LimitReader would let it end in silence.
type capped struct {
	r    io.Reader
	left int
}

func (c *capped) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.r.Read(p[:min(len(p), c.left+1)])
	if n > c.left {
		n, err = c.left, ErrTooLarge
	}
	c.left -= n
	return n, err
}
