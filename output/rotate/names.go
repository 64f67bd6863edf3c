package rotate

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trawl-crawler/trawl/output"
)

// names are the files that a name stands for.
type names struct {
	whole, dir, stem, ext string
	like                  *regexp.Regexp
}

// A place is one of them; the zero place is before the first.
type place struct {
	begun  time.Time
	number int
	part   bool
	new    bool // … of which nothing is committed
}

const (
	stamp  = "20060102T150405Z"
	partly = ".part"
	newly  = ".new" // before it
)

func namesOf(name string) names {
	n := names{whole: name, dir: filepath.Dir(name), ext: filepath.Ext(name)}
	n.stem = strings.TrimSuffix(filepath.Base(name), n.ext)
	if n.stem == "" { // .hidden has no extension
		n.stem, n.ext = n.ext, ""
	}
	n.like = regexp.MustCompile(`^` + regexp.QuoteMeta(n.stem) + `-(\d{8}T\d{6}Z)-(\d{4,})` + regexp.QuoteMeta(n.ext) + `((?:\.new)?\.part)?$`)
	return n
}

func (n *names) base(p place) string {
	name := fmt.Sprintf("%s-%s-%04d%s", n.stem, p.begun.Format(stamp), p.number, n.ext)
	if p.part && p.new {
		name += newly
	}
	if p.part {
		name += partly
	}
	return name
}

func (n *names) path(p place) string { return filepath.Join(n.dir, n.base(p)) }

func (n *names) parse(base string) (p place, ok bool) {
	m := n.like.FindStringSubmatch(base)
	if m == nil {
		return p, false
	}
	begun, timeErr := time.Parse(stamp, m[1])
	number, err := strconv.Atoi(m[2])
	return place{begun: begun, number: number, part: m[3] != "", new: strings.HasPrefix(m[3], newly)}, timeErr == nil && err == nil
}

// list finds those that are there.
func (n *names) list() (all []place, _ error) {
	entries, err := os.ReadDir(n.dir)
	if err != nil {
		return nil, fmt.Errorf("output %q: %w: make its directory first", n.whole, err)
	}
	for _, e := range entries {
		if p, ok := n.parse(e.Name()); ok {
			all = append(all, p)
		}
	}
	return all, nil
}

func last(all []place) place {
	if len(all) == 0 {
		return place{}
	}
	return slices.MaxFunc(all, func(a, b place) int { return cmp.Compare(a.number, b.number) })
}

// A mark is the name of a file and its own sink's mark, or the name alone when
// the next file was not begun.
func (s *Sink) markOf(inner output.Mark) output.Mark {
	at := s.at
	at.part, at.new = false, false
	return output.Mark(s.names.base(at) + " " + string(inner))
}

func (n *names) parseMark(m output.Mark) (p place, inner output.Mark, err error) {
	base, rest, ok := strings.Cut(string(m), " ")
	p, known := n.parse(base)
	if !ok || !known {
		return p, "", errors.New("the crawl's mark " + strconv.Quote(string(m)) + " is not of its files")
	}
	return p, output.Mark(rest), nil
}
